//! Prints how long Analyze takes on synthetic applications: `cargo run --release -p cloudpack_analyze --example
//! synthetic_app [modules...]`.

mod app;

use app::SyntheticApp;
use cloudpack_analyze::{AnalyzeOptions, analyze};
use cloudpack_plan::Wrap;
use std::time::Instant;

fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|count| count.parse().ok()).collect();
    for count in if asked.is_empty() { vec![1_000, 10_000, 50_000] } else { asked } {
        let app = SyntheticApp::new(count);
        let graph = app.graph();
        let mut best = f64::INFINITY;
        let mut shape = (0, 0, 0, 0);
        for _ in 0..5 {
            let start = Instant::now();
            let (plan, diagnostics) = analyze(&graph, &AnalyzeOptions::default());
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
            let live = plan.modules.iter().filter(|module| module.live).count();
            let wrapped = plan.modules.iter().filter(|module| module.wrap == Wrap::Esm).count();
            shape = (live, plan.chunks.len(), wrapped, diagnostics.len());
        }
        let (live, chunks, wrapped, diagnostics) = shape;
        println!(
            "{count:>7} modules: {best:7.1} ms, {live} live, {chunks} chunks, {wrapped} ES modules wrapped for order, {diagnostics} diagnostics"
        );
    }
}
