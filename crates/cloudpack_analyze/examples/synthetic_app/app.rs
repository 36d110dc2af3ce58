//! A synthetic application as summaries: an entry that awaits its first route, routes that are loaded lazily, features
//! below them, shared libraries behind barrels, a little CommonJS, a few external names. Deterministic.

use cloudpack_analyze::{Entry, EntryKind, Graph, GraphModule, GraphModuleKind};
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx, SymbolIdx};
use cloudpack_summary::{
    DeclarationKind, ImportName, ImportRecord, IndirectExport, LocalExport, ModuleFlags, ModuleFormat, ModuleSummary,
    RequestFlags, RequestKind, Section, SectionFlags, Symbol, SymbolFlags, SymbolKind,
};

pub(crate) struct SyntheticApp {
    modules: Vec<SyntheticModule>,
}

struct SyntheticModule {
    id: String,
    /// `None` for external modules.
    summary: Option<ModuleSummary>,
    side_effects: bool,
    resolved: Vec<Option<ModuleIdx>>,
}

/// Small, fast, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

const FUNCTIONS: usize = 12;

impl SyntheticModule {
    fn new(id: String, format: ModuleFormat) -> Self {
        let mut summary = ModuleSummary::empty(format, "m");
        if format == ModuleFormat::EsModule {
            summary.flags.insert(ModuleFlags::ES_SYNTAX);
        }
        Self { id, summary: Some(summary), side_effects: true, resolved: Vec::new() }
    }

    fn request(&mut self, kind: RequestKind, target: usize) -> RequestIdx {
        self.resolved.push(Some(ModuleIdx(target as u32)));
        let record =
            ImportRecord { specifier: "x".into(), kind, attributes: Vec::new(), flags: RequestFlags::default() };
        self.summary.as_mut().map_or(RequestIdx(0), |summary| summary.requests.push(record))
    }

    fn symbol(&mut self, name: &str, kind: SymbolKind) -> SymbolIdx {
        let symbol = Symbol { name: name.into(), kind };
        self.summary.as_mut().map_or(SymbolIdx(0), |summary| summary.symbols.push(symbol))
    }

    fn import(&mut self, target: usize, names: &[String]) -> Vec<SymbolIdx> {
        let request = self.request(RequestKind::Static, target);
        self.symbol("import_x", SymbolKind::Interop { request });
        names
            .iter()
            .map(|name| {
                let imported = ImportName::Named(name.as_str().into());
                self.symbol(name, SymbolKind::Import { request, name: imported, namespace: None, is_called: false })
            })
            .collect()
    }

    fn section(&mut self, section: Section) {
        if let Some(summary) = &mut self.summary {
            summary.sections.push(section);
        }
    }

    /// Functions `f0`, `f1`, ...: each uses the one before and some imports.
    fn functions(&mut self, imported: &[SymbolIdx], random: &mut Random) {
        let mut previous = None;
        for index in 0..FUNCTIONS {
            let name = format!("f{index}");
            let section = self
                .summary
                .as_ref()
                .map(|summary| summary.sections.next_index())
                .unwrap_or(cloudpack_base::SectionIdx(0));
            let flags = SymbolFlags::default();
            let kind = SymbolKind::Declared { kind: DeclarationKind::Function, section, constant: None, flags };
            let symbol = self.symbol(&name, kind);
            let mut uses: Vec<SymbolIdx> = previous.into_iter().collect();
            for _ in 0..3 {
                uses.extend(imported.get(random.below(imported.len())));
            }
            uses.sort_unstable();
            uses.dedup();
            self.section(Section { declares: vec![symbol], uses, ..Section::default() });
            if let Some(summary) = &mut self.summary {
                summary.local_exports.push(LocalExport { exported: name.into(), symbol, copy_of: None });
            }
            previous = Some(symbol);
        }
    }

    fn runs(&mut self, uses: Vec<SymbolIdx>, requests: Vec<RequestIdx>, flags: SectionFlags) {
        self.section(Section { uses, requests, flags, ..Section::default() });
    }

    fn finish(&mut self) {
        if let Some(summary) = &mut self.summary {
            summary.local_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
            summary.indirect_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
        }
    }
}

fn is_commonjs_library(index: usize) -> bool {
    index % 40 == 7 && index % 50 != 49
}

impl SyntheticApp {
    pub(crate) fn new(count: usize) -> Self {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let routes = (count / 100).max(1);
        let libraries = count / 5;
        let mut modules: Vec<SyntheticModule> = Vec::with_capacity(count + 2);
        // Libraries: 0..libraries; every 50th is a barrel over the 49 before it, every 40th is CommonJS.
        for index in 0..libraries {
            let is_barrel = index % 50 == 49;
            let is_commonjs = is_commonjs_library(index);
            let format = if is_commonjs { ModuleFormat::CommonJs } else { ModuleFormat::EsModule };
            let mut module = SyntheticModule::new(format!("/node_modules/lib{}/m{index}.js", index / 50), format);
            if is_barrel {
                module.side_effects = false;
                for below in (index - 49)..index {
                    if is_commonjs_library(below) {
                        continue;
                    }
                    let imported = module.import(below, &["f11".to_owned()]);
                    if let Some(summary) = &mut module.summary {
                        let exported = format!("l{}", below % 50).into();
                        summary
                            .indirect_exports
                            .extend(imported.first().map(|symbol| IndirectExport { exported, symbol: *symbol }));
                    }
                }
            } else if is_commonjs {
                module.runs(Vec::new(), Vec::new(), SectionFlags::SIDE_EFFECTS);
            } else {
                let mut imported = Vec::new();
                for _ in 0..3.min(index % 50) {
                    let target = index - 1 - random.below(index % 50);
                    if target % 40 != 7 {
                        imported.extend(module.import(target, &["f3".to_owned(), "f5".to_owned()]));
                    } else {
                        imported.extend(module.import(target, &["any".to_owned()]));
                    }
                }
                module.functions(&imported, &mut random);
                module.side_effects = index % 3 == 0;
                if index % 9 == 0 {
                    module.runs(Vec::new(), Vec::new(), SectionFlags::SIDE_EFFECTS);
                }
            }
            module.finish();
            modules.push(module);
        }
        // Features: a tree a route; each imports its children and some libraries through barrels.
        let first_feature = libraries;
        let features = count - libraries - 1;
        let each = features / routes;
        for index in 0..features {
            let mut module = SyntheticModule::new(format!("/src/feature{index}.js"), ModuleFormat::EsModule);
            let mut imported = Vec::new();
            // Within a route, module `i` imports `2i + 1` and `2i + 2`, which come later in the table.
            let (route, place) = (index / each.max(1), index % each.max(1));
            for child in [2 * place + 1, 2 * place + 2] {
                if child < each && route * each + child < features {
                    let target = first_feature + route * each + child;
                    imported.extend(module.import(target, &["f11".to_owned(), "f7".to_owned()]));
                }
            }
            for _ in 0..2 {
                let barrel = random.below(libraries / 50) * 50 + 49;
                let mut member = random.below(49);
                if (barrel - 49 + member) % 40 == 7 {
                    member += 1;
                }
                imported.extend(module.import(barrel.min(libraries - 1), &[format!("l{}", member.min(48))]));
            }
            module.functions(&imported, &mut random);
            if index % 5 == 0 {
                module.runs(Vec::new(), Vec::new(), SectionFlags::SIDE_EFFECTS);
            }
            module.finish();
            modules.push(module);
        }
        let external = modules.len() + 1;
        let mut main = SyntheticModule::new("/src/main.js".to_owned(), ModuleFormat::EsModule);
        let mut uses = main.import(external, &["createRoot".to_owned()]);
        uses.extend(main.import(first_feature, &["f11".to_owned()]));
        let lazy = (0..routes).map(|route| main.request(RequestKind::Dynamic, first_feature + route * each)).collect();
        let mut flags = SectionFlags::SIDE_EFFECTS;
        flags.insert(SectionFlags::AWAIT);
        main.runs(uses, lazy, flags);
        main.finish();
        modules.push(main);
        modules.push(SyntheticModule {
            id: "react".to_owned(),
            summary: None,
            side_effects: true,
            resolved: Vec::new(),
        });
        Self { modules }
    }

    pub(crate) fn graph(&self) -> Graph<'_> {
        let modules: IndexVec<ModuleIdx, GraphModule<'_>> = self
            .modules
            .iter()
            .map(|module| GraphModule {
                id: &module.id,
                kind: match &module.summary {
                    Some(summary) => GraphModuleKind::Internal(summary),
                    None => GraphModuleKind::External { specifier: &module.id },
                },
                side_effects: module.side_effects,
                keep: false,
                named_groups: &[],
                resolved: &module.resolved,
            })
            .collect();
        let main = ModuleIdx(self.modules.len() as u32 - 2);
        Graph { modules, entries: vec![Entry { module: main, name: "main", kind: EntryKind::User }] }
    }
}
