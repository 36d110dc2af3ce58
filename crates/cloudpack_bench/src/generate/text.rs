//! The tree -> the text of each module, and the number that running the application prints.

use super::Language;
use super::tree::{Code, Import, Module, Role, Tree};
use super::words::capitalized;
use cloudpack_base::path;
use std::fmt::Write;

/// How results are combined, in modules and here.
fn mix(value: u32, result: u32) -> u32 {
    (value ^ result).wrapping_mul(2_654_435_761).wrapping_add(1)
}

fn mix_line(out: &mut String, indent: &str, call: &str) {
    let _ = writeln!(out, "{indent}value = (Math.imul(value ^ {call}(value), 2654435761) + 1) >>> 0;");
}

impl Tree {
    fn code(&self, module: usize) -> Option<&Code> {
        match &self.modules.get(module)?.role {
            Role::Code(code) => Some(code),
            _ => None,
        }
    }

    /// The modules with code behind a barrel.
    fn behind(&self, barrel: usize) -> impl Iterator<Item = &Code> {
        let members = match self.modules.get(barrel).map(|module| &module.role) {
            Some(Role::Barrel(members)) => members.as_slice(),
            _ => &[],
        };
        members.iter().filter_map(|member| self.code(*member))
    }

    /// What `main.ts` prints.
    pub(super) fn checksum(&self) -> u32 {
        let mut value = 1;
        for barrel in &self.core {
            value = self.behind(*barrel).fold(value, |value, code| mix(value, self.run(code, value)));
        }
        for route in &self.routes {
            let Some(Module { role: Role::Route(barrels), .. }) = self.modules.get(*route) else { continue };
            let codes = barrels.iter().flat_map(|barrel| self.behind(*barrel));
            let result = codes.fold(value, |value, code| mix(value, self.run(code, value)));
            value = mix(value, result);
        }
        value
    }

    fn run(&self, code: &Code, input: u32) -> u32 {
        let own = code.units.iter().fold(input, |value, unit| mix(value, unit.call(value)));
        code.imports.iter().fold(own, |value, import| {
            let units = self.code(import.module).map_or(&[] as &[_], |code| &code.units);
            let used = import.units.iter().filter_map(|unit| units.get(*unit));
            used.fold(value, |value, unit| mix(value, unit.call(value)))
        })
    }

    pub(super) fn text(&self, module: &Module) -> String {
        match &module.role {
            Role::Entry => self.entry(module),
            Role::Runtime => RUNTIME.to_owned(),
            Role::Code(code) => self.code_text(module, code),
            Role::Barrel(members) => {
                let mut out = String::new();
                for member in members {
                    let _ = writeln!(out, "export * from \"{}\";", self.specifier(module, *member));
                }
                out
            }
            Role::Route(barrels) => {
                let mut out = String::from("// The screen behind one lazy route.\n");
                let calls = self.import_runs(&mut out, module, barrels);
                out.push_str("\nexport default function route(input: number): number {\n  let value = input >>> 0;\n");
                calls.iter().for_each(|call| mix_line(&mut out, "  ", call));
                out.push_str("  return value;\n}\n");
                out
            }
        }
    }

    /// `./ledger12`; a barrel is named by its directory.
    fn specifier(&self, from: &Module, target: usize) -> String {
        let Some(target) = self.modules.get(target) else { return String::new() };
        let relative = path::relative(path::dirname(&format!("/{}", from.path)), &format!("/{}", target.path));
        let stem = relative.rsplit_once('.').map_or(relative.as_str(), |(stem, _)| stem);
        let stem = if matches!(target.role, Role::Barrel(_)) { stem.trim_end_matches("/index") } else { stem };
        if stem.starts_with('.') { stem.to_owned() } else { format!("./{stem}") }
    }

    fn import_runs<'t>(&'t self, out: &mut String, module: &Module, barrels: &[usize]) -> Vec<&'t str> {
        let mut calls = Vec::new();
        for barrel in barrels {
            let runs: Vec<&str> = self.behind(*barrel).map(|code| code.run.as_str()).collect();
            if !runs.is_empty() {
                let _ = writeln!(out, "import {{ {} }} from \"{}\";", runs.join(", "), self.specifier(module, *barrel));
            }
            calls.extend(runs);
        }
        calls
    }

    fn entry(&self, module: &Module) -> String {
        let mut out = String::from("// Calls every module, eager and lazy, and prints one number.\n");
        let calls = self.import_runs(&mut out, module, &self.core);
        out.push_str(
            "\ntype Route = { default: (input: number) => number };\n\nconst routes: Array<() => Promise<Route>> = [\n",
        );
        for route in &self.routes {
            let _ = writeln!(out, "  () => import(\"{}\"),", self.specifier(module, *route));
        }
        out.push_str("];\n\nasync function main(): Promise<void> {\n  let value = 1;\n");
        calls.iter().for_each(|call| mix_line(&mut out, "  ", call));
        out.push_str("  for (const load of routes) {\n    const { default: route } = await load();\n");
        mix_line(&mut out, "    ", "route");
        out.push_str("  }\n  console.log(`checksum ${value.toString(16).padStart(8, \"0\")}`);\n}\n\nvoid main();\n");
        out
    }

    fn code_text(&self, module: &Module, code: &Code) -> String {
        let mut out = String::with_capacity(6_000);
        if code.units.iter().any(super::unit::Unit::needs_h) {
            let _ = writeln!(out, "import {{ h }} from \"{}\";", self.specifier(module, 1));
        }
        let mut calls = Vec::new();
        let mut types = Vec::new();
        for import in &code.imports {
            self.import_line(&mut out, module, import, &mut calls, &mut types);
        }
        out.push('\n');
        code.units.iter().for_each(|unit| unit.write(&mut out, module.language));
        let number = if module.language == Language::Js { "" } else { ": number" };
        let _ = writeln!(out, "export function {}(input{number}){number} {{\n  let value = input >>> 0;", code.run);
        for (index, name) in types.iter().enumerate() {
            let _ = writeln!(out, "  const note{index}: {name} = {{ input: value }};");
            let _ = writeln!(out, "  value = note{index}.input >>> 0;");
        }
        code.units.iter().for_each(|unit| mix_line(&mut out, "  ", &unit.name));
        calls.iter().for_each(|call| mix_line(&mut out, "  ", call));
        out.push_str("  return value;\n}\n");
        out
    }

    fn import_line(
        &self,
        out: &mut String,
        module: &Module,
        import: &Import,
        calls: &mut Vec<String>,
        types: &mut Vec<String>,
    ) {
        let (Some(target), Some(from)) = (self.code(import.module), self.modules.get(import.module)) else { return };
        let mut names = Vec::new();
        let used: Vec<_> = import.units.iter().filter_map(|unit| target.units.get(*unit)).collect();
        for unit in &used {
            if import.renamed {
                let local = format!("imported{}", capitalized(&unit.name));
                names.push(format!("{} as {local}", unit.name));
                calls.push(local);
            } else {
                names.push(unit.name.clone());
                calls.push(unit.name.clone());
            }
        }
        let specifier = self.specifier(module, import.through.unwrap_or(import.module));
        let _ = writeln!(out, "import {{ {} }} from \"{specifier}\";", names.join(", "));
        let typed = import.with_type && module.language != Language::Js;
        let options = used.first().and_then(|unit| unit.options_type(from.language));
        if let (true, Some(name)) = (typed, options) {
            let _ = writeln!(out, "import type {{ {name} }} from \"{specifier}\";");
            types.push(name);
        }
    }
}

/// JSX without a library: an element is a number.
const RUNTIME: &str = r#"// JSX without a library: an element is the weight of its tree.
type Properties = Readonly<Record<string, number>> | null;

export function h(tag: string, properties: Properties, ...children: readonly number[]): number {
  let total = tag.length;
  for (const value of Object.values(properties ?? {})) total = (Math.imul(total, 31) + value) >>> 0;
  for (const child of children) total = (Math.imul(total, 33) + child) >>> 0;
  return total;
}
"#;
