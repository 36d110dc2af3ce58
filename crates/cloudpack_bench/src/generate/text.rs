//! The modules of a tree -> their texts.

use super::assets;
use super::tree::{Code, Language, Module, Role, Tree, Use};
use super::unit::{Unit, remark};
use super::words::capitalized;
use cloudpack_base::path;
use std::fmt::Write;

/// Something that `run` takes part of: a function to call, or a number.
struct Step {
    local: String,
    is_constant: bool,
}

/// One use as local names.
struct Names {
    imported: Vec<String>,
    steps: Vec<Step>,
}

impl Tree {
    /// Nothing for a module that an edit removed.
    pub(super) fn text(&self, index: usize) -> Option<String> {
        let module = self.modules.get(index).filter(|module| !module.removed)?;
        Some(match &module.role {
            Role::Runtime => RUNTIME.to_owned(),
            Role::Code(code) => self.code_text(index, module, code),
            Role::Barrel(members) => {
                let mut out = String::new();
                for member in members {
                    let specifier = self.specifier(module, member.module, None);
                    match member.star {
                        true => line(&mut out, format_args!("export * from \"{specifier}\";")),
                        false => {
                            let names = self.exports(member.module).join(", ");
                            line(&mut out, format_args!("export {{ {names} }} from \"{specifier}\";"));
                        }
                    }
                }
                out
            }
            Role::Css(bytes) => assets::css(self.seed, index, *bytes),
            Role::Json { values } => assets::json(index, values),
            Role::PackageMain(files) => self.package_main(module, files),
            Role::PackageCode(units) => {
                let mut out = String::new();
                units.iter().for_each(|unit| unit.write(&mut out, module.language, self.comments));
                if module.language == Language::Cjs {
                    for unit in units {
                        line(&mut out, format_args!("exports.{0} = {0};", unit.name));
                    }
                }
                out
            }
        })
    }

    /// Names of values that a module of code exports.
    fn exports(&self, module: usize) -> Vec<&str> {
        let Some(code) = self.code(module) else { return Vec::new() };
        let units = code.units.iter().filter(|unit| unit.exported).map(|unit| unit.name.as_str());
        std::iter::once(code.run.as_str()).chain(units).collect()
    }

    /// `./ledger12`; a barrel is named by its directory; files that bundlers do not guess, with their extension.
    fn specifier(&self, from: &Module, target: usize, through: Option<usize>) -> String {
        let Some(target) = self.modules.get(through.unwrap_or(target)) else { return String::new() };
        let relative = path::relative(path::dirname(&format!("/{}", from.path)), &format!("/{}", target.path));
        let guessed = !matches!(target.language, Language::Cjs)
            && matches!(target.role, Role::Code(_) | Role::Runtime | Role::Barrel(_));
        let stem = match relative.rsplit_once('.') {
            Some((stem, _)) if guessed => stem,
            _ => &relative,
        };
        let stem = match target.role {
            Role::Barrel(_) => stem.strip_suffix("index").map_or(stem, |stem| stem.trim_end_matches('/')),
            _ => stem,
        };
        match stem {
            "" => ".".to_owned(),
            _ if stem.starts_with('.') => stem.to_owned(),
            _ => format!("./{stem}"),
        }
    }

    fn package_main(&self, module: &Module, files: &[usize]) -> String {
        let mut out = String::new();
        for file in files {
            let specifier = self.specifier(module, *file, None);
            if module.language == Language::Cjs {
                for unit in self.units(*file) {
                    line(&mut out, format_args!("exports.{0} = require(\"{specifier}\").{0};", unit.name));
                }
            } else {
                line(&mut out, format_args!("export * from \"{specifier}\";"));
            }
        }
        out
    }

    fn names(&self, used: &Use) -> Names {
        let units = self.units(used.module);
        let mut names = Names { imported: Vec::new(), steps: Vec::new() };
        for unit in used.units.iter().filter_map(|unit| units.get(*unit)) {
            let local = if used.renamed { format!("taken{}", capitalized(&unit.name)) } else { unit.name.clone() };
            names.imported.push(match used.renamed {
                true => format!("{} as {local}", unit.name),
                false => local.clone(),
            });
            names.steps.push(Step { local, is_constant: unit.is_constant() });
        }
        names
    }

    fn code_text(&self, index: usize, module: &Module, code: &Code) -> String {
        let is_common_js = module.language == Language::Cjs;
        let number = if module.language.is_typed() { ": number" } else { "" };
        let mut out = String::with_capacity(6_000);
        let mut import = |names: &[String], specifier: &str| {
            let listed = names.join(", ");
            match is_common_js {
                true => {
                    let listed = listed.replace(" as ", ": ");
                    line(&mut out, format_args!("const {{ {listed} }} = require(\"{specifier}\");"));
                }
                false => line(&mut out, format_args!("import {{ {listed} }} from \"{specifier}\";")),
            }
        };

        let mut runtime = Vec::new();
        if index == 0 {
            runtime.push("next".to_owned());
            runtime.push("total".to_owned());
        }
        if !code.registers.is_empty() {
            runtime.push("register".to_owned());
        }
        if !code.lazy.is_empty() {
            runtime.push("defer".to_owned());
        }
        if !runtime.is_empty() {
            import(&runtime, &self.specifier(module, 1, None));
        }
        let step = |unit: &Unit| Step { local: unit.name.clone(), is_constant: unit.is_constant() };
        let mut steps: Vec<Step> = code.units.iter().filter(|unit| unit.called).map(step).collect();
        for used in &code.uses {
            let names = self.names(used);
            import(&names.imported, &self.specifier(module, used.module, used.through));
            steps.extend(names.steps);
        }
        for used in &code.packages {
            let (Some(package), Some(unit)) = (self.packages.get(used.package), self.units(used.module).get(used.unit))
            else {
                continue;
            };
            import(std::slice::from_ref(&unit.name), &package.name);
            steps.push(step(unit));
        }
        let mut runs = Vec::new();
        for child in &code.children {
            let Some(run) = self.code(child.module).map(|code| code.run.clone()) else { continue };
            import(std::slice::from_ref(&run), &self.specifier(module, child.module, child.through));
            runs.push(run);
        }
        self.other_imports(&mut out, module, code);
        if !out.is_empty() {
            out.push('\n');
        }
        if code.note > 0 {
            line(&mut out, format_args!("// Reviewed in round {}; nothing else to say here.", code.note));
        }
        code.units.iter().for_each(|unit| unit.write(&mut out, module.language, self.comments));
        for registered in &code.registers {
            line(&mut out, format_args!("register({registered});"));
        }
        remark(&mut out, 300 * self.comments as usize / 1_000, index);
        let export = if is_common_js { "" } else { "export " };
        line(&mut out, format_args!("{export}function {}(input{number}){number} {{", code.run));
        line(&mut out, format_args!("  let value = input >>> 0;"));
        if code.salt > 0 {
            line(&mut out, format_args!("  value = (value + {}) >>> 0;", code.salt));
        }
        for (at, used) in code.types.iter().enumerate() {
            if let Some(name) = self.type_name(used) {
                line(&mut out, format_args!("  const note{at}: {name} = {{ input: value }};"));
                line(&mut out, format_args!("  value = note{at}.input >>> 0;"));
            }
        }
        write_steps(&mut out, &steps);
        for json in &code.json {
            line(
                &mut out,
                format_args!("  value = (value + data{json}.values[value % data{json}.values.length]) >>> 0;"),
            );
        }
        let runs: Vec<Step> = runs.into_iter().map(|local| Step { local, is_constant: false }).collect();
        write_steps(&mut out, &runs);
        for lazy in &code.lazy {
            let Some(run) = self.code(*lazy).map(|code| &code.run) else { continue };
            let specifier = self.specifier(module, *lazy, None);
            line(&mut out, format_args!("  defer(() => import(\"{specifier}\").then((module) => module.{run}));"));
        }
        line(&mut out, format_args!("  return value;"));
        line(&mut out, format_args!("}}"));
        if is_common_js {
            line(&mut out, format_args!("\nmodule.exports = {{ {} }};", self.exports(index).join(", ")));
        }
        if index == 0 {
            out.push_str(MAIN);
        }
        out
    }

    fn other_imports(&self, out: &mut String, module: &Module, code: &Code) {
        for used in &code.types {
            if let Some(name) = self.type_name(used) {
                let specifier = self.specifier(module, used.module, used.through);
                line(out, format_args!("import type {{ {name} }} from \"{specifier}\";"));
            }
        }
        for json in &code.json {
            let specifier = self.specifier(module, *json, None);
            match module.language {
                Language::Cjs => line(out, format_args!("const data{json} = require(\"{specifier}\");")),
                _ => line(out, format_args!("import data{json} from \"{specifier}\";")),
            }
        }
        for css in &code.css {
            line(out, format_args!("import \"{}\";", self.specifier(module, *css, None)));
        }
    }

    fn type_name(&self, used: &Use) -> Option<String> {
        let target = self.modules.get(used.module).filter(|module| !module.removed)?;
        self.units(used.module).get(*used.units.first()?)?.options_type(target.language)
    }

    pub(super) fn json(&self, module: usize) -> &[u32] {
        match self.modules.get(module).map(|module| &module.role) {
            Some(Role::Json { values }) => values,
            _ => &[],
        }
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}

/// A loop over more than two of a kind: of a long chain of calls some minifiers make one expression, in time that grows
/// with the square of its length or worse, and nobody writes such chains.
fn write_steps(out: &mut String, steps: &[Step]) {
    for group in steps.chunk_by(|left, right| left.is_constant == right.is_constant) {
        let is_constant = group.first().is_some_and(|step| step.is_constant);
        let term = |local: &str| if is_constant { format!("value ^ {local}") } else { format!("{local}(value)") };
        if group.len() > 2 {
            let locals: Vec<&str> = group.iter().map(|step| step.local.as_str()).collect();
            line(out, format_args!("  for (const step of [{}]) {{", locals.join(", ")));
            line(out, format_args!("    value = (Math.imul(value, 2654435761) ^ {}) >>> 0;", term("step")));
            line(out, format_args!("  }}"));
            continue;
        }
        for step in group {
            line(out, format_args!("  value = (Math.imul(value, 2654435761) ^ {}) >>> 0;", term(&step.local)));
        }
    }
}

const MAIN: &str = r#"
async function main(): Promise<void> {
  let value = run(1);
  for (let load = next(); load !== undefined; load = next()) {
    const lazy = await load();
    value = (Math.imul(value, 2654435761) ^ lazy(value)) >>> 0;
  }
  value = (Math.imul(value, 2654435761) ^ total()) >>> 0;
  console.log(`checksum ${value.toString(16).padStart(8, "0")}`);
}

void main();
"#;

/// What ties modules together: lazy parts in the order in which they were asked for, and the sum of side effects.
const RUNTIME: &str = r#"type Run = (input: number) => number;
type Load = () => Promise<Run>;

const waiting: Load[] = [];
let sum = 0;

export function defer(load: Load): void {
  waiting.push(load);
}

export function next(): Load | undefined {
  return waiting.shift();
}

export function register(value: number): void {
  sum = (sum + value) >>> 0;
}

export function total(): number {
  return sum;
}
"#;
