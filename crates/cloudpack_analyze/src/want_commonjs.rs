//! What is wanted of a CommonJS module: single names of one that is cut into sections, or everything. A module that is
//! another one (`module.exports = require("./a")`) passes on what is wanted of it.

use crate::mark_live::Marker;
use crate::resolve_exports::{Found, Target};
use cloudpack_base::{ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_summary::{CommonJsExports, ImportName, ModuleFlags, SymbolFlags, SymbolKind, member_path};

/// What the default import of a CommonJS module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultImport {
    /// `module.exports`
    Whole,
    /// `module.exports.default`
    Property,
    /// Only running the module tells.
    Unknown,
}

/// Longer chains of modules that are other modules are wanted whole. They may be circles.
const LONGEST_FORWARD: usize = 32;

/// What every object has; some of it tells what else the object has: `exports.hasOwnProperty("a")`.
const COMMON_NAMES: &[&str] = &[
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

impl<'a> Marker<'_, 'a> {
    /// The CommonJS module whose namespace an interop variable holds.
    pub(crate) fn required_by(&self, symbol: SymbolRef) -> Option<ModuleIdx> {
        match self.graph.summary(symbol.module)?.symbols.get(symbol.symbol)?.kind {
            SymbolKind::Interop { request } => {
                self.graph.target(symbol.module, request).filter(|target| self.graph.is_commonjs(*target))
            }
            _ => None,
        }
    }

    fn known_exports(&self, module: ModuleIdx) -> Option<&'a CommonJsExports> {
        self.graph.summary(module)?.commonjs.as_deref()
    }

    /// The module that a CommonJS module is, and whether it is one of CommonJS with known exports.
    fn forwarded(&self, mut module: ModuleIdx) -> Option<ModuleIdx> {
        for _ in 0..LONGEST_FORWARD {
            match self.known_exports(module)?.forward {
                Some(request) => {
                    module = self.graph.target(module, request).filter(|target| self.graph.is_commonjs(*target))?;
                }
                None => return Some(module),
            }
        }
        None
    }

    pub(crate) fn default_import(&self, importer: ModuleIdx, module: ModuleIdx) -> DefaultImport {
        if self.options.default_is_module || self.graph.has_flag(importer, ModuleFlags::NODE_ESM) {
            return DefaultImport::Whole;
        }
        let Some(module) = self.forwarded(module) else { return DefaultImport::Unknown };
        if !self.graph.has_flag(module, ModuleFlags::ES_MODULE_MARKER) {
            return DefaultImport::Whole;
        }
        let is_marked = self.known_exports(module).is_some_and(|known| known.symbol("__esModule").is_some());
        if is_marked { DefaultImport::Property } else { DefaultImport::Unknown }
    }

    pub(crate) fn want_whole(&mut self, module: ModuleIdx) {
        if !self.wanted_whole.insert(module) {
            return;
        }
        self.reach(module);
        let Some(summary) = self.graph.summary(module) else { return };
        for section in summary.sections.indices() {
            self.want_section(module, section);
        }
        if let Some(request) = summary.commonjs.as_ref().and_then(|known| known.forward)
            && let Some(target) = self.graph.target(module, request).filter(|target| self.graph.is_commonjs(*target))
        {
            self.want_whole(target);
        }
    }

    /// `name` of `module.exports`.
    pub(crate) fn want_property(&mut self, module: ModuleIdx, name: &str, keeps_receiver: bool) {
        self.reach(module);
        // Of what is no CommonJS module with known exports, everything is there already, or is wanted by the `require()`.
        let Some(end) = self.forwarded(module) else { return self.want_whole(module) };
        let Some(known) = self.known_exports(end) else { return self.want_whole(module) };
        let may_use_this = |symbol| {
            let kind =
                self.graph.summary(end).and_then(|summary| summary.symbols.get(symbol)).map(|symbol| &symbol.kind);
            !matches!(kind, Some(SymbolKind::Declared { flags, .. }) if !flags.contains(SymbolFlags::MAY_USE_THIS))
        };
        match known.symbol(name) {
            Some(symbol) if keeps_receiver && may_use_this(symbol) => self.want_whole(module),
            Some(symbol) => {
                self.reach(end);
                self.want_symbol(SymbolRef::new(end, symbol));
            }
            None if keeps_receiver || COMMON_NAMES.binary_search(&name).is_ok() => self.want_whole(module),
            None => {}
        }
    }

    /// `x.name` where `x` is imported and no namespace object; `object` is what `x` is.
    pub(crate) fn keep_member(&mut self, symbol: SymbolRef, object: &Found<'_>, is_called: bool) {
        if let Some((required, first, name)) = self.member_of_default(symbol, object) {
            if let Target::Property { object, .. } = object.target {
                self.want_symbol(object);
            }
            // Of `x.a.b()` it is `x.a` that is passed as `this`.
            self.want_property(required, name, is_called && first == symbol.symbol);
            return self.keep_path(object);
        }
        if let Some((plain, _)) = self.reads.constant(symbol, is_called)
            && self.options.inline_constants
        {
            // Copied, unless somebody has the object, who then wants it.
            self.reach(plain.module);
            return self.keep_path(object);
        }
        if let Some(plain) = self.reads.plain(symbol, is_called) {
            self.want_symbol(plain);
            return self.keep_path(object);
        }
        self.keep_found(object, false);
    }

    /// Of `x.a.b` where `x` is `module.exports` of a CommonJS module: that module, `x.a` and `a`.
    fn member_of_default(&self, symbol: SymbolRef, object: &Found<'_>) -> Option<(ModuleIdx, SymbolIdx, &'a str)> {
        let Target::Property { object, property: "default" } = object.target else { return None };
        let required = self.required_by(object)?;
        if self.default_import(object.module, required) != DefaultImport::Whole {
            return None;
        }
        let summary = self.graph.summary(symbol.module)?;
        let first = member_path(&summary.symbols, symbol.symbol)
            .filter(|member| {
                let member = SymbolRef::new(symbol.module, *member);
                self.bindings.import(member).is_some_and(|bound| bound.is_property)
            })
            .last()?;
        match &summary.symbols.get(first)?.kind {
            SymbolKind::Import { name: ImportName::Named(name), .. } => Some((required, first, name)),
            _ => None,
        }
    }
}
