//! Links synthetic modules and prints milliseconds: `cargo run --release -p cloudpack_link --example link_bench [N]`.
//! N modules (10,000 unless told otherwise) of 4 KB with 48 relocations each, one chunk; half of the relocations are
//! names of other modules.
//!
//! Target on 2 cores: 120 ms for the whole link of 10,000 modules without maps, placeholders and hashes included.
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, RequestIdx, SectionIdx, SymbolIdx, SymbolRef};
use cloudpack_link::{LinkInput, LinkModule, LinkOptions, ModuleCode, SourcemapMode, finalize, link};
use cloudpack_object::{MapSegment, ModuleObject, Relocation, RelocationKind, SectionShape, SectionText};
use cloudpack_plan::{Binding, BitSet, ChunkKind, ChunkPlan, LinkPlan, ModulePlan, RequestAction, RequestPlan, Wrap};
use cloudpack_summary::{
    DeclarationKind, ImportName, ImportRecord, ModuleFormat, ModuleSummary, RequestFlags, RequestKind, Section, Symbol,
    SymbolFlags, SymbolKind,
};
use std::time::Instant;

// The addon's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FUNCTIONS: u32 = 12;
const IMPORTS: u32 = 6;

fn main() {
    let count: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    for minify in [false, true] {
        let modules: Vec<(ModuleSummary, ModuleObject)> = (0..count).map(|module| synthesize(module, minify)).collect();
        let plan = plan_of(&modules);
        let ids: Vec<String> = (0..count).map(|module| format!("/app/src/module-{module}.js")).collect();
        for sourcemap in [SourcemapMode::None, SourcemapMode::File] {
            for _ in 0..3 {
                measure(&modules, &plan, &ids, minify, sourcemap);
            }
        }
    }
}

fn measure(
    modules: &[(ModuleSummary, ModuleObject)],
    plan: &LinkPlan,
    ids: &[String],
    minify: bool,
    sourcemap: SourcemapMode,
) {
    let options =
        LinkOptions { minify, sourcemap, entry_file_names: "[name]-[hash].js".to_owned(), ..LinkOptions::default() };
    let linked: IndexVec<ModuleIdx, LinkModule<'_>> = modules
        .iter()
        .zip(ids)
        .map(|((summary, object), id)| LinkModule {
            id,
            path: &id[5..],
            code: Some(ModuleCode { summary, object }),
            source: Some(&object.text),
            is_left_out: false,
            upstream_map: None,
            asset_file: None,
        })
        .collect();
    let css_files = IndexVec::new();
    let input = LinkInput {
        plan,
        modules: &linked,
        options: &options,
        css_files: &css_files,
        keeps_facts: false,
        former: None,
        pass: None,
    };
    let start = Instant::now();
    let output = link(&input);
    let link_ms = start.elapsed().as_secs_f64() * 1e3;
    let done = finalize(&input, output, Vec::new());
    let all_ms = start.elapsed().as_secs_f64() * 1e3;
    let bytes: usize =
        done.chunks.iter().map(|chunk| chunk.code.len() + chunk.map.as_ref().map_or(0, String::len)).sum();
    println!(
        "{} modules, minify {minify}, maps {sourcemap:?}: link {link_ms:.0} ms, with finalize {all_ms:.0} ms, {:.1} MB",
        modules.len(),
        bytes as f64 / 1e6
    );
}

/// 12 functions, each with a nested scope, a call of an import and of a neighbour: 48 relocations.
fn synthesize(module: u32, minify: bool) -> (ModuleSummary, ModuleObject) {
    let mut summary = ModuleSummary::empty(ModuleFormat::EsModule, &format!("module_{module}"));
    let mut object = ModuleObject::default();
    for import in 0..IMPORTS {
        let flags = RequestFlags::default();
        let specifier = format!("./module-{import}.js").into();
        summary.requests.push(ImportRecord { specifier, kind: RequestKind::Static, attributes: Vec::new(), flags });
        let kind = SymbolKind::Import {
            request: RequestIdx(import),
            name: ImportName::Named(format!("helper{import}").into()),
            namespace: None,
            is_called: false,
        };
        summary.symbols.push(Symbol { name: format!("helper{import}").into(), kind });
    }
    let first_import = 2;
    let first_function = first_import + IMPORTS;
    for function in 0..FUNCTIONS {
        let section = SectionIdx(function);
        let kind = SymbolKind::Declared {
            kind: DeclarationKind::Function,
            section,
            constant: None,
            flags: SymbolFlags::default(),
        };
        summary.symbols.push(Symbol { name: format!("helper{function}").into(), kind });
        summary.sections.push(Section { declares: vec![SymbolIdx(first_function + function)], ..Section::default() });
    }
    for function in 0..FUNCTIONS {
        let place = |object: &mut ModuleObject, target: u32, kind: RelocationKind| {
            let offset = object.text.len() as u32;
            object.relocations.push(Relocation { offset, covers: 0, kind, target });
            object.segments.push(MapSegment {
                offset,
                line: function * 8,
                column: offset % 80,
                name: u32::MAX,
                after_relocations: 0,
            });
        };
        object.text.push_str("function ");
        place(&mut object, first_function + function, RelocationKind::Name);
        object.text.push_str(if minify { "(e,t){let n=" } else { "(first, second) {\n\tlet total = " });
        place(&mut object, first_import + function % IMPORTS, RelocationKind::Callee);
        object.text.push_str(if minify { "(e);" } else { "(first);\n" });
        for line in 0..4 {
            let text =
                format!("\ttotal += first * {line} + second.property{line}.another.name(\"text {module} {line}\");\n");
            object.text.push_str(&text);
            object.segments.push(MapSegment {
                offset: object.text.len() as u32 - 10,
                line: function * 8 + line,
                column: 4,
                name: u32::MAX,
                after_relocations: 0,
            });
        }
        object.text.push_str("\treturn ");
        place(&mut object, first_function + (function + 1) % FUNCTIONS, RelocationKind::Callee);
        object.text.push_str("(total, ");
        place(&mut object, first_import + (function + 3) % IMPORTS, RelocationKind::Name);
        object.text.push_str(");\n}");
        object.text.push_str(if minify { "" } else { "\n" });
        object.sections.push(SectionText {
            nested_short: 0,
            text_end: object.text.len() as u32,
            relocations_end: object.relocations.len() as u32,
            segments_end: object.segments.len() as u32,
            shape: SectionShape::Function,
        });
    }
    object.nested_names = if minify {
        vec!["e".into(), "n".into(), "t".into()]
    } else {
        vec!["first".into(), "second".into(), "total".into()]
    };
    object.global_names = vec!["console".into()];
    (summary, object)
}

fn plan_of(modules: &[(ModuleSummary, ModuleObject)]) -> LinkPlan {
    let count = modules.len() as u32;
    let mut plan = LinkPlan::default();
    for (at, (summary, _)) in modules.iter().enumerate() {
        let module = ModuleIdx(at as u32);
        let mut live_sections = BitSet::with_len(summary.sections.len());
        summary.sections.indices().for_each(|section| {
            live_sections.insert(section);
        });
        let target_of = |import: u32| ModuleIdx((at as u32 * 7 + import * 131 + 1) % count);
        let bindings = summary.symbols.iter_enumerated().map(|(symbol, data)| match &data.kind {
            SymbolKind::Import { request, .. } => Binding::Symbol(SymbolRef::new(
                target_of(request.0),
                SymbolIdx(2 + IMPORTS + (request.0 * 2) % FUNCTIONS),
            )),
            _ => Binding::Symbol(SymbolRef::new(module, symbol)),
        });
        plan.modules.push(ModulePlan {
            live: true,
            exec_order: at as u32,
            wrap: Wrap::None,
            is_async: false,
            awaits: false,
            pauses: false,
            run_in_place: false,
            chunk: Some(ChunkIdx(0)),
            needs_namespace: false,
            live_sections,
            bindings: bindings.collect(),
            requests: (0..IMPORTS)
                .map(|import| RequestPlan { target: Some(target_of(import)), action: RequestAction::None })
                .collect(),
            exports: Vec::new(),
            runtime_stars: Vec::new(),
            external_names: Vec::new(),
        });
    }
    plan.chunks.push(ChunkPlan {
        kind: ChunkKind::Entry,
        name: "index".to_owned(),
        entry: None,
        modules: plan.modules.indices().collect(),
        css: Vec::new(),
        imports: Vec::new(),
        externals: Vec::new(),
        dynamic_imports: Vec::new(),
        exports: Vec::new(),
        helpers: Vec::new(),
        is_async: false,
    });
    plan
}
