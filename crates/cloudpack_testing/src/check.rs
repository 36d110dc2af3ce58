//! All checks of one case, in the order in which a failure says most: (1) the same bytes however it is built; (2) the
//! bundle does what Node does with the unbundled modules; (3) counters; (4) diagnostics; (5) the text of the output.

use std::path::Path;

use cloudpack::options::CacheOptions;
use cloudpack_base::path;

use crate::build::{Built, build};
use crate::case::{Case, Run};
use crate::node::{Job, run};
use crate::observation::{Observation, same};
use crate::options::{build_options, global_name, inputs, output, output_folder};
use crate::place::Place;
use crate::tree::Tree;
use crate::variant::{Facts, Variant, others};
use crate::{Failure, diagnostics, snapshot, source_map, warm};

pub fn check(case: &Case) -> Result<(), Failure> {
    let result = check_steps(case);
    match (&case.file.known_failure, result) {
        (None, result) => result,
        (Some(known), Ok(())) => Err(format!("this case passes now; remove its `knownFailure` (\"{}\")", known.reason)),
        (Some(known), Err(failure)) if failure.contains(&known.contains) => Ok(()),
        (Some(known), Err(failure)) => {
            Err(format!("fails in another way than the known one ({:?}):\n{failure}", known.contains))
        }
    }
}

fn check_steps(case: &Case) -> Result<(), Failure> {
    let mut text = String::new();
    let mut warm: Option<(Place, Tree)> = None;
    // One store for all steps and all places: what the first build of a content learnt must serve all.
    let store = tempfile::tempdir().map_err(|error| error.to_string())?;
    for step in 0..=case.steps {
        let tree = Tree::of(case, step)?;
        let lived_in = match warm.take() {
            Some((place, before)) => {
                place.lay_out(&before, &tree)?;
                place
            }
            None => Place::on_disk(&tree)?,
        };
        let built = check_step(case, step, &tree, &lived_in, store.path()).map_err(|failure| match step {
            0 => failure,
            _ => format!("step {step}: {failure}"),
        })?;
        if step > 0 {
            text.push_str(&format!("\n======== step {step} ========\n"));
        }
        text.push_str(&snapshot::render(&built));
        warm = Some((lived_in, tree));
    }
    snapshot::compare(case, &text)
}

/// Builds and runs one state of the inputs in all ways. `lived_in` holds the output of the step before.
fn check_step(case: &Case, step: usize, tree: &Tree, lived_in: &Place, store: &Path) -> Result<Built, Failure> {
    let folder = output_folder(case);
    let (expected, counters) = case.expected_at(step);
    let before = lived_in.files_in(&folder);
    let built = build_variant(case, tree, lived_in, Variant::Plain)?;
    let fails = built.failed();
    if fails {
        // A stranger's file that a failing build must leave alone, in the first step too.
        if lived_in.files_in(&folder) != before {
            return Err("a failed build changed the output folder".to_owned());
        }
    } else {
        diagnostics_are_about_something(&built)?;
        written_as_reported(lived_in, &folder, &built)?;
    }
    check_determinism(case, tree, &built)?;
    check_cache(case, tree, &built, store)?;

    // An unexpected error says more than the failure to run what was not built.
    if fails {
        diagnostics::compare(expected, &built.diagnostics)?;
        return Ok(built);
    }
    let runner = Runner { case, tree, place: lived_in, folder: &folder, unbundled: unbundled(case, tree, lived_in)? };
    runner.check(&built, Variant::Plain).map_err(|failure| format!("plain: {failure}"))?;
    if step == 0 {
        let format = output(case).get("format").and_then(|format| format.as_str()).unwrap_or("es").to_owned();
        let entries = inputs(case, tree)?;
        let is_page = entries.iter().any(|(_, specifier, _)| !is_script(specifier));
        let facts = Facts { format, entries: entries.len(), is_page, chunks: built.chunks };
        for variant in others(case, &facts)? {
            lived_in.remove(&folder);
            runner.build_and_check(variant).map_err(|failure| format!("{}: {failure}", variant.name()))?;
        }
        lived_in.remove(&folder);
        if case.steps > 0 {
            // The next step finds what this one left.
            build_variant(case, tree, lived_in, Variant::Plain)?;
        }
    }
    compare_counters(counters, &built)?;
    diagnostics::compare(expected, &built.diagnostics)?;
    Ok(built)
}

fn is_script(specifier: &str) -> bool {
    !matches!(path::extension(specifier), Some("html" | "css"))
}

fn build_variant(case: &Case, tree: &Tree, place: &Place, variant: Variant) -> Result<Built, Failure> {
    build(build_options(case, tree, place, variant)?, place)
}

/// The same bytes and words: built again, elsewhere, on the memory file system in both forms; minified
/// and with maps too.
fn check_determinism(case: &Case, tree: &Tree, built: &Built) -> Result<(), Failure> {
    let large = tree.size() > 1 << 20 && !case.file.helpers;
    let elsewhere = Place::on_disk(tree)?;
    compare_builds("on the disk, at another path", built, &build_variant(case, tree, &elsewhere, Variant::Plain)?)?;
    if large {
        return Ok(());
    }
    let unix = Place::in_memory_unix(tree);
    compare_builds("in memory", built, &build_variant(case, tree, &unix, Variant::Plain)?)?;
    let windows = Place::in_memory_windows(tree);
    compare_builds("in memory, Windows paths", built, &build_variant(case, tree, &windows, Variant::Plain)?)?;
    if built.failed() || case.file.except.contains_key("minified") {
        return Ok(());
    }
    elsewhere.remove(&output_folder(case));
    let minified = build_variant(case, tree, &elsewhere, Variant::Minified)?;
    source_map::check(&minified, tree, &output_folder(case))?;
    for (place, what) in [(unix, "minified, in memory"), (windows, "minified, in memory, Windows paths")] {
        compare_builds(what, &minified, &build_variant(case, tree, &place, Variant::Minified)?)?;
    }
    Ok(())
}

/// The same bytes and words with a store that is empty or knows an earlier step, with one that knows everything, at another
/// place, and when what it knows is compiled again and compared.
fn check_cache(case: &Case, tree: &Tree, built: &Built, store: &Path) -> Result<(), Failure> {
    if tree.size() > 1 << 20 {
        return Ok(());
    }
    let cached = |place: &Place, verify: bool| {
        let mut options = build_options(case, tree, place, Variant::Plain)?;
        let dir = store.to_string_lossy().into_owned();
        options.cache = Some(CacheOptions { verify, ..CacheOptions::at(dir) });
        build(options, place)
    };
    let unix = Place::in_memory_unix(tree);
    let first = cached(&unix, false)?;
    compare_builds("with a cache", built, &first)?;
    let windows = Place::in_memory_windows(tree);
    let second = cached(&windows, false)?;
    compare_builds("from the cache, at another place", built, &second)?;
    let (all, again) = (first.stats.summarized + first.stats.reused, second.stats.summarized);
    let has_page = tree.entries.keys().any(|name| name.ends_with(".html"));
    if again > 0 && built.diagnostics.is_empty() && !has_page {
        return Err(format!("{again} of {all} modules were not found in the cache"));
    }
    compare_builds("with a cache that is verified", built, &cached(&unix, true)?)?;
    let compare = |what: &str, first: &Built, second: &Built| compare_builds(what, first, second);
    warm::check(case, tree, &unix, &first, store, &compare)?;
    warm::check_edits(case, tree, store, &compare)
}

fn compare_builds(what: &str, first: &Built, second: &Built) -> Result<(), Failure> {
    if first.files == second.files && first.diagnostics == second.diagnostics {
        return Ok(());
    }
    let difference = snapshot::difference(&snapshot::render(first), &snapshot::render(second));
    Err(format!("the build is not the same {what} (- first, + second)\n{difference}"))
}

fn diagnostics_are_about_something(built: &Built) -> Result<(), Failure> {
    match built.diagnostics.iter().find(|diagnostic| diagnostic.code.is_empty() || diagnostic.message.is_empty()) {
        Some(empty) => Err(format!("a diagnostic says nothing: {empty:?}")),
        None => Ok(()),
    }
}

/// What lies on the disk is what the bundle says, byte for byte.
fn written_as_reported(place: &Place, folder: &str, built: &Built) -> Result<(), Failure> {
    debug_assert!(place.is_on_disk());
    for (name, bytes) in &built.files {
        if std::fs::read(place.native(&format!("{folder}/{name}"))).ok().as_ref() != Some(bytes) {
            return Err(format!("{name} was not written as reported"));
        }
    }
    Ok(())
}

fn compare_counters(expected: &serde_json::Map<String, serde_json::Value>, built: &Built) -> Result<(), Failure> {
    let stats = serde_json::to_value(&built.stats).map_err(|error| error.to_string())?;
    for (name, value) in expected {
        if stats.get(name) != Some(value) {
            return Err(format!("counter {name} is {:?}, expected {value}", stats.get(name)));
        }
    }
    Ok(())
}

fn mode(case: &Case) -> Run {
    let by_files = if case.expected_output.is_some() { Run::Expected } else { Run::Compare };
    case.file.run.unwrap_or(by_files)
}

/// What Node does with the sources, where it can run them.
fn unbundled(case: &Case, tree: &Tree, place: &Place) -> Result<Option<Observation>, Failure> {
    let entries = inputs(case, tree)?;
    if mode(case) != Run::Compare || !entries.iter().all(|(_, specifier, _)| is_script(specifier)) {
        return Ok(None);
    }
    let job = Job {
        mode: "import",
        entries: entries.iter().map(|(_, specifier, _)| path::join(&place.cwd, specifier)).collect(),
        global: None,
        test: None,
        variant: "unbundled",
        dir: place.cwd.clone(),
        files: Vec::new(),
        flags: &case.file.node,
    };
    run(&job, &place.cwd).map(Some)
}

struct Runner<'a> {
    case: &'a Case,
    tree: &'a Tree,
    place: &'a Place,
    folder: &'a str,
    unbundled: Option<Observation>,
}

impl Runner<'_> {
    fn build_and_check(&self, variant: Variant) -> Result<(), Failure> {
        let built = build_variant(self.case, self.tree, self.place, variant)?;
        if self.case.file.top_level_await && !variant.has_import() {
            let refused = built.diagnostics.iter().any(|found| found.code == "INVALID_TLA_FORMAT");
            return if refused { Ok(()) } else { Err("top-level await was not refused".to_owned()) };
        }
        if built.failed() {
            return Err(format!("the build fails:\n{}", snapshot::render(&built)));
        }
        written_as_reported(self.place, self.folder, &built)?;
        self.check(&built, variant)
    }

    fn check(&self, built: &Built, variant: Variant) -> Result<(), Failure> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let texts: Vec<String> =
            built.files.iter().filter(|(name, _)| !name.ends_with(".map")).map(|(_, bytes)| text(bytes)).collect();
        for absent in &self.case.file.absent {
            if texts.iter().any(|text| text.contains(absent)) {
                return Err(format!("{absent:?} is in the output\n{}", texts.join("\n")));
            }
        }
        for present in &self.case.file.present {
            if !texts.iter().any(|text| text.contains(present)) {
                return Err(format!("{present:?} is not in the output\n{}", texts.join("\n")));
            }
        }
        let observed = self.run(built, variant)?;
        if let Some(unbundled) = &self.unbundled {
            same(unbundled, &observed, variant)?;
        } else if mode(self.case) != Run::Compare {
            observed.must_be_clean()?;
        }
        if let (Run::Expected, Some(expected)) = (mode(self.case), &self.case.expected_output)
            && *expected != observed.stdout
        {
            let difference = snapshot::difference(expected, &observed.stdout);
            return Err(format!("the output differs from expected.txt\n{difference}"));
        }
        match &observed.report()?.test_error {
            Some(error) => Err(format!("_test.mjs: {error}\n{}", texts.join("\n"))),
            None => Ok(()),
        }
    }

    fn run(&self, built: &Built, variant: Variant) -> Result<Observation, Failure> {
        let format = match variant {
            Variant::Cjs => "cjs".to_owned(),
            Variant::Iife => "iife".to_owned(),
            _ => output(self.case).get("format").and_then(|format| format.as_str()).unwrap_or("es").to_owned(),
        };
        let (mode_of_node, package_type) = match format.as_str() {
            "cjs" => ("require", "commonjs"),
            "iife" => ("script", "commonjs"),
            _ => ("import", "module"),
        };
        // A chunk without `import` and `export` says nothing about its format by itself.
        let package = self.place.native(&format!("{}/package.json", self.folder));
        let write = std::fs::create_dir_all(self.place.native(self.folder))
            .and_then(|()| std::fs::write(package, format!("{{ \"type\": \"{package_type}\" }}\n")));
        write.map_err(|error| error.to_string())?;

        let dir = path::join(&self.place.cwd, self.folder);
        let mut entries = Vec::new();
        for (_, specifier, _) in inputs(self.case, self.tree)? {
            if mode(self.case) == Run::None || !is_script(&specifier) {
                continue;
            }
            let wanted = path::normalize(&specifier);
            let chunk = built.entries.iter().find(|(facade, _)| *facade == wanted);
            let (_, file) = chunk.ok_or_else(|| format!("no entry chunk for {wanted} in {:?}", built.entries))?;
            entries.push(format!("{dir}/{file}"));
        }
        let test = self.case.test_program();
        let job = Job {
            mode: mode_of_node,
            entries,
            global: (mode_of_node == "script").then(|| global_name(self.case)),
            test: test.as_deref(),
            variant: variant.name(),
            files: built.files.iter().map(|(name, _)| name.clone()).collect(),
            dir,
            flags: &self.case.file.node,
        };
        run(&job, &self.place.cwd)
    }
}
