//! Runtime helpers: code shipped once per chunk that needs it, in a readable and in a short form. The plan's own list
//! is not read: what a chunk needs follows from what Link prints in it, and that depends on the output format.
//!
//! All of it runs without `eval` (strict content security policies), reads nothing from the document that an
//! attacker could replace by an element with a name, and asks for ES2015 only.

mod asynchronous;

use crate::input::{Format, NamespaceTags, Platform};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Helper {
    /// `__copyProps(target, source, except)`: live getters for the properties of `source` that `target` lacks.
    CopyProps,
    /// `__export(getters, target)`: a namespace object, or the same getters on `target`.
    Export,
    /// `__reExport(target, namespace)`: `export *` of names known at run time.
    ReExport,
    /// `__commonJS(factory)`: runs a CommonJS module once; one that threw runs again, as in Node.
    CommonJs,
    /// `__esm(run)`: runs a lazily run ES module once; one that threw throws the same again, as ECMA-262 asks.
    Esm,
    /// `__async(list, run, awaits)`: the same for a module that awaits or depends on one that does. `list` gives what its
    /// static requests run, in order: functions that other calls of `__async` made, and others, which are called.
    Async,
    /// `__toESM(exports, nodeMode)`: the namespace of a CommonJS module.
    ToEsm,
    /// `__toCommonJS(namespace)`: what `require()` of an ES module gives; the same object each time.
    ToCommonJs,
    /// `__require`: `require`, where the format has none of its own.
    Require,
    /// `__preload(styleSheets, load)`: `import()` of a chunk that brings style sheets.
    Preload,
}

impl Helper {
    /// In the order in which they are defined.
    pub(crate) const ALL: [Self; 10] = [
        Self::CopyProps,
        Self::Export,
        Self::ReExport,
        Self::CommonJs,
        Self::Esm,
        Self::Async,
        Self::ToEsm,
        Self::ToCommonJs,
        Self::Require,
        Self::Preload,
    ];

    pub(crate) fn base_name(self) -> &'static str {
        match self {
            Self::CopyProps => "__copyProps",
            Self::Export => "__export",
            Self::ReExport => "__reExport",
            Self::CommonJs => "__commonJS",
            Self::Esm => "__esm",
            Self::Async => "__async",
            Self::ToEsm => "__toESM",
            Self::ToCommonJs => "__toCommonJS",
            Self::Require => "__require",
            Self::Preload => "__preload",
        }
    }
}

/// A set of helpers, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HelperSet(u16);

impl HelperSet {
    /// With all that `helper` calls.
    pub(crate) fn insert(&mut self, helper: Helper) {
        self.0 |= 1 << helper as u16;
        if matches!(helper, Helper::ReExport | Helper::ToEsm | Helper::ToCommonJs) {
            self.insert(Helper::CopyProps);
        }
    }
    pub(crate) fn union(&mut self, other: Self) {
        self.0 |= other.0;
    }
    pub(crate) fn contains(self, helper: Helper) -> bool {
        self.0 & (1 << helper as u16) != 0
    }
    pub(crate) fn iter(self) -> impl Iterator<Item = Helper> {
        Helper::ALL.into_iter().filter(move |helper| self.contains(*helper))
    }
}

/// How `__require` comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequireForm {
    /// `createRequire(import.meta.url)`, with an import of `node:module` at the head of the chunk.
    CreateRequire,
    /// A global `require` if there is one; else a function that says what is wrong.
    Global,
}

pub(crate) fn require_form(format: Format, platform: Platform) -> RequireForm {
    if format == Format::Es && platform == Platform::Node { RequireForm::CreateRequire } else { RequireForm::Global }
}

/// The definition of `helper`. `name_of` gives final names; `create_require` the local name of that import;
/// `own_url` an expression.
pub(crate) fn definition(
    helper: Helper,
    minify: bool,
    symbols: NamespaceTags,
    require_form: RequireForm,
    name_of: &dyn Fn(Helper) -> String,
    create_require: &str,
    own_url: &str,
) -> String {
    let template = match (helper, minify) {
        (Helper::CopyProps, false) => COPY_PROPS,
        (Helper::CopyProps, true) => COPY_PROPS_SHORT,
        (Helper::Export, false) => EXPORT,
        (Helper::Export, true) => EXPORT_SHORT,
        (Helper::ReExport, false) => RE_EXPORT,
        (Helper::ReExport, true) => RE_EXPORT_SHORT,
        (Helper::CommonJs, false) => COMMON_JS,
        (Helper::CommonJs, true) => COMMON_JS_SHORT,
        (Helper::Esm, false) => ESM,
        (Helper::Esm, true) => ESM_SHORT,
        (Helper::Async, false) => asynchronous::ASYNC,
        (Helper::Async, true) => asynchronous::ASYNC_SHORT,
        (Helper::ToEsm, false) => TO_ESM,
        (Helper::ToEsm, true) => TO_ESM_SHORT,
        (Helper::ToCommonJs, false) => TO_COMMON_JS,
        (Helper::ToCommonJs, true) => TO_COMMON_JS_SHORT,
        (Helper::Require, _) if require_form == RequireForm::CreateRequire => {
            let assign = if minify { "=" } else { " = " };
            let end = if minify { ";" } else { ";\n" };
            return format!("var {}{assign}{create_require}({own_url}){end}", name_of(helper));
        }
        (Helper::Require, false) => REQUIRE,
        (Helper::Require, true) => REQUIRE_SHORT,
        (Helper::Preload, false) => PRELOAD,
        (Helper::Preload, true) => PRELOAD_SHORT,
    };
    let text = template.replace("NAME", &name_of(helper)).replace("COPY", &name_of(Helper::CopyProps));
    if helper != Helper::Export {
        return text;
    }
    let namespace = namespace_object(symbols, minify);
    // The short form has a short name for `Object`.
    text.replace("BLANK", &if minify { namespace.replace("Object", "n") } else { namespace })
}

/// A namespace without names.
pub(crate) fn namespace_object(symbols: NamespaceTags, minify: bool) -> String {
    match symbols {
        NamespaceTags::None => "Object.create(null)".to_owned(),
        NamespaceTags::All | NamespaceTags::Namespaces => tagged("Object.create(null)", minify),
    }
}

/// `object` says of itself what a namespace says.
pub(crate) fn tagged(object: &str, minify: bool) -> String {
    match minify {
        true => format!("Object.defineProperty({object},Symbol.toStringTag,{{value:\"Module\"}})"),
        false => format!("Object.defineProperty({object}, Symbol.toStringTag, {{ value: \"Module\" }})"),
    }
}

const COPY_PROPS: &str = r#"var NAME = (target, source, except) => {
	if (Object(source) === source) for (const key of Object.getOwnPropertyNames(source)) {
		if (key === except || Object.prototype.hasOwnProperty.call(target, key)) continue;
		Object.defineProperty(target, key, {
			get: () => source[key],
			enumerable: Object.prototype.propertyIsEnumerable.call(source, key)
		});
	}
	return target;
};
"#;
const COPY_PROPS_SHORT: &str = r#"var NAME=(e,t,n,r=Object,i=r.prototype)=>{if(r(t)===t)for(let a of r.getOwnPropertyNames(t))a===n||i.hasOwnProperty.call(e,a)||r.defineProperty(e,a,{get:()=>t[a],enumerable:i.propertyIsEnumerable.call(t,a)});return e};"#;

// A namespace object has no prototype and takes no further properties; one that `__reExport` fills must, so it is
// handed in.
const EXPORT: &str = r#"var NAME = (getters, target) => {
	const object = target || BLANK;
	for (const key of Object.keys(getters)) Object.defineProperty(object, key, { get: getters[key], enumerable: true });
	return target || Object.preventExtensions(object);
};
"#;
const EXPORT_SHORT: &str = r#"var NAME=(e,t,n=Object,r=t||BLANK)=>{for(let t of n.keys(e))n.defineProperty(r,t,{get:e[t],enumerable:!0});return t||n.preventExtensions(r)};"#;

const RE_EXPORT: &str = r#"var NAME = (target, namespace) => COPY(target, namespace, "default");
"#;
const RE_EXPORT_SHORT: &str = r#"var NAME=(e,t)=>COPY(e,t,"default");"#;

// The factory arrives as the only method of an object whose key is the module's path: stack traces then show it.
const COMMON_JS: &str = r#"var NAME = (factory, module) => () => {
	if (!module) {
		module = { exports: {} };
		try {
			factory[Object.keys(factory)[0]](module.exports, module);
		} catch (error) {
			module = undefined;
			throw error;
		}
	}
	return module.exports;
};
"#;
const COMMON_JS_SHORT: &str =
    r#"var NAME=(e,t)=>()=>{if(!t)try{e((t={exports:{}}).exports,t)}catch(e){throw t=0,e}return t.exports};"#;

// `run` is cleared first: a cycle that comes back while the module runs must find it started.
const ESM: &str = r#"var NAME = (run, result, failure) => () => {
	if (run) {
		const first = run;
		run = undefined;
		try {
			result = first();
		} catch (error) {
			failure = { error };
		}
	}
	if (failure) throw failure.error;
	return result;
};
"#;
const ESM_SHORT: &str = r#"var NAME=(e,t,n)=>()=>{if(e)try{t=e(e=0)}catch(e){n={e}}if(n)throw n.e;return t};"#;

const TO_ESM: &str = r#"var NAME = (exports, nodeMode) => {
	const target = exports == null ? {} : Object.create(Object.getPrototypeOf(exports));
	if (nodeMode || !exports || !exports.__esModule) Object.defineProperty(target, "default", { value: exports, enumerable: true });
	return COPY(target, exports);
};
"#;
const TO_ESM_SHORT: &str = r#"var NAME=(e,t,n=Object,r=e==null?{}:n.create(n.getPrototypeOf(e)))=>((t||!e||!e.__esModule)&&n.defineProperty(r,"default",{value:e,enumerable:!0}),COPY(r,e));"#;

// "module.exports" as an export name is Node's way for an ES module to say what `require()` gives.
const TO_COMMON_JS: &str = r#"var NAME = ((views) => (namespace) => {
	if ("module.exports" in namespace) return namespace["module.exports"];
	let view = views.get(namespace);
	if (!view) {
		view = COPY(Object.defineProperty({}, "__esModule", { value: true }), namespace);
		views.set(namespace, view);
	}
	return view;
})(new WeakMap());
"#;
const TO_COMMON_JS_SHORT: &str = r#"var NAME=(e=>(t,n)=>"module.exports"in t?t["module.exports"]:((n=e.get(t))||e.set(t,n=COPY(Object.defineProperty({},"__esModule",{value:!0}),t)),n))(new WeakMap);"#;

const REQUIRE: &str = r#"var NAME = typeof require === "function" ? require : (id) => {
	throw Object.assign(new Error("Cannot require \"" + id + "\": there is no require() here"), { code: "MODULE_NOT_FOUND" });
};
"#;
const REQUIRE_SHORT: &str = r#"var NAME=typeof require=="function"?require:e=>{throw Object.assign(Error('Cannot require "'+e+'": there is no require() here'),{code:"MODULE_NOT_FOUND"})};"#;

// A style sheet that fails to load does not keep the code from running: a plain page beats a blank one.
const PRELOAD: &str = r#"var NAME = ((started) => (urls, load) => {
	if (typeof document === "undefined") return load();
	const loadStyle = (url) => {
		const link = document.createElement("link");
		link.rel = "stylesheet";
		link.href = url;
		for (const other of document.querySelectorAll("link[rel=stylesheet]")) if (other.href === link.href) return;
		document.head.appendChild(link);
		return new Promise((resolve) => { link.onload = link.onerror = resolve; });
	};
	return Promise.all([load(), ...urls.map((url) => started.has(url) ? started.get(url) : started.set(url, loadStyle(url)).get(url))]).then((all) => all[0]);
})(new Map());
"#;
const PRELOAD_SHORT: &str = r#"var NAME=(e=>(t,n)=>{if(typeof document=="undefined")return n();let r=e=>{let t=document.createElement("link");t.rel="stylesheet";t.href=e;for(let e of document.querySelectorAll("link[rel=stylesheet]"))if(e.href===t.href)return;document.head.appendChild(t);return new Promise(e=>{t.onload=t.onerror=e})};return Promise.all([n(),...t.map(t=>e.has(t)?e.get(t):e.set(t,r(t)).get(t))]).then(e=>e[0])})(new Map);"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_brings_the_helpers_that_it_calls() {
        let mut set = HelperSet::default();
        set.insert(Helper::ToEsm);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Helper::CopyProps, Helper::ToEsm]);
    }

    #[test]
    fn the_short_form_is_the_shorter_one() {
        for helper in Helper::ALL {
            let text = |minify| {
                definition(helper, minify, NamespaceTags::Namespaces, RequireForm::Global, &|_| "x".to_owned(), "", "")
            };
            assert!(text(true).len() < text(false).len(), "{helper:?}");
        }
    }
}
