//! Seeded projects and what happens to them. Names are few, so that things get into each other's way: a file shadows
//! another, a directory takes the place of a file, an import finds something else.

use super::operation::Operation;
use std::collections::BTreeMap;

/// SplitMix64.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

const MODULES: [&str; 15] = [
    "src/a.js",
    "src/b.js",
    "src/c.ts",
    "src/d.mjs",
    "src/e/index.js",
    "src/e.js",
    "src/f.tsx",
    "lib/a.js",
    "lib/g.ts",
    "src/h.js",
    "src/h.ts",
    "lib/i/index.ts",
    "packages/one/main.js",
    "packages/one/sub.js",
    "packages/two/main.js",
];
/// What modules of `src` ask for.
const SPECIFIERS: [&str; 20] = [
    "./a",
    "./a.js",
    "./b",
    "./c",
    "./d.mjs",
    "./e",
    "./f",
    "../lib/a",
    "@/a",
    "./h",
    "./h.js",
    "../lib/i",
    "pkg",
    "pkg/sub",
    "#own",
    "./data.json",
    "./style.css",
    "linked",
    "linked/sub.js",
    "../packages/one/main.js",
];
/// What modules of packages ask for.
const SPECIFIERS_OF_PACKAGES: [&str; 4] = ["./sub.js", "pkg", "linked", "../two/main.js"];
/// What modules of `lib` ask for.
const SPECIFIERS_OF_LIB: [&str; 8] = ["./a", "./g", "./i", "@/a", "pkg", "#own", "../src/h", "../src/c"];

/// The project as it is before anything happened.
pub(super) fn project(random: &mut Random) -> Vec<Operation> {
    let mut operations = vec![
        write("package.json", package_json(random)),
        write("tsconfig.json", tsconfig(random)),
        write("src/main.js", module(random, "src/main.js")),
        write("node_modules/pkg/package.json", "{\"name\":\"pkg\",\"main\":\"main.js\"}".to_owned()),
        write("node_modules/pkg/main.js", "exports.pkg = 1;\n".to_owned()),
        write("node_modules/pkg/sub.js", "export const x = 'sub';\n".to_owned()),
        write("src/data.json", "{\"x\":1}".to_owned()),
        write("src/style.css", "a { color: red }\n".to_owned()),
    ];
    // A workspace: a folder of two names, with a hop between them.
    for package in ["one", "two"] {
        let text = "{\"name\":\"linked\",\"main\":\"main.js\"}".to_owned();
        operations.push(write(&format!("packages/{package}/package.json"), text));
    }
    operations.push(link("current", "packages/one"));
    operations.push(link("node_modules/linked", "../current"));
    for name in MODULES {
        if !matches!(name, "src/e.js" | "src/h.ts") {
            operations.push(write(name, module(random, name)));
        }
    }
    operations
}

fn write(path: &str, text: String) -> Operation {
    Operation::Write { path: path.to_owned(), text }
}

fn link(path: &str, target: &str) -> Operation {
    Operation::Link { path: path.to_owned(), target: target.to_owned() }
}

/// Everything that has been written, so that operations know texts to change.
pub(super) type Known = BTreeMap<String, String>;

/// What happens most while somebody works: bodies change, and little else.
const CALM: [usize; 17] = [5, 5, 7, 15, 16, 17, 18, 20, 21, 24, 24, 24, 24, 24, 25, 25, 25];

pub(super) fn operations(
    random: &mut Random,
    known: &mut Known,
    saved: &mut Option<Known>,
    is_calm: bool,
) -> Vec<Operation> {
    let path = match random.below(8) {
        0 => "src/main.js",
        1 => random.pick(&["src/data.json", "src/style.css"]),
        _ => random.pick(&MODULES),
    };
    let choice = if is_calm { CALM[random.below(CALM.len())] } else { random.below(28) };
    let operation = match choice {
        0..=4 => write(path, text_for(random, path)),
        5 | 6 => {
            let text = match known.get(path) {
                Some(text) => other_digit(random, text),
                None => text_for(random, path),
            };
            write(path, text)
        }
        7 | 8 => match known.get(path) {
            Some(text) => Operation::WriteUnseen { path: path.to_owned(), text: other_digit(random, text) },
            None => return Vec::new(),
        },
        9 => Operation::Remove {
            path: random.pick(&["src/e.js", "src/h.ts", "src/h.js", "src/a.js", "src/e/index.js"]).to_owned(),
        },
        10 => {
            let names = ["src/e.js", "src/e/index.js", "src/h.ts", "src/h.js"];
            Operation::Rename { from: random.pick(&names).to_owned(), to: random.pick(&names).to_owned() }
        }
        11 => write(random.pick(&["package.json", "src/package.json", "lib/package.json"]), package_json(random)),
        12 | 22 => write(if random.one_in(4) { "src/tsconfig.json" } else { "tsconfig.json" }, tsconfig(random)),
        13 => match random.below(5) {
            0 => write("src/node_modules/pkg/index.js", format!("exports.x = {};\n", random.below(9))),
            1 => Operation::Remove { path: "src/node_modules".to_owned() },
            2 => write("node_modules/pkg/package.json", package_of_package(random)),
            3 => write("node_modules/pkg/main.js", format!("exports.pkg = {};\n", random.below(9))),
            _ => write("node_modules/pkg/sub.js", format!("export const x = 'sub {}';\n", random.below(9))),
        },
        14 | 26 | 27 => match random.below(4) {
            0 => link("current", random.pick(&["packages/one", "packages/two", "packages/none"])),
            1 => link("node_modules/linked", random.pick(&["../current", "../packages/two"])),
            _ => link(
                random.pick(&["src/b.js", "src/h.js", "src/a.js"]),
                random.pick(&["a.js", "c.ts", "../lib/g.ts", "../lib/a.js", "d.mjs", "h.js"]),
            ),
        },
        15 => Operation::Touch { path: path.to_owned(), seconds: [-100_000, -1, 0, 100_000][random.below(4)] },
        16 | 23 => Operation::Define { value: [0, 3, 1, 0, 3, 2][random.below(6)] },
        17 => Operation::AlterOutput { number: random.below(8) },
        18 => Operation::RemoveOutput { number: random.below(8) },
        19 => match random.below(6) {
            0 => Operation::RemoveOutputs,
            1 => Operation::RemoveStore,
            2 => Operation::DamageStore { number: random.below(8), at: random.below(1000) as u64 },
            3 => Operation::Remove {
                path: random
                    .pick(&["tsconfig.json", "src/tsconfig.json", "src/package.json", "lib/package.json"])
                    .to_owned(),
            },
            _ => return Vec::new(),
        },
        20 => {
            *saved = Some(known.clone());
            return Vec::new();
        }
        21 => return switch(random, known, saved),
        24 => match known.get(path) {
            Some(text) if path != "src/data.json" && path != "src/style.css" => write(path, other_body(random, text)),
            _ => return Vec::new(),
        },
        25 => match known.get(path) {
            Some(text) if path != "src/data.json" && path != "src/style.css" => {
                write(path, other_requests(random, path, text))
            }
            _ => return Vec::new(),
        },
        _ => write(path, text_for(random, path)),
    };
    note(&operation, known);
    vec![operation]
}

/// Another branch: all that differs, at once.
fn switch(random: &mut Random, known: &mut Known, saved: &mut Option<Known>) -> Vec<Operation> {
    let Some(other) = saved.take() else { return Vec::new() };
    let mut operations: Vec<Operation> = known
        .keys()
        .filter(|path| !other.contains_key(*path))
        .map(|path| Operation::Remove { path: path.clone() })
        .collect();
    operations.extend(
        other
            .iter()
            .filter(|(path, text)| known.get(*path) != Some(text))
            .map(|(path, text)| write(path, text.clone())),
    );
    if random.one_in(2) {
        *saved = Some(known.clone());
    }
    *known = other;
    operations
}

pub(super) fn note(operation: &Operation, known: &mut Known) {
    match operation {
        Operation::Write { path, text } | Operation::WriteUnseen { path, text } => {
            known.insert(path.clone(), text.clone());
        }
        Operation::Remove { path } => {
            let below = format!("{path}/");
            known.retain(|name, _| name != path && !name.starts_with(&below));
        }
        Operation::Rename { from, to } => {
            if let Some(text) = known.remove(from) {
                known.insert(to.clone(), text);
            }
        }
        Operation::Link { path, .. } => {
            known.remove(path);
        }
        _ => {}
    }
}

fn text_for(random: &mut Random, path: &str) -> String {
    match path {
        "src/data.json" => format!("{{\"x\":{},\"y\":{}}}", random.below(9), random.below(9)),
        // The second is a warning.
        "src/style.css" => random
            .pick(&["a { color: red }\n", "b { color: blue } @import \"./b.css\";\n", "a { color: blue }\n"])
            .to_owned(),
        _ => module(random, path),
    }
}

/// The same text of the same length with another digit.
fn other_digit(random: &mut Random, text: &str) -> String {
    let digit = (b'0' + random.below(10) as u8) as char;
    match text.rfind(|character: char| character.is_ascii_digit()) {
        Some(at) => format!("{}{digit}{}", &text[..at], &text[at + 1..]),
        None => text.to_owned(),
    }
}

/// The same module with another body of a function, whose variable may have the name of something outside.
fn other_body(random: &mut Random, text: &str) -> String {
    let rest = text.split("export function z").next().unwrap_or_default();
    let name = random.pick(&["x", "n0", "n1", "y0", "z", "x$1", "inner"]);
    format!("{rest}export function z(a) {{ var {name} = {}; return [a, {name}, x]; }}\n", random.below(10))
}

/// The same module that asks for one thing more or less, or for things in another order.
fn other_requests(random: &mut Random, path: &str, text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let asks =
        |line: &&str| line.starts_with("import ") || line.starts_with("export { x as") || line.contains("=> import(");
    let (first, at) = (lines.iter().position(asks), random.below(lines.len().max(1)));
    let more = module(random, path);
    let one_more = more.lines().find(asks).unwrap_or("import 'pkg';").to_owned();
    let dynamic = one_more.split('\'').nth(1).unwrap_or("pkg");
    let dynamic = format!("export const later{} = () => import('{dynamic}');", random.below(100));
    match (random.below(4), first) {
        (0, Some(first)) => drop(lines.remove(first)),
        (1, Some(first)) => lines.swap(first, at),
        (2, _) => lines.insert(0, &dynamic),
        // Names of namespaces are those of the module as it was.
        _ if one_more.starts_with("import '") => lines.insert(0, &one_more),
        _ => lines.push(&dynamic),
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn module(random: &mut Random, path: &str) -> String {
    let is_main = path == "src/main.js";
    let specifiers: &[&str] = match path.split('/').next() {
        Some("lib") => &SPECIFIERS_OF_LIB,
        Some("packages") => &SPECIFIERS_OF_PACKAGES,
        _ => &SPECIFIERS,
    };
    // From the directory of a directory.
    let up = if path.contains("/e/") || path.contains("/i/") { "../" } else { "" };
    let mut text = String::new();
    let mut uses = Vec::new();
    for number in 0..random.below(if is_main { 6 } else { 3 }) + usize::from(is_main) * 2 {
        let specifier = random.pick(specifiers);
        let specifier = match specifier.strip_prefix("./") {
            Some(rest) if !up.is_empty() => format!("../{rest}"),
            _ if specifier.starts_with("../") => format!("{up}{specifier}"),
            _ => specifier.to_owned(),
        };
        match random.below(8) {
            0 => text.push_str(&format!("import '{specifier}';\n")),
            1 => uses.push(format!("import('{specifier}')")),
            2 => {
                text.push_str(&format!("export {{ x as y{number} }} from '{specifier}';\n"));
            }
            _ if specifier.ends_with(".css") => text.push_str(&format!("import '{specifier}';\n")),
            _ => {
                text.push_str(&format!("import * as n{number} from '{specifier}';\n"));
                uses.push(format!("n{number}.x"));
            }
        }
    }
    if random.one_in(80) {
        text.push_str("import './nowhere.js';\n");
    }
    if random.one_in(6) {
        text.push_str("/* comment */\n");
    }
    uses.push("FLAG".to_owned());
    if path.ends_with(".tsx") {
        uses.push("<b/>".to_owned());
    }
    text.push_str(&format!("export const x = [{}, {}];\n", uses.join(", "), random.below(10)));
    if random.one_in(3) {
        text.push_str(&format!("console.log(x, {});\n", random.below(10)));
    }
    text
}

fn package_json(random: &mut Random) -> String {
    let kind = random.pick(&["", ",\"type\":\"module\"", ",\"type\":\"commonjs\""]);
    let effects = random.pick(&["", ",\"sideEffects\":false", ",\"sideEffects\":[\"./src/a.js\"]"]);
    let own = random.pick(&["./src/a.js", "./lib/a.js", "./src/b.js"]);
    format!("{{\"name\":\"app\"{kind}{effects},\"imports\":{{\"#own\":\"{own}\"}}}}")
}

fn package_of_package(random: &mut Random) -> String {
    let rest = random.pick(&[
        "\"main\":\"main.js\"",
        "\"main\":\"sub.js\"",
        "\"exports\":{\".\":\"./main.js\",\"./sub\":\"./sub.js\"}",
        "\"exports\":{\".\":\"./sub.js\"},\"sideEffects\":false",
        "\"main\":\"main.js\",\"type\":\"module\"",
    ]);
    format!("{{\"name\":\"pkg\",{rest}}}")
}

fn tsconfig(random: &mut Random) -> String {
    let place = random.pick(&["lib", "src"]);
    let factory = random.pick(&["h", "g"]);
    let rest = random.pick(&["", ",\"verbatimModuleSyntax\":true", ",\"target\":\"es2015\""]);
    format!(
        "{{\"compilerOptions\":{{\"paths\":{{\"@/*\":[\"./{place}/*\"]}},\"jsx\":\"react\",\"jsxFactory\":\"{factory}\"{rest}}}}}"
    )
}
