//! Copies the text of sections and puts made text where relocations are. The inner loop of the linker: a memory copy
//! up to the next relocation, a short text, and on.

use super::{NO_SOURCE, pick};
use crate::address::{Expression, Scope, needs_parentheses};
use crate::helpers::Helper;
use crate::input::{Format, ModuleCode};
use crate::quote;
use crate::survey::{Mention, SectionRange};
use cloudpack_base::{Idx, ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_object::{AssetObject, Relocation, RelocationKind, SectionShape, members_len, short_name_number};
use cloudpack_plan::{Binding, ModulePlan, Wrap};
use cloudpack_summary::{ModuleFlags, SymbolKind, member_path};
use rustc_hash::FxHashSet;

pub(super) struct Patcher<'x, 'a> {
    pub(super) scope: &'x Scope<'x, 'a>,
    pub(super) module: ModuleIdx,
    pub(super) plan: &'x ModulePlan,
    pub(super) code: ModuleCode<'x>,
    pub(super) out: String,
    pub(super) segments: Vec<(u32, u32)>,
    with_map: bool,
    /// The module is run lazily: its variables are declared outside of the function that runs it.
    lazy: bool,
    /// What each symbol's mentions become, made at the first mention.
    slots: Vec<Option<Slot>>,
    /// The texts of `slots`.
    texts: String,
    /// `exports`, `module` of a CommonJS wrapper.
    pub(super) parameters: (String, String),
    /// Length of `out` after a declaration that the next one may join, and its keyword.
    joinable: Option<(usize, &'x str)>,
    open_parenthesis: bool,
    /// Where the value of the last shorthand property stands in `out`; of the last member, what was kept of its text.
    value_start: usize,
    /// Where what the last member has become stands in `out`.
    member_start: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    start: u32,
    end: u32,
    expression: Expression,
    /// `ns.f()` of the source keeps its receiver.
    keeps_receiver: bool,
}

impl<'x, 'a> Patcher<'x, 'a> {
    pub(super) fn new(scope: &'x Scope<'x, 'a>, module: ModuleIdx, code: ModuleCode<'x>, with_map: bool) -> Self {
        let plan = &scope.input.plan.modules[module];
        let mut patcher = Self {
            scope,
            module,
            plan,
            code,
            out: String::with_capacity(code.object.text.len() + code.object.relocations.len() * 6 + 128),
            segments: Vec::with_capacity(if with_map { code.object.segments.len() } else { 0 }),
            with_map,
            lazy: plan.wrap == Wrap::Esm,
            slots: vec![None; plan.bindings.len()],
            texts: String::new(),
            parameters: (String::new(), String::new()),
            joinable: None,
            open_parenthesis: false,
            value_start: 0,
            member_start: 0,
        };
        if plan.wrap == Wrap::CommonJs {
            patcher.parameters = patcher.choose_parameters();
        }
        patcher
    }

    /// Whether the module's `exports` and `module` are those of the file.
    pub(super) fn is_file(&self) -> bool {
        let entry = &self.scope.entries[self.scope.chunk];
        entry.is_file && entry.run == Some(self.module)
    }

    pub(super) fn has_direct_eval(&self) -> bool {
        self.code.summary.flags.contains(ModuleFlags::DIRECT_EVAL)
    }

    /// Names for the wrapper's parameters. Short ones must miss everything that the module mentions or declares.
    fn choose_parameters(&self) -> (String, String) {
        // `eval` looks for the names that Node gives.
        if !self.scope.minify || self.has_direct_eval() || self.is_file() {
            return ("exports".to_owned(), "module".to_owned());
        }
        let object = self.code.object;
        let mut avoid: FxHashSet<u32> =
            object.nested_names.iter().chain(&object.global_names).filter_map(|name| short_name_number(name)).collect();
        let mut text = String::new();
        for Mention { symbol, .. } in &self.scope.survey.modules[self.module].mentions {
            text.clear();
            self.scope.push_symbol(&mut text, *symbol);
            let name = text.split('.').next().unwrap_or_default();
            avoid.extend(short_name_number(name));
        }
        for name in self.scope.own.helpers.iter().chain([&self.scope.own.url]).flatten() {
            avoid.extend(short_name_number(&name.to_string()));
        }
        let mut free =
            (0..).filter(|number| !avoid.contains(number)).map(|number| crate::names::Name::Short(number).to_string());
        let mut next = || free.find(|name| !crate::names::is_reserved_word(name)).unwrap_or_default();
        (next(), next())
    }

    /// Appends one section, patched. Every relocation of it is applied once, in order.
    pub(super) fn section(&mut self, range: &SectionRange, shape: SectionShape) {
        let object = self.code.object;
        let minify = self.scope.minify;
        let relocations = object.relocations.get(range.relocations.clone()).unwrap_or_default();
        let start = self.out.len();
        let mut cursor = range.text.start;
        let mut next_segment = range.segments.start;
        let mut rest = relocations;
        let keyword = match (shape, relocations.first()) {
            (SectionShape::Declaration, Some(head)) if head.kind == RelocationKind::DeclarationHead && !self.lazy => {
                covered(object.text.as_str(), head).trim_end()
            }
            _ => "",
        };
        if minify
            && !keyword.is_empty()
            && self.joinable == Some((start, keyword))
            && let Some((head, after)) = relocations.split_first()
            && head.offset as usize == cursor
        {
            // `var a=1;` `var b=2;` -> `var a=1,b=2;`
            self.out.pop();
            self.out.push(',');
            cursor += head.covers as usize;
            rest = after;
        }
        // Every byte of the section is copied or covered by exactly one relocation.
        let mut accounted = cursor - range.text.start;
        for (at, relocation) in rest.iter().enumerate() {
            let offset = relocation.offset as usize;
            accounted += offset.saturating_sub(cursor) + relocation.covers as usize;
            self.copy(cursor, offset, &mut next_segment, range.segments.end);
            cursor = offset + relocation.covers as usize;
            self.patch(relocation, &rest[at + 1..], range.text.end);
            match relocation.kind {
                RelocationKind::Shorthand => self.map_value(cursor, &mut next_segment, range.segments.end),
                RelocationKind::Member => self.map_members(offset, cursor, &mut next_segment, range.segments.end),
                _ => {}
            }
        }
        accounted += range.text.end.saturating_sub(cursor);
        debug_assert_eq!(accounted, range.text.len(), "relocations of {:?} do not fit their section", self.module);
        self.copy(cursor, range.text.end, &mut next_segment, range.segments.end);
        self.flush_segments(&mut next_segment, range.segments.end);
        self.leave_source();
        self.end_section(start, shape, keyword);
    }

    fn end_section(&mut self, start: usize, shape: SectionShape, keyword: &'x str) {
        self.joinable = None;
        if self.out.len() == start {
            return;
        }
        let lazy_class = self.lazy && shape == SectionShape::Class;
        if self.scope.minify || lazy_class {
            while self.out.ends_with('\n') {
                self.out.pop();
            }
        }
        let last = self.out.bytes().next_back();
        let complete = match shape {
            SectionShape::Declaration => last == Some(b';'),
            _ => matches!(last, Some(b';' | b'}' | b'\n')) && !lazy_class,
        };
        if !complete && (self.scope.minify || lazy_class) {
            self.out.push(';');
        }
        if self.scope.minify {
            if !keyword.is_empty() {
                self.joinable = Some((self.out.len(), keyword));
            }
        } else if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Marks text written outside of sections as the end of a declaration that the next may join; `keyword` without
    /// the space that may follow it.
    pub(super) fn allow_join(&mut self, keyword: &'x str) {
        self.joinable = Some((self.out.len(), keyword));
    }

    /// Copies `text[from..to]` and places the segments that lie before `to`.
    fn copy(&mut self, from: usize, to: usize, next_segment: &mut usize, segments_end: usize) {
        if self.with_map {
            let base = self.out.len();
            while *next_segment < segments_end {
                let Some(segment) = self.code.object.segments.get(*next_segment) else { break };
                let offset = segment.offset as usize;
                if offset > to || offset == to && segment.after_relocations != 0 {
                    break;
                }
                self.segments.push(((base + offset.saturating_sub(from)) as u32, *next_segment as u32));
                *next_segment += 1;
            }
        }
        match self.code.object.text.get(from..to) {
            Some(text) => self.out.push_str(text),
            None => {
                debug_assert!(false, "relocations of {:?} overlap or are out of order at {from}..{to}", self.module)
            }
        }
    }

    /// Of `key: value` made from a shorthand, the value has a segment of its own, which lies in the covered bytes.
    fn map_value(&mut self, covered_end: usize, next_segment: &mut usize, segments_end: usize) {
        while self.with_map && *next_segment < segments_end {
            let segment = self.code.object.segments.get(*next_segment);
            if !segment.is_some_and(|segment| segment.offset as usize <= covered_end && segment.after_relocations == 0)
            {
                break;
            }
            self.segments.push((self.value_start as u32, *next_segment as u32));
            *next_segment += 1;
        }
    }

    /// Of `x.y.z` each name has a segment, in the covered bytes. Those of names that were left out stand where `z` does.
    fn map_members(&mut self, start: usize, covered_end: usize, next_segment: &mut usize, segments_end: usize) {
        let kept = self.out.len().saturating_sub(self.value_start);
        while self.with_map && *next_segment < segments_end {
            let Some(segment) = self.code.object.segments.get(*next_segment) else { break };
            let offset = segment.offset as usize;
            if offset >= covered_end || offset < start || segment.after_relocations != 0 {
                break;
            }
            let to_end = covered_end - offset;
            let at = if to_end > kept { self.member_start } else { self.out.len() - to_end };
            self.segments.push((at as u32, *next_segment as u32));
            *next_segment += 1;
        }
    }

    /// What comes now is not the user's: without this a wrapper would seem to come from the statement before it.
    fn leave_source(&mut self) {
        if self.with_map && self.segments.last().is_some_and(|(_, segment)| *segment != NO_SOURCE) {
            self.segments.push((self.out.len() as u32, NO_SOURCE));
        }
    }

    fn flush_segments(&mut self, next_segment: &mut usize, segments_end: usize) {
        if self.with_map {
            for at in *next_segment..segments_end {
                self.segments.push((self.out.len() as u32, at as u32));
            }
            *next_segment = segments_end;
        }
    }

    fn patch(&mut self, relocation: &Relocation, following: &[Relocation], section_end: usize) {
        let scope = self.scope;
        match relocation.kind {
            RelocationKind::Name => {
                if let Some(slot) = self.slot(relocation) {
                    self.push_slot(slot, relocation, section_end);
                }
            }
            RelocationKind::Callee => {
                if let Some(slot) = self.slot(relocation) {
                    self.push_callee(slot);
                }
            }
            RelocationKind::Shorthand => {
                if let Some(slot) = self.slot(relocation) {
                    self.push_shorthand(slot, relocation, section_end);
                }
            }
            RelocationKind::Member => self.push_member(relocation, section_end),
            RelocationKind::DeclarationHead if self.lazy => {
                if relocation.covers == 0 {
                    let name = scope.symbol(self.module, relocation.symbol());
                    self.out.push_str(&name);
                    self.out.push_str(pick(scope.minify, " = ", "="));
                } else {
                    // `({ a } = b);` needs its parentheses, `a = b;` does not.
                    let target = relocation.offset + u32::from(relocation.covers);
                    let is_name = following
                        .first()
                        .is_some_and(|next| next.kind == RelocationKind::Name && next.offset == target);
                    if !is_name {
                        self.out.push('(');
                        self.open_parenthesis = true;
                    }
                }
            }
            RelocationKind::DeclarationTail if self.lazy => {
                if std::mem::take(&mut self.open_parenthesis) {
                    self.out.push(')');
                }
            }
            RelocationKind::VarHead if self.lazy => {}
            RelocationKind::DeclarationHead | RelocationKind::VarHead => {
                self.out.push_str(covered(self.code.object.text.as_str(), relocation));
            }
            RelocationKind::DeclarationTail => {}
            RelocationKind::DynamicImport
            | RelocationKind::Require
            | RelocationKind::RequireResolve
            | RelocationKind::NewUrl
            | RelocationKind::Url
            | RelocationKind::WorkerUrl => self.push_request(relocation),
            RelocationKind::ImportMeta => match scope.meta_format() {
                Format::Es => self.out.push_str("import.meta"),
                _ => {
                    self.out.push_str(pick(scope.minify, "({ url: ", "({url:"));
                    scope.push_own_url(&mut self.out);
                    self.out.push_str(pick(scope.minify, " })", "})"));
                }
            },
            RelocationKind::ImportMetaUrl => scope.push_own_url(&mut self.out),
            RelocationKind::ImportMetaDirname => self.out.push_str(match scope.meta_format() {
                Format::Es => "import.meta.dirname",
                Format::Cjs => "__dirname",
                Format::Iife => "(void 0)",
            }),
            RelocationKind::ImportMetaFilename => self.out.push_str(match scope.meta_format() {
                Format::Es => "import.meta.filename",
                Format::Cjs => "__filename",
                Format::Iife => "(void 0)",
            }),
            RelocationKind::OwnAssetUrl => match (self.code.object.asset.as_deref(), self.own_asset_file()) {
                (Some(AssetObject::Inline(url)), _) => quote::push_string(&mut self.out, url),
                (_, Some(file)) => scope.push_url_string(&mut self.out, file),
                (_, None) => self.out.push_str("\"\""),
            },
            RelocationKind::FreeRequire => self.push_require(),
            RelocationKind::CjsModule => {
                let module = if self.plan.wrap == Wrap::CommonJs { &self.parameters.1 } else { "module" };
                self.out.push_str(module);
            }
            RelocationKind::CjsExports | RelocationKind::CjsThis => {
                let exports = if self.plan.wrap == Wrap::CommonJs { &self.parameters.0 } else { "exports" };
                self.out.push_str(exports);
            }
            // In documents only.
            RelocationKind::HtmlTags => {}
        }
    }

    fn own_asset_file(&self) -> Option<&'a str> {
        self.scope.input.modules[self.module].asset_file
    }

    pub(super) fn push_require(&mut self) {
        match self.scope.format {
            Format::Cjs => self.out.push_str("require"),
            _ => self.scope.push_helper(&mut self.out, Helper::Require),
        }
    }

    fn slot(&mut self, relocation: &Relocation) -> Option<Slot> {
        self.slot_of(relocation.symbol())
    }

    fn slot_of(&mut self, symbol: SymbolIdx) -> Option<Slot> {
        let at = symbol.index();
        match self.slots.get(at) {
            Some(Some(slot)) => Some(*slot),
            Some(None) => {
                let slot = self.make_slot(symbol);
                self.slots[at] = Some(slot);
                Some(slot)
            }
            None => {
                debug_assert!(false, "{:?} has no {symbol:?}", self.module);
                None
            }
        }
    }

    fn make_slot(&mut self, symbol: SymbolIdx) -> Slot {
        let start = self.texts.len() as u32;
        let kind = self.code.summary.symbols.get(symbol).map(|symbol| &symbol.kind);
        // What a module declares is always reached by its name, also where its value is known: the text may be the
        // declaration itself.
        let expression = match (kind, &self.plan.bindings[symbol]) {
            (Some(SymbolKind::Declared { .. }), Binding::Constant(_) | Binding::Undefined) => {
                self.scope.push_symbol(&mut self.texts, SymbolRef::new(self.module, symbol))
            }
            (_, binding) => self.scope.push_binding(&mut self.texts, binding),
        };
        let keeps_receiver = matches!(kind, Some(SymbolKind::Import { namespace: Some(_), .. }));
        Slot { start, end: self.texts.len() as u32, expression, keeps_receiver }
    }

    fn push_slot(&mut self, slot: Slot, relocation: &Relocation, section_end: usize) {
        let text = &self.texts[slot.start as usize..slot.end as usize];
        if slot.expression == Expression::Name {
            self.out.push_str(text);
            return;
        }
        let after = self.code.object.text.get(relocation.offset as usize + relocation.covers as usize..section_end);
        if needs_parentheses(slot.expression, &self.out, after.unwrap_or_default()) {
            self.out.push('(');
            self.out.push_str(text);
            self.out.push(')');
        } else {
            self.out.push_str(text);
        }
    }

    /// `f()` stays; `a.f()` would pass `a` as `this`, which the source did not.
    fn push_callee(&mut self, slot: Slot) {
        let text = &self.texts[slot.start as usize..slot.end as usize];
        match slot.expression {
            Expression::Name => self.out.push_str(text),
            Expression::Member if slot.keeps_receiver => self.out.push_str(text),
            Expression::Member => {
                self.out.push_str(pick(self.scope.minify, "(0, ", "(0,"));
                self.out.push_str(text);
                self.out.push(')');
            }
            _ => {
                self.out.push('(');
                self.out.push_str(text);
                self.out.push(')');
            }
        }
    }

    /// `x.y.z`: what the last namespace object on the way exports, and the names behind that as they are.
    fn push_member(&mut self, relocation: &Relocation, section_end: usize) {
        let symbols = &self.code.summary.symbols;
        // Analyze gives a property of what is no namespace object the binding of its object.
        let is_own = |pair: &(SymbolIdx, Option<SymbolIdx>)| {
            pair.1.is_none_or(|object| self.plan.bindings[object] != self.plan.bindings[pair.0])
        };
        let object_of = |member: SymbolIdx| member_path(symbols, member).nth(1);
        let mut path = member_path(symbols, relocation.symbol()).map(|member| (member, object_of(member)));
        let Some((found, _)) = path.find(is_own) else { return };
        let written = covered(self.code.object.text.as_str(), relocation);
        let left_out = members_len(written, member_path(symbols, found).count() - 1).unwrap_or(0);
        let Some(slot) = self.slot_of(found) else { return };
        let offset = relocation.offset + left_out as u32;
        let here = Relocation { offset, covers: 0, ..*relocation };
        self.member_start = self.out.len();
        let after = self.code.object.text.get(offset as usize..section_end).unwrap_or_default();
        if left_out == written.len() && after.starts_with(['(', '`']) {
            self.push_callee(slot);
        } else {
            self.push_slot(slot, &here, section_end);
        }
        self.value_start = self.out.len();
        self.out.push_str(written.get(left_out..).unwrap_or_default());
    }

    /// `{ x: x }` relaxes to `{ x }`.
    fn push_shorthand(&mut self, slot: Slot, relocation: &Relocation, section_end: usize) {
        let written = covered(self.code.object.text.as_str(), relocation);
        let key = written.trim_end().trim_end_matches(':').trim_end();
        let text = &self.texts[slot.start as usize..slot.end as usize];
        self.value_start = self.out.len();
        if slot.expression == Expression::Name && text == key {
            self.out.push_str(text);
            return;
        }
        if key == "__proto__" {
            // `{ __proto__ }` makes a property, `{ __proto__: x }` sets the prototype.
            self.out.push_str("[\"__proto__\"]");
            self.out.push_str(&written[key.len()..]);
        } else {
            self.out.push_str(written);
        }
        self.value_start = self.out.len();
        self.push_slot(slot, relocation, section_end);
    }
}

pub(super) fn covered<'t>(text: &'t str, relocation: &Relocation) -> &'t str {
    let start = relocation.offset as usize;
    text.get(start..start + relocation.covers as usize).unwrap_or_default()
}
