//! The text of `import()`, `require()`, `new URL()` and worker requests.

use super::patch::Patcher;
use super::pick;
use crate::address::Scope;
use crate::exports::EntryShape;
use crate::helpers::{Helper, tagged};
use crate::input::{Format, LinkModule, NamespaceTags};
use crate::quote;
use crate::survey::default_of;
use cloudpack_base::{ChunkIdx, ModuleIdx, SymbolRef};
use cloudpack_object::{AssetObject, Relocation, RelocationKind};
use cloudpack_plan::{Binding, ImportThen, RequestAction, RequestPlan, Wrap};
use cloudpack_summary::{ImportRecord, NAMESPACE_SYMBOL, WRAPPER_SYMBOL};

impl Patcher<'_, '_> {
    pub(super) fn push_request(&mut self, relocation: &Relocation) {
        let (Some(plan), Some(record)) =
            (self.plan.requests.get(relocation.request()), self.code.summary.requests.get(relocation.request()))
        else {
            debug_assert!(false, "{:?} has no {:?}", self.module, relocation.request());
            return;
        };
        // The printer saw a name here; `new a()` is no longer what it was once `a` is a call.
        let after_new = self.out.ends_with("new ");
        if after_new {
            self.out.push('(');
        }
        self.push_request_text(relocation, plan, record);
        if after_new {
            self.out.push(')');
        }
    }

    fn push_request_text(&mut self, relocation: &Relocation, plan: &RequestPlan, record: &ImportRecord) {
        let scope = self.scope;
        match (relocation.kind, &plan.action, plan.target) {
            (RelocationKind::DynamicImport, action, target) => {
                let text = scope.dynamic_import(action, target, record);
                self.out.push_str(&text);
            }
            (RelocationKind::NewUrl | RelocationKind::WorkerUrl, action, target) => {
                scope.push_url_request(&mut self.out, action, target, record);
            }
            (RelocationKind::Url, _, target) => scope.push_url_in_literal(&mut self.out, target, record),
            (_, RequestAction::RequireCjs, Some(target)) => {
                self.out.push_str(&scope.symbol(target, WRAPPER_SYMBOL));
                self.out.push_str("()");
            }
            (_, RequestAction::RequireEsm, Some(target)) => {
                let wrapped = scope.input.plan.modules[target].wrap != Wrap::None;
                if wrapped {
                    self.out.push('(');
                    self.out.push_str(&scope.symbol(target, WRAPPER_SYMBOL));
                    self.out.push_str(pick(scope.minify, "(), ", "(),"));
                }
                scope.push_helper(&mut self.out, Helper::ToCommonJs);
                self.out.push('(');
                self.out.push_str(&scope.symbol(target, NAMESPACE_SYMBOL));
                self.out.push(')');
                if wrapped {
                    self.out.push(')');
                }
            }
            (_, RequestAction::RequireDefault, Some(target)) => {
                let target_plan = &scope.input.plan.modules[target];
                self.out.push('(');
                if target_plan.wrap != Wrap::None {
                    self.out.push_str(&scope.symbol(target, WRAPPER_SYMBOL));
                    self.out.push_str(pick(scope.minify, "(), ", "(),"));
                }
                scope.push_binding(&mut self.out, default_of(target_plan).unwrap_or(&Binding::Undefined));
                self.out.push(')');
            }
            (RelocationKind::RequireResolve, _, target) => {
                self.push_require();
                self.out.push_str(".resolve(");
                let id = target.filter(|target| scope.input.modules[*target].code.is_none());
                let specifier = id.map_or_else(|| record.specifier.to_string(), |id| scope.external_specifier(id));
                quote::push_string(&mut self.out, &specifier);
                self.out.push(')');
            }
            (_, RequestAction::External, Some(target)) => {
                self.push_require();
                self.out.push('(');
                quote::push_string(&mut self.out, &scope.external_specifier(target));
                self.out.push(')');
            }
            _ => {
                let thrown = scope.throw_not_found(record);
                self.out.push_str(&format!("(() => {{ {thrown} }})()"));
            }
        }
    }
}

impl Scope<'_, '_> {
    /// How the chunk names an external module. A file that was left out is reached from the chunk's place.
    pub(crate) fn external_specifier(&self, module: ModuleIdx) -> String {
        let LinkModule { id, is_left_out, .. } = self.input.modules[module];
        if !is_left_out {
            return id.to_owned();
        }
        let options = self.input.options;
        let place = options.place_for_left_out.as_ref().unwrap_or(&options.dir);
        if let Some(engine) = &options.for_engine {
            return crate::urls::name_outside(&engine.mentioned_dir, place, id);
        }
        let from = cloudpack_base::path::join(place, &self.files.preliminary[self.chunk]);
        crate::urls::relative_specifier(&from, id)
    }

    fn throw_not_found(&self, record: &ImportRecord) -> String {
        let message = quote::string(&format!("Cannot find module \"{}\"", record.specifier));
        format!("throw Object.assign(new Error({message}), {{ code: \"MODULE_NOT_FOUND\" }});")
    }

    fn dynamic_import(&self, action: &RequestAction, target: Option<ModuleIdx>, record: &ImportRecord) -> String {
        let arrow = pick(self.minify, " => ", "=>");
        let comma = pick(self.minify, ", ", ",");
        match (action, target) {
            (RequestAction::ImportChunk { chunk, then }, _) => {
                let load = self.load_chunk(*chunk);
                let entry = self.input.plan.chunks[*chunk].entry.or(target);
                let Some(module) = target.or(entry) else { return load };
                // The parameter must not hide the helper that is called beside it.
                let helper = self.own.helper(Helper::ToEsm).to_string();
                let m = if helper == "m" { "t" } else { "m" };
                let is_entry = self.input.plan.chunks[*chunk].entry == target;
                let member = |symbol| {
                    let mut out = m.to_owned();
                    self.push_alias_member(&mut out, *chunk, SymbolRef::new(module, symbol));
                    out
                };
                let parameter = if self.minify { m.to_owned() } else { format!("({m})") };
                match then {
                    ImportThen::Chunk => load,
                    ImportThen::CommonJs { node_mode } => {
                        // An entry offers its `module.exports` as the default export.
                        let value = if is_entry { format!("{m}.default") } else { member(WRAPPER_SYMBOL) + "()" };
                        let mode = if *node_mode { format!("{comma}1") } else { String::new() };
                        format!("{load}.then({parameter}{arrow}{helper}({value}{mode}))")
                    }
                    ImportThen::Namespace => {
                        let namespace = member(NAMESPACE_SYMBOL);
                        let plan = &self.input.plan.modules[module];
                        if plan.wrap == Wrap::None {
                            return format!("{load}.then({parameter}{arrow}{namespace})");
                        }
                        let init = member(WRAPPER_SYMBOL);
                        if plan.is_async {
                            return format!("{load}.then({parameter}{arrow}{init}().then((){arrow}{namespace}))");
                        }
                        format!("{load}.then({parameter}{arrow}({init}(){comma}{namespace}))")
                    }
                }
            }
            (RequestAction::ImportInline { then }, Some(target)) => {
                let plan = &self.input.plan.modules[target];
                let start = format!("Promise.resolve().then((){arrow}");
                if let ImportThen::CommonJs { node_mode } = then {
                    let mode = if *node_mode { format!("{comma}1") } else { String::new() };
                    let wrapper = self.symbol(target, WRAPPER_SYMBOL);
                    return format!("{start}{}({wrapper}(){mode}))", self.own.helper(Helper::ToEsm));
                }
                let namespace = self.symbol(target, NAMESPACE_SYMBOL);
                if plan.wrap == Wrap::None {
                    return format!("{start}{namespace})");
                }
                let init = self.symbol(target, WRAPPER_SYMBOL);
                if plan.is_async {
                    return format!("{start}{init}()).then((){arrow}{namespace})");
                }
                format!("{start}({init}(){comma}{namespace}))")
            }
            (RequestAction::External, Some(target)) => {
                let mut out = "import(".to_owned();
                quote::push_string(&mut out, &self.external_specifier(target));
                if !record.attributes.is_empty() {
                    out.push_str(comma);
                    out.push_str(pick(self.minify, "{ with: ", "{with:"));
                    out.push_str(&attributes(&record.attributes, self.minify));
                    out.push_str(pick(self.minify, " }", "}"));
                }
                out.push(')');
                out
            }
            _ => format!("Promise.resolve().then((){arrow}{{ {} }})", self.throw_not_found(record)),
        }
    }

    /// The namespace of a file whose `module.exports` is its default export.
    fn namespace_of_value(&self, specifier: &str) -> String {
        let object = match self.minify {
            true => format!("{{__proto__:null,default:require({specifier})}}"),
            false => format!("{{ __proto__: null, default: require({specifier}) }}"),
        };
        if self.input.options.symbols == NamespaceTags::All { tagged(&object, self.minify) } else { object }
    }

    /// A promise of the chunk's exports.
    fn load_chunk(&self, chunk: ChunkIdx) -> String {
        let arrow = pick(self.minify, " => ", "=>");
        let specifier = quote::string(&self.specifier_of_chunk(chunk));
        if self.format == Format::Cjs {
            let required = match self.entries[chunk].shape {
                EntryShape::Default | EntryShape::CommonJs => format!("({})", self.namespace_of_value(&specifier)),
                EntryShape::None | EntryShape::Named => format!("require({specifier})"),
            };
            return format!("Promise.resolve().then((){arrow}{required})");
        }
        let load = format!("import({specifier})");
        let style_sheets = &self.survey.style_sheets[chunk];
        if style_sheets.is_empty() || self.format != Format::Es {
            return load;
        }
        let mut out = String::new();
        self.push_helper(&mut out, Helper::Preload);
        out.push_str("([");
        for (at, file) in style_sheets.iter().enumerate() {
            if at > 0 {
                out.push_str(pick(self.minify, ", ", ","));
            }
            self.push_url_string(&mut out, file);
        }
        out.push_str(&format!("]{}(){arrow}{load})", pick(self.minify, ", ", ",")));
        out
    }

    fn push_url_request(
        &self,
        out: &mut String,
        action: &RequestAction,
        target: Option<ModuleIdx>,
        record: &ImportRecord,
    ) {
        if let RequestAction::WorkerUrl { chunk } = action {
            return self.push_url_object(out, &self.files.preliminary[*chunk]);
        }
        let is_file = matches!(action, RequestAction::AssetUrl | RequestAction::WorkerBundle);
        let target = target.filter(|_| is_file).map(|target| &self.input.modules[target]);
        let inline = target.and_then(|target| target.code).and_then(|code| code.object.asset.as_deref());
        match (inline, target.and_then(|target| target.asset_file)) {
            (Some(AssetObject::Inline(url)), _) => self.push_new_url(out, url),
            (_, Some(file)) => self.push_url_object(out, file),
            // Not an asset of the graph: as it was written.
            (_, None) => self.push_new_url(out, &record.specifier),
        }
    }
}

impl Scope<'_, '_> {
    /// A URL in the text of a style sheet that is a string (`import css from "./a.css?inline"`). The literal is closed
    /// around it, because the URL may be an expression: `"a{b:url(\"" + new URL(...).href + "\")}"`.
    fn push_url_in_literal(&self, out: &mut String, target: Option<ModuleIdx>, record: &ImportRecord) {
        out.push_str(pick(self.minify, "\" + ", "\"+"));
        let target = target.map(|target| &self.input.modules[target]);
        let asset = target.and_then(|target| target.code).and_then(|code| code.object.asset.as_deref());
        match (asset, target.and_then(|target| target.asset_file)) {
            (Some(AssetObject::Inline(url)), _) => quote::push_string(out, url),
            (_, Some(file)) => self.push_url_string(out, file),
            // Not an asset of the graph: as it was written.
            (_, None) => quote::push_string(out, &record.specifier),
        }
        out.push_str(pick(self.minify, " + \"", "+\""));
    }
}

/// `{ type: "json" }`
pub(crate) fn attributes(list: &[(Box<str>, Box<str>)], minify: bool) -> String {
    let mut out = String::from(pick(minify, "{ ", "{"));
    for (at, (key, value)) in list.iter().enumerate() {
        if at > 0 {
            out.push_str(pick(minify, ", ", ","));
        }
        quote::push_key(&mut out, key);
        out.push_str(pick(minify, ": ", ":"));
        quote::push_string(&mut out, value);
    }
    out.push_str(pick(minify, " }", "}"));
    out
}
