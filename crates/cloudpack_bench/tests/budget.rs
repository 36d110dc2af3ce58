//! What a module may cost, without a clock: bytes of its summary and its object in memory, relocations, allocations of
//! compiling it. Means over a generated application, compared with those on record; `UPDATE_SNAPSHOTS=1` records.

#![allow(clippy::disallowed_methods, reason = "a test with a file of its own")]

use allocation_counter::measure;
use cloudpack_bench::fingerprint::Fingerprint;
use cloudpack_bench::generate::{Application, Options, application};
use cloudpack_bench::summarize::{input_of, options};
use cloudpack_summarize::summarize_js;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Percent by which a number may move before somebody has to look: versions of the standard library differ a little.
const TOLERANCE: f64 = 2.0;

#[test]
fn modules_cost_what_is_on_record() -> Result<(), String> {
    let fingerprint = Fingerprint::parse(include_str!("../../../benches/fingerprints/mixed.json"))?;
    let made = application(&Options { fingerprint: &fingerprint, modules: 300, seed: 1, average_bytes: None }, &[]);
    let found = json!({ "plain": costs(&made, false), "minified": costs(&made, true) });

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/budget.json");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let text = serde_json::to_string_pretty(&found).map_err(|error| error.to_string())?;
        return std::fs::write(&file, format!("{text}\n")).map_err(|error| error.to_string());
    }
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let recorded: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut faults = Vec::new();
    for variant in ["plain", "minified"] {
        let empty = Map::new();
        let costs = |of: &Value| of.get(variant).and_then(Value::as_object).unwrap_or(&empty).clone();
        for (name, value) in costs(&found) {
            let now = value.as_f64().unwrap_or_default();
            let then = costs(&recorded).get(&name).and_then(Value::as_f64).unwrap_or_default();
            if (now - then).abs() > then * TOLERANCE / 100.0 {
                faults.push(format!("{variant}, {name}: {then} on record, {now} now"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}\nif it is meant: UPDATE_SNAPSHOTS=1 cargo nextest run -p cloudpack_bench budget",
        faults.join("\n")
    );
    Ok(())
}

/// Means per module, in units of 0.1.
fn costs(application: &Application, minify: bool) -> Value {
    let options = options(minify);
    let [
        mut modules,
        mut source,
        mut text,
        mut summaries,
        mut objects,
        mut relocations,
        mut allocations,
        mut allocated,
    ] = [0u64; 8];
    for (path, code) in &application.files {
        let Some(input) = input_of(path, code) else { continue };
        let mut compiled = None;
        let compiling = measure(|| compiled = Some(summarize_js(input, &options)));
        let Some((summary, object, faults)) = compiled else { continue };
        assert!(faults.is_empty(), "{path}: {faults:?}");
        modules += 1;
        source += code.len() as u64;
        text += object.text.len() as u64;
        // A clone asks for exactly what it holds.
        summaries += measure(|| std::mem::forget(summary.clone())).bytes_total + size_of_val(&summary) as u64;
        objects += measure(|| std::mem::forget(object.clone())).bytes_total + size_of_val(&object) as u64;
        relocations += object.relocations.len() as u64;
        allocations += compiling.count_total;
        allocated += compiling.bytes_total;
    }
    let mean = |sum: u64| (sum as f64 * 10.0 / modules.max(1) as f64).round() / 10.0;
    json!({
        "modules": modules,
        "source bytes": mean(source),
        "text bytes": mean(text),
        "summary bytes": mean(summaries),
        "object bytes": mean(objects),
        "relocations": mean(relocations),
        "allocations": mean(allocations),
        "allocated bytes": mean(allocated),
    })
}
