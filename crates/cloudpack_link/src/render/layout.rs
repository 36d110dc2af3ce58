//! Puts a module together: lines of its static requests, the patched sections, the wrapper around them, and the
//! namespace object.

use super::patch::Patcher;
use super::{Piece, pick};
use crate::address::Scope;
use crate::helpers::{Helper, namespace_object};
use crate::input::{Format, ModuleCode};
use crate::quote;
use crate::survey::live_sections;
use cloudpack_base::{ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_object::SectionShape;
use cloudpack_plan::{RequestAction, Wrap};
use cloudpack_summary::{DeclarationKind, NAMESPACE_SYMBOL, SectionFlags, SymbolKind, WRAPPER_SYMBOL};
use rustc_hash::FxHashSet;

pub(super) fn lay_out(scope: &Scope<'_, '_>, module: ModuleIdx, code: ModuleCode<'_>, with_map: bool) -> Piece {
    let mut prelude = String::new();
    let plan = &scope.input.plan.modules[module];
    if plan.needs_namespace && plan.wrap != Wrap::CommonJs {
        push_namespace(scope, module, &mut prelude);
    }
    let mut patcher = Patcher::new(scope, module, code, with_map);
    if !scope.minify {
        patcher.open_region();
    }
    let start = patcher.out.len();
    match plan.wrap {
        Wrap::None => {
            patcher.head_lines();
            patcher.sections(|_| true);
            if plan.pauses {
                patcher.out.push_str("await 0");
                patcher.end_line();
            }
        }
        Wrap::CommonJs => patcher.wrap_common_js(),
        Wrap::Esm if plan.is_async => patcher.wrap_async(),
        Wrap::Esm => patcher.wrap_esm(),
    }
    if patcher.out.len() == start {
        patcher.out.clear();
    } else if !scope.minify {
        patcher.out.push_str("//#endregion\n");
    }
    Piece { prelude, text: patcher.out, segments: patcher.segments, ..Piece::default() }
}

/// `var foo_exports = __export({ a: () => a, ... });`
fn push_namespace(scope: &Scope<'_, '_>, module: ModuleIdx, out: &mut String) {
    let minify = scope.minify;
    out.push_str("var ");
    scope.push_symbol(out, SymbolRef::new(module, NAMESPACE_SYMBOL));
    out.push_str(pick(minify, " = /* @__PURE__ */ ", "="));
    scope.push_helper(out, Helper::Export);
    out.push('(');
    push_getters(scope, module, out);
    if !scope.input.plan.modules[module].runtime_stars.is_empty() {
        // More names come when the module runs.
        out.push_str(pick(minify, ", ", ","));
        out.push_str(&namespace_object(scope.input.options.symbols, minify));
    }
    out.push_str(pick(minify, ");\n", ");"));
}

/// `{ a: () => a, "b-c": () => x.y }` for all exports of `module`.
pub(crate) fn push_getters(scope: &Scope<'_, '_>, module: ModuleIdx, out: &mut String) {
    let list = scope.input.plan.modules[module].exports.iter();
    push_getter_list(scope.minify, out, list.map(|export| (&*export.exported, scope.binding(&export.binding))));
}

pub(crate) fn push_getter_list<'n>(minify: bool, out: &mut String, list: impl Iterator<Item = (&'n str, String)>) {
    out.push('{');
    let mut is_first = true;
    for (name, value) in list {
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        out.push_str(pick(minify, "\n\t", ""));
        quote::push_key(out, name);
        out.push_str(pick(minify, ": () => ", ":()=>"));
        out.push_str(&value);
    }
    if !is_first {
        out.push_str(pick(minify, "\n", ""));
    }
    out.push('}');
}

impl<'x> Patcher<'x, '_> {
    fn open_region(&mut self) {
        self.out.push_str("//#region ");
        // A line break in an id would end the comment.
        let path = self.scope.input.modules[self.module].path.chars();
        self.out
            .extend(path.filter(|character| !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}')));
        self.out.push('\n');
    }

    fn sections(&mut self, wanted: impl Fn(SectionFlags) -> bool) {
        let object = self.code.object;
        // Directives belong at the head of a file or function. The entry's are put there; others are dropped, because
        // the output is strict anyway, except in a CommonJS module of a file that need not be.
        let keeps_directives = self.plan.wrap == Wrap::CommonJs && self.scope.format != Format::Es;
        for (section, range) in live_sections(self.plan, object) {
            let shape = object.sections[section].shape;
            let flags = self.code.summary.sections.get(section).map(|section| section.flags).unwrap_or_default();
            if (shape != SectionShape::Directive || keeps_directives) && wanted(flags) {
                self.section(&range, shape);
            }
        }
    }

    /// What the static requests leave to do where they are evaluated, in their order:
    /// `init_a();`, `var import_b = __toESM(require_b());`, `require_c();`
    fn head_lines(&mut self) {
        let lazy = self.plan.wrap == Wrap::Esm;
        let code = self.code;
        // Wrapped modules that await are evaluated side by side.
        let mut waiting: Vec<(String, bool)> = Vec::new();
        for (request, plan) in self.plan.requests.iter_enumerated() {
            if !code.summary.requests.get(request).is_some_and(|record| record.kind.is_static()) {
                continue;
            }
            match (&plan.action, plan.target) {
                (RequestAction::Init { modules }, _) => {
                    waiting.extend(modules.iter().map(|module| {
                        let call = self.scope.symbol(*module, WRAPPER_SYMBOL) + "()";
                        (call, self.scope.input.plan.modules[*module].is_async)
                    }));
                }
                (RequestAction::Interop { symbol, node_mode }, Some(target)) => {
                    self.await_all(&mut waiting);
                    self.interop_line(target, *symbol, *node_mode, lazy);
                }
                _ => {}
            }
        }
        self.await_all(&mut waiting);
        self.star_lines();
    }

    fn star_lines(&mut self) {
        for star in &self.plan.runtime_stars {
            if let Some(object) = star.object.filter(|_| self.plan.needs_namespace) {
                self.star_line(object);
            }
        }
    }

    fn end_line(&mut self) {
        self.out.push_str(pick(self.scope.minify, ";\n", ";"));
    }

    fn await_all(&mut self, waiting: &mut Vec<(String, bool)>) {
        let asynchronous = waiting.iter().filter(|(_, is_async)| *is_async).count();
        if asynchronous > 1 {
            let calls: Vec<String> = waiting.drain(..).map(|(call, _)| call).collect();
            let calls = calls.join(pick(self.scope.minify, ", ", ","));
            self.out.push_str(&format!("await Promise.all([{calls}])"));
            self.end_line();
            return;
        }
        for (call, is_async) in waiting.drain(..) {
            self.out.push_str(if is_async { "await " } else { "" });
            self.out.push_str(&call);
            self.end_line();
        }
    }

    fn interop_line(&mut self, target: ModuleIdx, symbol: Option<SymbolIdx>, node_mode: bool, lazy: bool) {
        let Some(symbol) = symbol else {
            self.out.push_str(&self.scope.symbol(target, WRAPPER_SYMBOL));
            self.out.push_str("()");
            self.end_line();
            return;
        };
        self.out.push_str(if lazy { "" } else { "var " });
        self.interop_assignment(target, symbol, node_mode);
        self.end_line();
        if !lazy {
            self.allow_join("var");
        }
    }

    /// `import_bar = __toESM(require_bar())`
    fn interop_assignment(&mut self, target: ModuleIdx, symbol: SymbolIdx, node_mode: bool) {
        let scope = self.scope;
        scope.push_symbol(&mut self.out, SymbolRef::new(self.module, symbol));
        self.out.push_str(pick(scope.minify, " = ", "="));
        scope.push_helper(&mut self.out, Helper::ToEsm);
        self.out.push('(');
        scope.push_symbol(&mut self.out, SymbolRef::new(target, WRAPPER_SYMBOL));
        self.out.push_str("()");
        if node_mode {
            self.out.push_str(pick(scope.minify, ", 1", ",1"));
        }
        self.out.push(')');
    }

    /// `__reExport(foo_exports, import_bar);`
    fn star_line(&mut self, object: SymbolRef) {
        let scope = self.scope;
        scope.push_helper(&mut self.out, Helper::ReExport);
        self.out.push('(');
        scope.push_symbol(&mut self.out, SymbolRef::new(self.module, NAMESPACE_SYMBOL));
        self.out.push_str(pick(scope.minify, ", ", ","));
        scope.push_symbol(&mut self.out, object);
        self.out.push(')');
        self.end_line();
    }

    fn wrap_common_js(&mut self) {
        let scope = self.scope;
        let survey = &scope.survey.modules[self.module];
        let (exports, module) = self.parameters.clone();
        let comma = pick(scope.minify, ", ", ",");
        let parameters = match (survey.uses_cjs_exports, survey.uses_cjs_module || self.has_direct_eval()) {
            _ if self.is_file() => String::new(),
            (_, true) => format!("{exports}{comma}{module}"),
            (true, false) => exports,
            (false, false) => String::new(),
        };
        self.out.push_str("var ");
        scope.push_symbol(&mut self.out, SymbolRef::new(self.module, WRAPPER_SYMBOL));
        self.out.push_str(pick(scope.minify, " = /* @__PURE__ */ ", "="));
        scope.push_helper(&mut self.out, Helper::CommonJs);
        // An arrow has no `arguments` of its own.
        let needs_function = self.code.object.global_names.iter().any(|name| &**name == "arguments");
        if !scope.minify {
            self.out.push_str("({ ");
            quote::push_string(&mut self.out, scope.input.modules[self.module].path);
            self.out.push_str(&format!("({parameters}) {{\n"));
        } else if needs_function {
            self.out.push_str(&format!("(function({parameters}){{"));
        } else if parameters == self.parameters.0 {
            self.out.push_str(&format!("({parameters}=>{{"));
        } else {
            self.out.push_str(&format!("(({parameters})=>{{"));
        }
        self.head_lines();
        self.sections(|_| true);
        self.out.push_str(pick(scope.minify, "} });\n", "});"));
        if self.plan.run_in_place {
            scope.push_symbol(&mut self.out, SymbolRef::new(self.module, WRAPPER_SYMBOL));
            self.out.push_str("()");
            self.end_line();
        }
    }

    fn wrap_esm(&mut self) {
        self.open_wrapper(Helper::Esm);
        self.out.push_str(pick(self.scope.minify, "() => {\n", "()=>{"));
        self.head_lines();
        self.sections(|flags| !flags.contains(SectionFlags::HOISTED));
        self.out.push_str(pick(self.scope.minify, "});\n", "});"));
    }

    /// What others may see before the module runs, and `var init_foo = __esm(`.
    fn open_wrapper(&mut self, helper: Helper) {
        let scope = self.scope;
        let variables = self.hoisted_variables();
        if !variables.is_empty() {
            self.out.push_str("var ");
            self.out.push_str(&variables.join(pick(scope.minify, ", ", ",")));
            self.end_line();
        }
        self.sections(|flags| flags.contains(SectionFlags::HOISTED));
        self.out.push_str("var ");
        scope.push_symbol(&mut self.out, SymbolRef::new(self.module, WRAPPER_SYMBOL));
        self.out.push_str(pick(scope.minify, " = /* @__PURE__ */ ", "="));
        scope.push_helper(&mut self.out, helper);
        self.out.push('(');
    }

    /// `var init_foo = __async(() => [init_bar, () => import_c = __toESM(require_c())], async () => { ... }, 1);`
    fn wrap_async(&mut self) {
        let scope = self.scope;
        let arrow = pick(scope.minify, "() => ", "()=>");
        let comma = pick(scope.minify, ", ", ",");
        self.open_wrapper(Helper::Async);
        self.out.push_str(arrow);
        self.out.push('[');
        self.async_list(arrow, comma);
        self.out.push(']');
        self.out.push_str(comma);
        self.out.push_str(if self.plan.awaits { "async " } else { "" });
        self.out.push_str(arrow);
        self.out.push_str(pick(scope.minify, "{\n", "{"));
        self.star_lines();
        self.sections(|flags| !flags.contains(SectionFlags::HOISTED));
        self.out.push('}');
        if self.plan.awaits {
            self.out.push_str(comma);
            self.out.push('1');
        }
        self.out.push(')');
        self.end_line();
        if self.plan.run_in_place {
            scope.push_symbol(&mut self.out, SymbolRef::new(self.module, WRAPPER_SYMBOL));
            self.out.push_str("(1)");
            self.end_line();
        }
    }

    /// What the static requests run, in their order.
    fn async_list(&mut self, arrow: &str, comma: &str) {
        let code = self.code;
        let start = self.out.len();
        for (request, plan) in self.plan.requests.iter_enumerated() {
            if !code.summary.requests.get(request).is_some_and(|record| record.kind.is_static()) {
                continue;
            }
            let wrappers: &[ModuleIdx] = match (&plan.action, &plan.target) {
                (RequestAction::Init { modules }, _) => modules,
                (RequestAction::Interop { symbol: None, .. }, Some(target)) => std::slice::from_ref(target),
                (RequestAction::Interop { symbol: Some(symbol), node_mode }, Some(target)) => {
                    self.separate(start, comma);
                    self.out.push_str(arrow);
                    self.interop_assignment(*target, *symbol, *node_mode);
                    continue;
                }
                _ => continue,
            };
            for wrapped in wrappers {
                self.separate(start, comma);
                self.scope.push_symbol(&mut self.out, SymbolRef::new(*wrapped, WRAPPER_SYMBOL));
            }
        }
    }

    fn separate(&mut self, start: usize, comma: &str) {
        if self.out.len() > start {
            self.out.push_str(comma);
        }
    }

    /// Names of what a lazily run module declares, but for functions: others may use them before it runs.
    fn hoisted_variables(&self) -> Vec<String> {
        let summary = self.code.summary;
        let mut names = Vec::new();
        let mut seen = FxHashSet::default();
        let mut push = |symbol| {
            if seen.insert(symbol) {
                names.push(self.scope.symbol(self.module, symbol));
            }
        };
        for request in &self.plan.requests {
            if let RequestAction::Interop { symbol: Some(symbol), .. } = &request.action {
                push(*symbol);
            }
        }
        for section in self.plan.live_sections.iter() {
            let Some(section) = summary.sections.get(section) else { continue };
            if section.flags.contains(SectionFlags::HOISTED) {
                continue;
            }
            for &symbol in &section.declares {
                let kind = summary.symbols.get(symbol).map(|symbol| &symbol.kind);
                // A function inside of a kept block declares a `var` beside itself; its text does so too.
                let is_function = matches!(kind, Some(SymbolKind::Declared { kind: DeclarationKind::Function, .. }));
                if !is_function {
                    push(symbol);
                }
            }
        }
        names
    }
}
