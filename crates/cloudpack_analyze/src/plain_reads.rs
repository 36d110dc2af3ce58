//! Members of imports that are read for nothing, `const a = Ticks.formatters.numeric`: whether anybody notices. A getter may
//! run, or the read throws, unless the member leads into an object literal of a module that runs before, and nobody has
//! the object who could have given it a getter (`ModuleSummary::plain`).

use crate::bind_imports::{Bindings, BoundImport, Import};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::resolve_exports::{Found, Target};
use cloudpack_base::{ModuleIdx, SectionIdx, SymbolIdx, SymbolRef};
use cloudpack_summary::{ConstantValue, ImportName, SymbolKind, member_path};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;

pub(crate) struct PlainReads<'g, 'a> {
    graph: &'g Graph<'a>,
    order: &'g ExecutionOrder,
    bindings: &'g Bindings<'a>,
    /// Objects that live code has, other than to read such members.
    out: FxHashSet<SymbolRef>,
    /// Of modules that were asked about: symbols that have members.
    objects: RefCell<FxHashMap<ModuleIdx, FxHashSet<SymbolIdx>>>,
    /// Sections to be kept once an object is out.
    with: FxHashMap<SymbolRef, Vec<(ModuleIdx, SectionIdx)>>,
}

/// Longer strings stay in the object.
const LONGEST_COPY: usize = 16;

struct PlainPath<'a> {
    object: SymbolRef,
    value: Option<&'a ConstantValue>,
    /// The member is the path, and not something of what it leads to.
    is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// It reads a variable.
    Nothing,
    /// Nobody notices, unless somebody has the object.
    Of(SymbolRef),
    MayBeSeen,
}

impl<'g, 'a> PlainReads<'g, 'a> {
    pub(crate) fn new(
        graph: &'g Graph<'a>,
        order: &'g ExecutionOrder,
        bindings: &'g Bindings<'a>,
        out: FxHashSet<SymbolRef>,
    ) -> Self {
        Self { graph, order, bindings, out, objects: RefCell::default(), with: FxHashMap::default() }
    }

    pub(crate) fn finish(self) -> FxHashSet<SymbolRef> {
        self.out
    }

    /// `member`: a symbol of `Conditions::effects_with`.
    pub(crate) fn read(&self, member: SymbolRef) -> Read {
        let kind = self.graph.summary(member.module).and_then(|summary| summary.symbols.get(member.symbol));
        if !matches!(kind.map(|symbol| &symbol.kind), Some(SymbolKind::Import { .. })) {
            // Of its own module: it is kept with that.
            return Read::Nothing;
        }
        match self.bindings.import(member) {
            Some(BoundImport { is_property: true, .. }) => self.plain(member, false).map_or(Read::MayBeSeen, Read::Of),
            Some(BoundImport { import: Import::Constant { .. } | Import::Undefined, .. }) => Read::Nothing,
            Some(BoundImport { import: Import::Found(Found { target: Target::Symbol(_), .. }), .. }) => Read::Nothing,
            _ => Read::MayBeSeen,
        }
    }

    /// The object that `x.y.z` reads a plain path of. `is_called`: it hands on `x.y`.
    pub(crate) fn plain(&self, member: SymbolRef, is_called: bool) -> Option<SymbolRef> {
        self.path(member, is_called).map(|path| path.object)
    }

    /// The value of `x.y.z`, which may be copied as long as nobody has the object.
    pub(crate) fn constant(&self, member: SymbolRef, is_called: bool) -> Option<(SymbolRef, &'a ConstantValue)> {
        let path = self.path(member, is_called).filter(|path| path.is_whole)?;
        let value = path.value?;
        let is_short = !matches!(value, ConstantValue::String(text) if text.len() > LONGEST_COPY);
        (is_short && !self.has_members(member)).then_some((path.object, value))
    }

    /// Of `x.y.z.more` the text stands for `x.y.z` too.
    fn has_members(&self, object: SymbolRef) -> bool {
        let mut objects = self.objects.borrow_mut();
        let objects = objects.entry(object.module).or_insert_with(|| {
            let symbols = self.graph.summary(object.module).map_or(&[][..], |summary| summary.symbols.as_slice());
            let objects = symbols.iter().filter_map(|symbol| match symbol.kind {
                SymbolKind::Import { namespace, .. } => namespace,
                _ => None,
            });
            objects.collect()
        });
        objects.contains(&object.symbol)
    }

    fn path(&self, member: SymbolRef, is_called: bool) -> Option<PlainPath<'a>> {
        let Some(BoundImport { import: Import::Found(found), is_property: true, .. }) = self.bindings.import(member)
        else {
            return None;
        };
        let Target::Symbol(object) = found.target else { return None };
        let plain = self.graph.summary(object.module)?.plain.as_slice();
        let at = plain.binary_search_by_key(&object.symbol, |plain| plain.symbol).ok()?;
        let paths = &plain.get(at)?.paths;
        // On a cycle it may be read before it is there.
        if self.order.cycle_of[object.module] == self.order.cycle_of[member.module] {
            return None;
        }
        let summary = self.graph.summary(member.module)?;
        let mut names = Vec::new();
        for symbol in member_path(&summary.symbols, member.symbol) {
            let import = self.bindings.import(SymbolRef::new(member.module, symbol));
            if !import.is_some_and(|import| import.is_property) {
                break;
            }
            match &summary.symbols.get(symbol)?.kind {
                SymbolKind::Import { name: ImportName::Named(name), .. } => names.push(&**name),
                _ => return None,
            }
        }
        names.reverse();
        let most = names.len() - usize::from(is_called).min(names.len());
        let mut path = String::new();
        for (place, name) in names.iter().take(most).enumerate() {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
            if let Ok(at) = paths.binary_search_by(|(plain, _)| (**plain).cmp(path.as_str())) {
                let value = paths.get(at).and_then(|(_, value)| value.as_ref());
                return Some(PlainPath { object, value, is_whole: place + 1 == names.len() });
            }
        }
        None
    }

    pub(crate) fn is_out(&self, object: SymbolRef) -> bool {
        self.out.contains(&object)
    }

    pub(crate) fn keep_with(&mut self, object: SymbolRef, module: ModuleIdx, section: SectionIdx) {
        self.with.entry(object).or_default().push((module, section));
    }

    /// Somebody has the object. Gives the sections that are wanted now.
    pub(crate) fn give_out(&mut self, object: SymbolRef) -> Vec<(ModuleIdx, SectionIdx)> {
        let plain = self.graph.summary(object.module).map_or(&[][..], |summary| &summary.plain);
        let is_plain = plain.binary_search_by_key(&object.symbol, |plain| plain.symbol).is_ok();
        if !is_plain || !self.out.insert(object) {
            return Vec::new();
        }
        self.with.remove(&object).unwrap_or_default()
    }
}
