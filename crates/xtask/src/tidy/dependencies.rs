//! Arrows point down: ground <- types <- phases <- driver <- edge. A phase never depends on another phase, which is
//! what lets the driver skip one; oxc's AST is seen by one crate, napi by one other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const GROUND: &[&str] = &["cloudpack_base", "cloudpack_fs"];
const TYPES: &[&str] = &["cloudpack_summary", "cloudpack_object", "cloudpack_plan"];
const PHASES: &[&str] =
    &["cloudpack_resolve", "cloudpack_summarize", "cloudpack_analyze", "cloudpack_link", "cloudpack_store"];
const DRIVER: &[&str] = &["cloudpack"];
/// The interface of foreign engines: they are compiled elsewhere, and nobody here links one.
const ENGINE: &str = "cloudpack_engine";
/// Programs and bindings at the edge: they may know everything, nobody may know them.
const EDGE: &[&str] = &["cloudpack_napi", "cloudpack_testing", "cloudpack_bench", "xtask"];

/// Crates whose whole dependency graph is free of oxc, with what is allowed nevertheless.
const WITHOUT_OXC: &[(&str, &[&str])] = &[
    ("cloudpack_base", &[]),
    ("cloudpack_fs", &[]),
    ("cloudpack_store", &[]),
    ("cloudpack_summary", &[]),
    ("cloudpack_object", &[]),
    ("cloudpack_plan", &[]),
    (ENGINE, &[]),
    ("cloudpack_analyze", &[]),
    // Source maps are data, not syntax.
    ("cloudpack_link", &["oxc_sourcemap"]),
];

/// May name crates of oxc directly; everybody else gets facts.
const NAMES_OXC: &[(&str, &[&str])] = &[
    ("cloudpack_summarize", &["*"]),
    ("cloudpack_resolve", &["oxc_resolver"]),
    ("cloudpack_link", &["oxc_sourcemap"]),
    ("cloudpack", &["oxc_sourcemap"]),
    ("cloudpack_testing", &["oxc_sourcemap"]),
    // Prints the floor "parse, semantic, print" that the phases are measured against.
    ("cloudpack_bench", &["*"]),
];

struct Graph {
    /// Package id -> name.
    names: BTreeMap<String, String>,
    /// Package id -> ids of its normal and build dependencies.
    edges: BTreeMap<String, Vec<String>>,
    members: Vec<String>,
}

pub(crate) fn faults(root: &Path) -> Vec<String> {
    match load(root) {
        Ok(graph) => check(&graph),
        Err(error) => vec![format!("Cargo.toml: cargo metadata failed: {error}")],
    }
}

fn load(root: &Path) -> Result<Graph, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let names = packages.iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
    let mut edges = BTreeMap::new();
    for node in list(&metadata["resolve"]["nodes"]) {
        let targets = list(&node["deps"]).into_iter().filter(|dependency| {
            // Kind `null` is a normal dependency; what only tests use is free.
            list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev")
        });
        edges.insert(text(&node["id"]), targets.map(|dependency| text(&dependency["pkg"])).collect());
    }
    let members = list(&metadata["workspace_members"]).iter().map(text).collect();
    Ok(Graph { names, edges, members })
}

fn check(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for member in &graph.members {
        let name = graph.name(member);
        let Some(allowed) = allowed_members(name) else {
            faults.push(format!("{name}: this crate has no layer; add it to xtask/src/tidy/dependencies.rs"));
            continue;
        };
        for dependency in graph.direct(member) {
            let is_member = graph.members.iter().any(|other| graph.name(other) == dependency);
            if is_member && !allowed.contains(&dependency) {
                faults.push(format!("{name}: must not depend on {dependency}"));
            }
            if dependency.starts_with("napi") && name != "cloudpack_napi" {
                faults.push(format!("{name}: {dependency} belongs to cloudpack_napi only"));
            }
            let named = NAMES_OXC.iter().find(|(known, _)| *known == name).map_or(&[] as &[&str], |(_, list)| list);
            if dependency.starts_with("oxc") && !named.contains(&"*") && !named.contains(&dependency) {
                faults.push(format!("{name}: must not name {dependency}; only cloudpack_summarize sees syntax"));
            }
        }
        if let Some((_, allowed)) = WITHOUT_OXC.iter().find(|(known, _)| *known == name) {
            let reached = graph.reached(member);
            let forbidden = reached.iter().filter(|name| name.starts_with("oxc") && !allowed.contains(*name));
            faults.extend(forbidden.map(|dependency| format!("{name}: reaches {dependency}")));
        }
    }
    faults
}

/// Members that `name` may depend on; `None` for an unknown crate.
fn allowed_members(name: &str) -> Option<Vec<&'static str>> {
    let layers: &[&[&str]] = match name {
        "cloudpack_base" | ENGINE => &[],
        "cloudpack_fs" => &[&["cloudpack_base"]],
        // Keys and bytes; it does not know what it keeps.
        "cloudpack_store" => &[GROUND],
        // Pure functions: not even the file system.
        "cloudpack_analyze" | "cloudpack_link" | "cloudpack_summarize" => &[&["cloudpack_base"], TYPES],
        _ if TYPES.contains(&name) => &[&["cloudpack_base"], TYPES],
        _ if PHASES.contains(&name) => &[GROUND, TYPES],
        _ if DRIVER.contains(&name) => &[GROUND, TYPES, PHASES],
        "cloudpack_napi" => &[GROUND, DRIVER],
        _ if EDGE.contains(&name) => &[GROUND, TYPES, PHASES, DRIVER],
        _ => return None,
    };
    Some(layers.iter().flat_map(|layer| layer.iter().copied()).collect())
}

impl Graph {
    fn name(&self, id: &str) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn direct(&self, id: &str) -> impl Iterator<Item = &str> {
        self.edges.get(id).into_iter().flatten().map(|id| self.name(id))
    }

    fn reached(&self, id: &str) -> BTreeSet<&str> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut queue = vec![id];
        while let Some(next) = queue.pop() {
            for target in self.edges.get(next).into_iter().flatten() {
                if seen.insert(target) {
                    queue.push(target);
                }
            }
        }
        seen.into_iter().map(|id| self.name(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let all = edges.iter().flat_map(|(from, to)| to.iter().chain([from]));
        Graph {
            names: all.map(|name| ((*name).to_owned(), (*name).to_owned())).collect(),
            edges: edges
                .iter()
                .map(|(from, to)| ((*from).to_owned(), to.iter().map(|to| (*to).to_owned()).collect()))
                .collect(),
            members: edges.iter().map(|(from, _)| (*from).to_owned()).filter(|name| !name.starts_with("oxc")).collect(),
        }
    }

    #[test]
    fn a_phase_that_uses_a_phase_is_a_fault() {
        let faults = check(&graph(&[("cloudpack_link", &["cloudpack_analyze"]), ("cloudpack_analyze", &[])]));
        assert_eq!(faults, ["cloudpack_link: must not depend on cloudpack_analyze"]);
    }

    #[test]
    fn syntax_is_found_behind_another_crate() {
        let edges: &[(&str, &[&str])] = &[("cloudpack_analyze", &["helper"]), ("oxc_x", &["oxc_ast"])];
        let mut graph = graph(edges);
        graph.edges.insert("helper".to_owned(), vec!["oxc_ast".to_owned()]);
        assert_eq!(check(&graph), ["cloudpack_analyze: reaches oxc_ast"]);
    }

    #[test]
    fn napi_stays_at_the_edge() {
        let faults = check(&graph(&[("cloudpack", &["napi"]), ("cloudpack_napi", &["napi", "cloudpack"])]));
        assert_eq!(faults, ["cloudpack: napi belongs to cloudpack_napi only"]);
    }
}
