//! `Session::why`: the graph and the plans that it is answered from. A build that was recalled has neither in memory; they are
//! taken from the store, or made. Neither changes what the build gave.

use super::Session;
use crate::changes::Changes;
use crate::compile::CompileContext;
use crate::graph::ModuleRecord;
use crate::plan::{Part, plan_output};
use crate::scan::{EntryPoint, Scan, ScanContext};
use crate::threads::pool;
use crate::why::{Rebuilt, Why, why};
use cloudpack_base::{Diagnostic, path};

/// Made when somebody asks for the first time.
pub(super) struct Explained {
    /// Of a build that was recalled; otherwise the session's own.
    scan: Option<Scan>,
    /// Of the first output. None where the build has errors.
    parts: Vec<Part>,
    variant: usize,
}

impl Session {
    /// Why the module is in the first output or is not, and what became of it in this build. `id` as the graph has it, or a
    /// path relative to the project. `None`: nothing asks for such a module. Cost: the first time, that of Analyze, and of
    /// loading the graph if nothing had changed.
    pub fn why(&mut self, id: &str) -> Option<Why> {
        if self.explained.is_none() {
            self.explained = Some(self.explain());
        }
        let explained = self.explained.as_ref()?;
        let scan = explained.scan.as_ref().unwrap_or(&self.scan);
        let absolute = path::normalize(&path::join(&self.options.cwd, &path::from_native(id)));
        let id = if scan.graph.find(id).is_some() { id } else { &absolute };
        let record = scan.graph.modules.get(scan.graph.find(id)?)?;
        why(scan, &explained.parts, explained.variant, id, self.rebuilt(record))
    }

    fn explain(&mut self) -> Explained {
        let variant = self.options.output.first().and_then(|output| self.compile.variant_for(output)).unwrap_or(0);
        let scan = if self.recalled.is_some() { self.graph_of_recalled() } else { None };
        let kept = match (&scan, &mut self.memory) {
            (Some(_), Some(memory)) => memory.plans_that_hold(0),
            _ => None,
        };
        let is_broken = self.diagnostics().iter().any(Diagnostic::is_error);
        let parts = match (kept, self.options.output.first()) {
            _ if is_broken => Vec::new(),
            (Some(kept), _) => kept,
            (None, Some(output)) => {
                let from = scan.as_ref().unwrap_or(&self.scan);
                // Its faults were told of by the build.
                pool().install(|| plan_output(from, &self.options, output, variant, &mut Vec::new()))
            }
            (None, None) => Vec::new(),
        };
        Explained { scan, parts, variant }
    }

    fn graph_of_recalled(&mut self) -> Option<Scan> {
        let Self { memory: Some(memory), scan, options, compile, cache, resolver, hooks, external, fs, .. } = self
        else {
            return None;
        };
        let compile = CompileContext { options, compile, resolver, cache: cache.as_ref() };
        let context = ScanContext { fs: &**fs, compile, hooks, results: None, external };
        let entries = || Scan::new(scan.entries.iter().map(EntryPoint::unresolved).collect());
        pool().install(|| {
            let kept = memory.resume(Changes::default(), entries(), &context);
            Some(kept.map(|kept| kept.scan).unwrap_or_else(|| {
                let mut scan = entries();
                // Whoever is recalled has no hooks that could have tasks.
                drop(scan.run(&context, Vec::new()));
                scan
            }))
        })
    }

    fn rebuilt(&self, record: &ModuleRecord) -> Rebuilt {
        let compiled = record.is_compiled && self.recalled.is_none();
        let because = |because: &str| Rebuilt { compiled, because: because.to_owned(), changed: Vec::new() };
        if let Some(recalled) = &self.recalled {
            return match recalled.changed.iter().find(|(id, _)| *id == record.id) {
                Some((_, compiled)) => Rebuilt {
                    compiled: *compiled,
                    because: content_changed(*compiled).to_owned(),
                    changed: vec![record.path.clone()],
                },
                None if recalled.is_changed => because(SAME_CONTENT),
                None => because("nothing changed since the last build"),
            };
        }
        let Some(memory) = &self.memory else {
            return match (&self.cache, compiled) {
                (None, _) => because("without a cache every build compiles every module"),
                (Some(_), true) => because("the cache has nothing for its content and what it is compiled with"),
                (Some(_), false) => because("the cache has what was made of its content"),
            };
        };
        let is_own = |path: &str| !record.path.is_empty() && path == record.path;
        let is_setting = |path: &str| {
            let name = path::basename(path);
            name == "package.json" || name.contains("tsconfig")
        };
        let Some(changed) = memory.changed_since_last(|path| is_own(path) || is_setting(path)) else {
            return because(match compiled {
                true => "no earlier build with these options is known",
                false => "no earlier build with these options is known, but the cache has what was made of its content",
            });
        };
        let (own, settings): (Vec<String>, Vec<String>) = changed.into_iter().partition(|path| is_own(path));
        let (text, changed) = match (compiled, own.is_empty()) {
            (_, false) => (content_changed(compiled), own),
            (true, true) if !settings.is_empty() => ("what it is compiled with changed", settings),
            (true, true) => ("it is new to this build", Vec::new()),
            (false, true) => (SAME_CONTENT, Vec::new()),
        };
        Rebuilt { compiled, because: text.to_owned(), changed }
    }
}

const SAME_CONTENT: &str = "its content is what it was";

fn content_changed(compiled: bool) -> &'static str {
    if compiled { "its content changed" } else { "its content changed to one that was compiled before" }
}
