//! Texts that are not code of the application: style sheets, JSON, manifests, and the package that stands in for React.

use super::random::Random;
use super::tree::{Package, Tree};
use super::words::{ADJECTIVES, NOUNS};
use std::fmt::Write;

pub(super) fn css(seed: u64, index: usize, bytes: usize) -> String {
    let mut random = Random::new(seed ^ 0xC55, index as u64);
    let mut out = String::with_capacity(bytes + 200);
    while out.len() < bytes {
        let (noun, adjective) = (random.word(NOUNS), random.word(ADJECTIVES));
        let (color, padding) = (random.range(0, 1 << 24), random.range(0, 40));
        let _ = writeln!(out, ".{noun}{index}-{adjective} {{\n  color: #{color:06x};\n  padding: {padding}px 8px;");
        if random.chance(40) {
            let _ = writeln!(out, "  display: flex;\n  margin: 0 auto;\n  border-radius: {}px;", random.range(1, 12));
        }
        out.push_str("}\n\n");
        if random.chance(20) {
            let width = random.range(400, 1_400);
            let _ = writeln!(
                out,
                "@media (max-width: {width}px) {{\n  .{noun}{index}-{adjective} > span {{\n    opacity: 0.5;\n  }}\n}}\n"
            );
        }
    }
    out
}

pub(super) fn json(index: usize, values: &[u32]) -> String {
    let mut out = format!("{{\n  \"name\": \"data {index}\",\n  \"values\": [");
    for (at, value) in values.iter().enumerate() {
        let separator = if at == 0 { "" } else { "," };
        let _ = write!(out, "{separator}\n    {value}");
    }
    out.push_str("\n  ]\n}\n");
    out
}

/// Files besides the modules.
pub(super) fn others(tree: &Tree) -> Vec<(String, String)> {
    let dependencies: Vec<String> = tree
        .packages
        .iter()
        .map(|package| format!("    \"{}\": \"{}\"", package.name, version(package)))
        .chain(["    \"react\": \"19.0.0\"".to_owned()])
        .collect();
    let manifest = format!(
        "{{\n  \"name\": \"generated-application\",\n  \"private\": true,\n  \"type\": \"module\",\n  \"dependencies\": {{\n{}\n  }}\n}}\n",
        dependencies.join(",\n")
    );
    let mut files = vec![
        ("package.json".to_owned(), manifest),
        ("tsconfig.json".to_owned(), TSCONFIG.to_owned()),
        ("index.html".to_owned(), INDEX.to_owned()),
        ("node_modules/react/package.json".to_owned(), REACT_MANIFEST.to_owned()),
        ("node_modules/react/index.js".to_owned(), REACT_MAIN.to_owned()),
        ("node_modules/react/jsx-runtime.js".to_owned(), REACT_JSX.to_owned()),
        ("node_modules/react/jsx-dev-runtime.js".to_owned(), REACT_JSX_DEV.to_owned()),
    ];
    for package in &tree.packages {
        files.push((format!("{}/package.json", package.folder()), package_manifest(package)));
    }
    files
}

fn version(package: &Package) -> String {
    format!("1.0.{}", package.version)
}

fn package_manifest(package: &Package) -> String {
    let (name, version) = (&package.name, version(package));
    let system = if package.common_js {
        "  \"main\": \"./index.js\""
    } else {
        "  \"type\": \"module\",\n  \"exports\": { \".\": \"./index.js\" }"
    };
    let effects = if package.side_effect_free { ",\n  \"sideEffects\": false" } else { "" };
    format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"{version}\",\n{system}{effects}\n}}\n")
}

const TSCONFIG: &str = r#"{
  "compilerOptions": {
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "strict": true,
    "noEmit": true,
    "allowJs": true,
    "resolveJsonModule": true,
    "isolatedModules": true,
    "jsx": "react-jsx"
  }
}
"#;

const INDEX: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Generated application</title>
  </head>
  <body>
    <script type="module" src="/src/main.ts"></script>
  </body>
</html>
"#;

const REACT_MANIFEST: &str = r#"{
  "name": "react",
  "version": "19.0.0",
  "description": "Stands in for React: an element is the weight of its tree",
  "main": "./index.js",
  "exports": {
    ".": "./index.js",
    "./package.json": "./package.json",
    "./jsx-runtime": "./jsx-runtime.js",
    "./jsx-dev-runtime": "./jsx-dev-runtime.js"
  }
}
"#;

const REACT_MAIN: &str = r#""use strict";
exports.version = "19.0.0";
exports.createElement = function createElement(type, properties, ...children) {
  return require("./jsx-runtime.js").jsx(type, { ...properties, children });
};
"#;

const REACT_JSX: &str = r#""use strict";
function jsx(type, properties) {
  let total = type.length;
  for (const [name, value] of Object.entries(properties)) {
    if (name !== "children") total = (Math.imul(total, 31) + value) >>> 0;
  }
  const children = properties.children === undefined ? [] : [properties.children].flat();
  for (const child of children) total = (Math.imul(total, 33) + child) >>> 0;
  return total;
}

exports.Fragment = "fragment";
exports.jsx = jsx;
exports.jsxs = jsx;
"#;

const REACT_JSX_DEV: &str = r#""use strict";
const { Fragment, jsx } = require("./jsx-runtime.js");

exports.Fragment = Fragment;
exports.jsxDEV = jsx;
"#;
