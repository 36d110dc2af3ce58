//! From the options of a case to `BuildOptions`. Shorter forms are allowed, as the JavaScript shim allows them: `input`
//! as a string, a list or an object, `output` as one object. Without `input` the first of the usual names is taken.

use cloudpack::options::BuildOptions;
use cloudpack_base::path;
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::case::Case;
use crate::place::Place;
use crate::tree::{HELPERS, Tree};
use crate::variant::Variant;

const USUAL_ENTRIES: [&str; 9] =
    ["index.html", "main.js", "main.mjs", "main.cjs", "main.ts", "main.tsx", "main.jsx", "main.mts", "main.css"];

/// `(name, specifier)` of each entry.
pub(crate) fn inputs(case: &Case, tree: &Tree) -> Result<Vec<(String, String, bool)>, Failure> {
    let unnamed = |specifier: &str| (stem(specifier), specifier.to_owned(), false);
    match case.file.options.get("input") {
        None => {
            let usual = USUAL_ENTRIES.iter().find(|name| tree.entries.contains_key(**name));
            let name = usual.ok_or("the case has no `input` and no file with a usual name")?;
            Ok(vec![unnamed(&format!("./{name}"))])
        }
        Some(Value::String(one)) => Ok(vec![unnamed(one)]),
        Some(Value::Array(list)) => Ok(list.iter().filter_map(Value::as_str).map(unnamed).collect()),
        Some(Value::Object(named)) => {
            let entries = named.iter();
            Ok(entries.map(|(name, to)| (name.clone(), to.as_str().unwrap_or_default().to_owned(), true)).collect())
        }
        Some(other) => Err(format!("`input` cannot be {other}")),
    }
}

fn stem(specifier: &str) -> String {
    let name = path::basename(specifier);
    name.rfind('.').map_or(name, |at| &name[..at]).to_owned()
}

pub(crate) fn output(case: &Case) -> Map<String, Value> {
    match case.file.options.get("output") {
        Some(Value::Object(output)) => output.clone(),
        _ => Map::new(),
    }
}

/// The folder that receives the output, relative to the case.
pub(crate) fn output_folder(case: &Case) -> String {
    let output = output(case);
    let text = |key: &str| output.get(key).and_then(Value::as_str);
    match (text("file"), text("dir")) {
        (Some(file), _) => path::dirname(file).to_owned(),
        (None, Some(dir)) => dir.to_owned(),
        (None, None) => "dist".to_owned(),
    }
}

/// The global variable that receives an iife's exports.
pub(crate) fn global_name(case: &Case) -> String {
    output(case).get("name").and_then(Value::as_str).unwrap_or("theBundle").to_owned()
}

pub(crate) fn build_options(
    case: &Case,
    tree: &Tree,
    place: &Place,
    variant: Variant,
) -> Result<BuildOptions, Failure> {
    let mut options = case.file.options.clone();
    let inputs = inputs(case, tree)?.into_iter();
    let inputs = inputs.map(|(name, import, named)| json!({ "name": name, "import": import, "named": named }));
    options.insert("input".to_owned(), Value::Array(inputs.collect()));
    options.insert("cwd".to_owned(), Value::String(place.cwd.clone()));
    if case.file.helpers {
        options.insert("helpersDir".to_owned(), Value::String(path::join(&place.cwd, HELPERS)));
    }
    let mut output = output(case);
    match variant {
        Variant::Plain => {}
        Variant::Minified => {
            output.insert("minify".to_owned(), json!("thin"));
            output.insert("sourcemap".to_owned(), json!("file"));
        }
        Variant::Full => {
            output.insert("minify".to_owned(), json!("full"));
            output.entry("sourcemap").or_insert(json!("file"));
        }
        Variant::Cjs => {
            output.insert("format".to_owned(), json!("cjs"));
            output.entry("exports").or_insert(json!("named"));
        }
        Variant::Iife => {
            output.insert("format".to_owned(), json!("iife"));
            output.entry("exports").or_insert(json!("named"));
            output.insert("codeSplitting".to_owned(), json!(false));
        }
        Variant::Single => {
            output.insert("codeSplitting".to_owned(), json!(false));
        }
    }
    if output.get("format") == Some(&json!("iife")) {
        output.entry("name").or_insert(json!(global_name(case)));
    }
    options.insert("output".to_owned(), json!([output]));
    serde_json::from_value(Value::Object(options)).map_err(|error| format!("case.json, `options`: {error}"))
}
