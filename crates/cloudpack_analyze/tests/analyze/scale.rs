//! Large graphs: nothing overflows a stack, nothing is quadratic enough to be felt.

use crate::builder::{ModuleBuilder, Outcome, app, module, section};
use cloudpack_analyze::{AnalyzeOptions, analyze};

#[path = "../../examples/synthetic_app/app.rs"]
mod synthetic;

pub(crate) fn run_linked(modules: Vec<ModuleBuilder>) -> Outcome {
    app("main.js", modules).run().accepted()
}

#[test]
fn a_chain_of_10_000_imports_and_a_cycle_through_all_of_them_need_no_stack() {
    let count = 10_000;
    let mut modules = vec![module("main.js").bare("m0.js")];
    for index in 0..count {
        let next = (index + 1) % count;
        modules.push(
            module(&format!("m{index}.js"))
                .import(&format!("m{next}.js"), "f as g")
                .exports_function("f", &["g"])
                .section(if index == 7 { section().awaits() } else { section().effect() }),
        );
    }
    let outcome = run_linked(modules);
    assert_eq!(outcome.live().split(' ').count(), count + 1);
    assert!(outcome.module("m9999.js").is_async);
}

#[test]
fn an_application_of_50_000_modules_is_analysed_whole() {
    let app = synthetic::SyntheticApp::new(50_000);
    let graph = app.graph();
    let (plan, diagnostics) = analyze(&graph, &AnalyzeOptions::default());
    assert!(diagnostics.is_empty(), "{:?}", &diagnostics[..diagnostics.len().min(3)]);
    let live = plan.modules.iter().filter(|module| module.live).count();
    assert!(live > 45_000, "{live}");
    let carried: usize = plan.chunks.iter().map(|chunk| chunk.modules.len()).sum();
    assert!(carried > 45_000 && carried <= live);
}
