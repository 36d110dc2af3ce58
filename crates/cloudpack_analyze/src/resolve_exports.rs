//! ResolveExport of ECMA-262 16.2.1.6.3, with what the specification leaves to hosts: a name may come from CommonJS or
//! from an external module, where only running the program tells whether it exists. Answers are remembered for each
//! (module, name); a chain of re-exports is followed with an explicit stack.
//!
//! An answer inside an indirect cycle holds only for the question that entered the cycle, so it is remembered only
//! for the module where the cycle closes: of `a: export * from "b"; export * from "c"`, `b: export { x } from "a"`,
//! `c: export const x`, the question `b.x` asked on the way from `a` is circular, and asked from outside is `c.x`.

use crate::graph::Graph;
use crate::star_exports::{StarSource, StarTables};
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx, SymbolIdx, SymbolRef};
use cloudpack_plan::BitSet;
use cloudpack_summary::{ImportName, ModuleFlags, NAMESPACE_SYMBOL, SymbolFlags, SymbolKind};
use rustc_hash::FxHashMap;

/// What a name stands for, before anybody has decided how it is addressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target<'a> {
    /// A declaration, the namespace object of an ES module, or an `Interop` variable.
    Symbol(SymbolRef),
    /// A property of an `Interop` variable or of a namespace object with names known only at run time.
    Property {
        object: SymbolRef,
        property: &'a str,
    },
    External {
        module: ModuleIdx,
        name: ExternalName<'a>,
        node_mode: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExternalName<'a> {
    Namespace,
    Named(&'a str),
    /// `ns.name`: undefined and not an error if there is no such export.
    Member(&'a str),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) target: Target<'a>,
    /// Modules with side effects between the question and the definition.
    pub(crate) path: PathIdx,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Resolution<'a> {
    Found(Found<'a>),
    Missing,
    /// Two modules that define the name.
    Ambiguous(ModuleIdx, ModuleIdx),
    Circular,
    /// The request did not resolve; somebody else has said so.
    Unresolved,
}

/// A set of modules as a shared tree, so that a chain of n re-exports costs n nodes and not n lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathIdx(u32);

impl PathIdx {
    pub(crate) const NONE: Self = Self(u32::MAX);
}

#[derive(Default)]
pub(crate) struct Paths {
    nodes: Vec<(Option<ModuleIdx>, PathIdx, PathIdx)>,
}

impl Paths {
    pub(crate) fn add(&mut self, module: ModuleIdx, rest: PathIdx) -> PathIdx {
        self.nodes.push((Some(module), rest, PathIdx::NONE));
        PathIdx(self.nodes.len() as u32 - 1)
    }
    pub(crate) fn join(&mut self, left: PathIdx, right: PathIdx) -> PathIdx {
        match (left, right) {
            (PathIdx::NONE, path) | (path, PathIdx::NONE) => path,
            _ => {
                self.nodes.push((None, left, right));
                PathIdx(self.nodes.len() as u32 - 1)
            }
        }
    }
    /// Calls `visit` for each module; a node is left, with all below it, once `enter` says that it was seen.
    pub(crate) fn walk(&self, path: PathIdx, mut enter: impl FnMut(usize) -> bool, mut visit: impl FnMut(ModuleIdx)) {
        let mut pending = vec![path];
        while let Some(path) = pending.pop() {
            let Some((module, left, right)) = self.nodes.get(path.0 as usize) else { continue };
            if !enter(path.0 as usize) {
                continue;
            }
            if let Some(module) = module {
                visit(*module);
            }
            pending.extend([*right, *left]);
        }
    }
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// The `Interop` variable of each request that has one and leads to CommonJS.
pub(crate) struct InteropSymbols(pub(crate) IndexVec<ModuleIdx, Vec<(RequestIdx, SymbolIdx)>>);

impl InteropSymbols {
    pub(crate) fn get(&self, module: ModuleIdx, request: RequestIdx) -> Option<SymbolRef> {
        let symbols = &self.0[module];
        let at = symbols.binary_search_by_key(&request, |(request, _)| *request).ok()?;
        symbols.get(at).map(|(_, symbol)| SymbolRef::new(module, *symbol))
    }
}

/// The `local` and `indirect` export entries of a module.
pub(crate) enum Explicit<'a> {
    Local { symbol: SymbolIdx, copy_of: Option<SymbolIdx> },
    Import { request: RequestIdx, name: &'a ImportName },
}

/// `name` as the module itself states it, without its stars.
pub(crate) fn explicit_export<'a>(
    graph: &Graph<'a>,
    module: ModuleIdx,
    name: &str,
) -> Option<(SymbolIdx, Explicit<'a>)> {
    let summary = graph.summary(module)?;
    let local = summary.local_exports.binary_search_by(|export| (*export.exported).cmp(name));
    let (symbol, copy_of) = match local {
        Ok(at) => summary.local_exports.get(at).map(|export| (export.symbol, export.copy_of))?,
        Err(_) => {
            let at = summary.indirect_exports.binary_search_by(|export| (*export.exported).cmp(name)).ok()?;
            (summary.indirect_exports.get(at)?.symbol, None)
        }
    };
    Some(match &summary.symbols[symbol].kind {
        SymbolKind::Import { request, name, .. } => (symbol, Explicit::Import { request: *request, name }),
        _ => (symbol, Explicit::Local { symbol, copy_of }),
    })
}

pub(crate) struct ExportResolver<'g, 'a> {
    pub(crate) graph: &'g Graph<'a>,
    pub(crate) interop: &'g InteropSymbols,
    pub(crate) stars: StarTables<'a>,
    pub(crate) paths: Paths,
    on_cycle: &'g BitSet<ModuleIdx>,
    /// `AnalyzeOptions::default_is_module`
    default_is_module: bool,
    answers: FxHashMap<(ModuleIdx, &'a str), Answer<'a>>,
}

enum Answer<'a> {
    Known(Resolution<'a>),
    /// Being asked, at this depth of the stack.
    Open(usize),
}

enum Step<'a> {
    Ask(ModuleIdx, &'a str),
    Tell(Resolution<'a>),
}

struct Frame<'a> {
    module: ModuleIdx,
    name: &'a str,
    state: FrameState<'a>,
}

enum FrameState<'a> {
    Indirect,
    /// `import x from ...; export default x`: the default export is what `x` is, if that never changes.
    Copy {
        symbol: SymbolIdx,
    },
    Stars {
        sources: Vec<StarSource>,
        next: usize,
        best: Option<(Found<'a>, ModuleIdx)>,
    },
}

impl<'g, 'a> ExportResolver<'g, 'a> {
    pub(crate) fn new(
        graph: &'g Graph<'a>,
        interop: &'g InteropSymbols,
        on_cycle: &'g BitSet<ModuleIdx>,
        default_is_module: bool,
    ) -> Self {
        let (stars, paths, answers) = (StarTables::default(), Paths::default(), FxHashMap::default());
        Self { graph, interop, stars, paths, on_cycle, default_is_module, answers }
    }

    /// What `import { name } from` (or `ns.name`, when `is_member`) in `importer` stands for.
    pub(crate) fn resolve_import(
        &mut self,
        importer: ModuleIdx,
        request: RequestIdx,
        name: &'a ImportName,
        is_member: bool,
    ) -> Resolution<'a> {
        match self.first_step(importer, request, name, is_member) {
            Step::Ask(module, name) => self.resolve_export(module, name),
            Step::Tell(resolution) => resolution,
        }
    }

    fn first_step(&self, importer: ModuleIdx, request: RequestIdx, name: &'a ImportName, is_member: bool) -> Step<'a> {
        let Some(module) = self.graph.target(importer, request) else { return Step::Tell(Resolution::Unresolved) };
        let target = if self.graph.is_external(module) {
            let name = match name {
                ImportName::Namespace => ExternalName::Namespace,
                ImportName::Named(name) if is_member => ExternalName::Member(name),
                ImportName::Named(name) => ExternalName::Named(name),
            };
            let node_mode = self.default_is_module || self.graph.has_flag(importer, ModuleFlags::NODE_ESM);
            Target::External { module, name, node_mode }
        } else if self.graph.is_commonjs(module) {
            let Some(object) = self.interop.get(importer, request) else { return Step::Tell(Resolution::Unresolved) };
            match name {
                ImportName::Namespace => Target::Symbol(object),
                ImportName::Named(property) => Target::Property { object, property },
            }
        } else {
            match name {
                ImportName::Namespace => Target::Symbol(SymbolRef::new(module, NAMESPACE_SYMBOL)),
                ImportName::Named(name) => return Step::Ask(module, name),
            }
        };
        Step::Tell(Resolution::Found(Found { target, path: PathIdx::NONE }))
    }

    /// `name` of the ES module `module`.
    pub(crate) fn resolve_export(&mut self, module: ModuleIdx, name: &'a str) -> Resolution<'a> {
        let mut stack: Vec<Frame<'a>> = Vec::new();
        // Depth of the shallowest open question that an answer on the stack depends on.
        let mut closes_at = usize::MAX;
        let mut step = Step::Ask(module, name);
        loop {
            step = match step {
                Step::Ask(module, name) => self.ask(module, name, &mut stack, &mut closes_at),
                Step::Tell(resolution) => {
                    let Some(frame) = stack.last_mut() else { return resolution };
                    match self.tell(frame, resolution) {
                        Step::Ask(module, name) => Step::Ask(module, name),
                        Step::Tell(resolution) => {
                            let key = (frame.module, frame.name);
                            stack.pop();
                            if closes_at < stack.len() {
                                self.answers.remove(&key);
                            } else {
                                self.answers.insert(key, Answer::Known(resolution));
                                closes_at = usize::MAX;
                            }
                            Step::Tell(resolution)
                        }
                    }
                }
            };
        }
    }

    fn ask(&mut self, module: ModuleIdx, name: &'a str, stack: &mut Vec<Frame<'a>>, closes_at: &mut usize) -> Step<'a> {
        let explicit = explicit_export(self.graph, module, name);
        let copied = match explicit {
            Some((_, Explicit::Local { symbol, copy_of })) => match self.copied(module, copy_of) {
                Some(import @ Explicit::Import { .. }) => Some((symbol, import)),
                Some(Explicit::Local { symbol: copied, .. }) => return Step::Tell(found_symbol(module, copied)),
                None => return Step::Tell(found_symbol(module, symbol)),
            },
            _ => None,
        };
        match self.answers.get(&(module, name)) {
            Some(Answer::Known(resolution)) => return Step::Tell(*resolution),
            Some(Answer::Open(depth)) => {
                *closes_at = (*closes_at).min(*depth);
                return Step::Tell(Resolution::Circular);
            }
            None => {}
        }
        // "A default export cannot be provided by an export * from "mod" declaration."
        if explicit.is_none() && name == "default" {
            return Step::Tell(Resolution::Missing);
        }
        self.answers.insert((module, name), Answer::Open(stack.len()));
        if let Some((symbol, Explicit::Import { request, name: imported })) = copied {
            stack.push(Frame { module, name, state: FrameState::Copy { symbol } });
            return self.first_step(module, request, imported, false);
        }
        if let Some((_, Explicit::Import { request, name: imported })) = explicit {
            stack.push(Frame { module, name, state: FrameState::Indirect });
            return self.first_step(module, request, imported, false);
        }
        let sources = self.stars.sources(self.graph, &mut self.paths, module, name);
        stack.push(Frame { module, name, state: FrameState::Stars { sources, next: 0, best: None } });
        Step::Tell(Resolution::Missing)
    }

    /// What `export default x` may stand for instead of its own variable. On a cycle somebody may read the export before
    /// it is there, and must not find `x`.
    fn copied(&self, module: ModuleIdx, copy_of: Option<SymbolIdx>) -> Option<Explicit<'a>> {
        if self.on_cycle.contains(module) {
            return None;
        }
        let symbol = copy_of?;
        match &self.graph.summary(module)?.symbols.get(symbol)?.kind {
            SymbolKind::Import { request, name, .. } => Some(Explicit::Import { request: *request, name }),
            _ => Some(Explicit::Local { symbol, copy_of: None }),
        }
    }

    /// Gives a frame the answer to its last question; its next question or its own answer comes back.
    fn tell(&mut self, frame: &mut Frame<'a>, resolution: Resolution<'a>) -> Step<'a> {
        let (sources, next, best) = match &mut frame.state {
            FrameState::Indirect => {
                let Resolution::Found(mut found) = resolution else { return Step::Tell(resolution) };
                if self.graph.has_side_effects(frame.module) {
                    found.path = self.paths.add(frame.module, found.path);
                }
                return Step::Tell(Resolution::Found(found));
            }
            FrameState::Copy { symbol } => {
                return Step::Tell(match resolution {
                    Resolution::Found(mut found) if is_fixed(self.graph, found.target) => {
                        // Always on the way: what the module does to `x` before it exports it belongs to its default, also
                        // where the package says that nobody needs the module for itself: `x.more = 1; export default x`.
                        found.path = self.paths.add(frame.module, found.path);
                        Resolution::Found(found)
                    }
                    _ => found_symbol(frame.module, *symbol),
                });
            }
            FrameState::Stars { sources, next, best } => (sources, next, best),
        };
        match resolution {
            Resolution::Found(mut found) => {
                let Some(source) = sources.get(next.wrapping_sub(1)) else { return Step::Tell(resolution) };
                found.path = self.paths.join(source.path, found.path);
                match best {
                    None => *best = Some((found, source.module)),
                    Some((known, from)) if !is_same(self.graph, known.target, found.target) => {
                        return Step::Tell(Resolution::Ambiguous(*from, source.module));
                    }
                    Some(_) => {}
                }
            }
            Resolution::Ambiguous(..) => return Step::Tell(resolution),
            Resolution::Missing | Resolution::Circular | Resolution::Unresolved => {}
        }
        if let Some(source) = sources.get(*next) {
            *next += 1;
            return Step::Ask(source.module, frame.name);
        }
        if let Some((found, _)) = best {
            return Step::Tell(Resolution::Found(*found));
        }
        Step::Tell(self.at_run_time(frame.module, frame.name))
    }

    /// A name that no ES module defines may still come through `export *` from CommonJS or an external module. With
    /// one such star it can only come from there; with several, the namespace object finds out at run time.
    fn at_run_time(&mut self, module: ModuleIdx, name: &'a str) -> Resolution<'a> {
        let default_is_module = self.default_is_module;
        let runtime = self.stars.runtime(self.graph, &mut self.paths, module);
        let target = match runtime {
            [] => return Resolution::Missing,
            [star] if self.graph.is_external(star.target) => Target::External {
                module: star.target,
                name: ExternalName::Named(name),
                node_mode: default_is_module || self.graph.has_flag(star.holder, ModuleFlags::NODE_ESM),
            },
            [star] => match self.interop.get(star.holder, star.request) {
                Some(object) => Target::Property { object, property: name },
                None => return Resolution::Missing,
            },
            [..] => Target::Property { object: SymbolRef::new(module, NAMESPACE_SYMBOL), property: name },
        };
        let path = match runtime {
            [star] => star.path,
            _ => PathIdx::NONE,
        };
        Resolution::Found(Found { target, path })
    }
}

fn found_symbol<'a>(module: ModuleIdx, symbol: SymbolIdx) -> Resolution<'a> {
    Resolution::Found(Found { target: Target::Symbol(SymbolRef::new(module, symbol)), path: PathIdx::NONE })
}

/// A declaration that nobody assigns to, or a namespace object: once its module has run, its value stays.
fn is_fixed(graph: &Graph<'_>, target: Target<'_>) -> bool {
    let Target::Symbol(symbol) = target else { return false };
    let kind = graph.summary(symbol.module).and_then(|summary| summary.symbols.get(symbol.symbol));
    match kind.map(|symbol| &symbol.kind) {
        Some(SymbolKind::Declared { flags, .. }) => !flags.contains(SymbolFlags::REASSIGNED),
        Some(SymbolKind::Linker) => symbol.symbol == NAMESPACE_SYMBOL,
        _ => false,
    }
}

/// Two `Interop` variables of one CommonJS module hold the same namespace.
fn is_same(graph: &Graph<'_>, left: Target<'_>, right: Target<'_>) -> bool {
    let interop_target = |symbol: SymbolRef| match graph.summary(symbol.module)?.symbols.get(symbol.symbol)?.kind {
        SymbolKind::Interop { request } => graph.target(symbol.module, request),
        _ => None,
    };
    let same_object =
        |left, right| left == right || interop_target(left).is_some_and(|target| interop_target(right) == Some(target));
    match (left, right) {
        (Target::Symbol(left), Target::Symbol(right)) => same_object(left, right),
        (Target::Property { object, property }, Target::Property { object: other, property: other_property }) => {
            property == other_property && same_object(object, other)
        }
        (Target::External { module, name, .. }, Target::External { module: other, name: other_name, .. }) => {
            module == other && name == other_name
        }
        _ => false,
    }
}
