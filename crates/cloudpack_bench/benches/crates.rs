//! `cargo bench -p cloudpack_bench`: one bench a hot crate, on a generated application in memory that is made outside of the
//! timed loops. Analyze and link have no inputs but those that the driver makes, so they are timed through a session whose
//! scan is over.

use cloudpack::Session;
use cloudpack::options::{BuildOptions, InputItem, OutputOptions};
use cloudpack::protocol::HookTable;
use cloudpack_bench::fingerprint::Fingerprint;
use cloudpack_bench::generate::{Options, application};
use cloudpack_bench::summarize::{input_of, options};
use cloudpack_fs::MemoryFileSystem;
use cloudpack_resolve::{RequestFlavor, Resolver, ResolverOptions};
use cloudpack_summarize::summarize_js;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use serde_json::json;
use std::sync::{Arc, LazyLock};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MODULES: usize = 500;

static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let fingerprint = Fingerprint::parse(include_str!("../../../benches/fingerprints/mixed.json"));
    let fingerprint = fingerprint.unwrap_or_else(|error| panic!("{error}"));
    let options = Options { fingerprint: &fingerprint, modules: MODULES, seed: 1, average_bytes: Some(3_300) };
    application(&options, &[]).files
});

fn main() {
    divan::main();
}

/// Every module of the application, one after the other, on one thread.
#[divan::bench(args = [false, true])]
fn summarize(bencher: Bencher<'_, '_>, minify: bool) {
    let options = options(minify);
    let inputs: Vec<_> = FILES.iter().filter_map(|(path, text)| input_of(path, text)).collect();
    let bytes: usize = inputs.iter().map(|input| input.source.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for input in &inputs {
            black_box(summarize_js(*input, &options));
        }
    });
}

/// Every relative request of the application, by a resolver that knows nothing yet.
#[divan::bench]
fn resolve(bencher: Bencher<'_, '_>) {
    let fs = Arc::new(memory());
    let mut requests = Vec::new();
    for (path, text) in FILES.iter() {
        let folder = path.rsplit_once('/').map_or("/app".to_owned(), |(folder, _)| format!("/app/{folder}"));
        let specifiers = text.split(" from \"").skip(1).filter_map(|rest| rest.split('"').next());
        requests.extend(specifiers.map(|specifier| (folder.clone(), format!("/app/{path}"), specifier.to_owned())));
    }
    bencher.counter(ItemsCount::new(requests.len())).bench_local(|| {
        let options = ResolverOptions { cwd: "/app".to_owned(), ..ResolverOptions::default() };
        let resolver = Resolver::new(fs.clone(), options);
        for (folder, importer, specifier) in &requests {
            black_box(resolver.resolve(specifier, folder, Some(importer), RequestFlavor::Import));
        }
    });
}

#[divan::bench]
fn scan(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(MODULES)).with_inputs(session).bench_local_values(|mut session| {
        black_box(session.scan(Vec::new()));
        session
    });
}

#[divan::bench]
fn analyze_and_link(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(MODULES)).with_inputs(scanned).bench_local_values(|mut session| {
        assert!(black_box(session.generate(0)).is_ok());
        session
    });
}

#[divan::bench]
fn finalize(bencher: Bencher<'_, '_>) {
    let linked = || {
        let mut session = scanned();
        assert!(session.generate(0).is_ok());
        session
    };
    bencher.counter(ItemsCount::new(MODULES)).with_inputs(linked).bench_local_values(|mut session| {
        assert!(black_box(session.finalize(0, Vec::new(), Vec::new())).is_ok());
        session
    });
}

fn memory() -> MemoryFileSystem {
    MemoryFileSystem::from_files(FILES.iter().map(|(path, text)| (format!("/app/{path}"), text.as_bytes())))
}

fn scanned() -> Session {
    let mut session = session();
    session.scan(Vec::new());
    session
}

fn session() -> Session {
    let parsed = |text| serde_json::from_value(text).unwrap_or_else(|error| panic!("{error}"));
    let output: OutputOptions =
        serde_json::from_value(json!({ "dir": "dist" })).unwrap_or_else(|error| panic!("{error}"));
    let options = BuildOptions {
        cwd: "/app".to_owned(),
        input: vec![InputItem { name: "main".to_owned(), import: "src/main.ts".to_owned(), named: false }],
        output: vec![output],
        ..parsed(json!({}))
    };
    Session::new(options, HookTable::default(), Arc::new(memory())).unwrap_or_else(|faults| panic!("{faults:?}"))
}
