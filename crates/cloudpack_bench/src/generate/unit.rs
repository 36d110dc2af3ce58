//! A unit: one exported or local declaration of a module with the helpers it needs. Each is callable with a number and
//! gives a number, so that every unit of the application takes part in the checksum.

use super::Language;
use super::random::Random;
use super::step::{self, Step, listed, steps};
use super::words::{REMARKS, capitalized};
use std::fmt::Write;

pub(super) struct Unit {
    pub(super) name: String,
    pub(super) exported: bool,
    kind: Kind,
    body: Vec<Step>,
    remark: &'static str,
}

enum Kind {
    Function,
    Arrow,
    Class,
    /// Adds the entry of a list at top level.
    Table(Vec<u32>),
    /// Adds a member of an enumeration; an object in JavaScript.
    Enumeration([u32; 4]),
    /// JSX: the weight of a small tree.
    Element {
        width: u32,
        height: u32,
    },
}

impl Unit {
    pub(super) fn new(random: &mut Random, name: String, exported: bool, language: Language) -> Self {
        let kind = match random.range(0, 100) {
            0..25 => Kind::Arrow,
            25..40 => Kind::Class,
            40..50 => Kind::Table((0..random.range(6, 14)).map(|_| random.range(1, 1 << 20)).collect()),
            50..58 => Kind::Enumeration(std::array::from_fn(|_| random.range(1, 1 << 16))),
            58..70 if language == Language::Tsx => {
                Kind::Element { width: random.range(1, 900), height: random.range(1, 900) }
            }
            _ => Kind::Function,
        };
        let budget = random.range(2, 6);
        Self { name, exported, kind, body: steps(random, budget, 2), remark: random.word(REMARKS) }
    }

    /// What `name(input)` gives.
    pub(super) fn call(&self, input: u32) -> u32 {
        let value = step::run(&self.body, input);
        match &self.kind {
            Kind::Function | Kind::Arrow => value,
            // `absorb` runs the body twice.
            Kind::Class => step::run(&self.body, value) ^ input,
            Kind::Table(list) => value.wrapping_add(list[value as usize % list.len()]),
            Kind::Enumeration(members) => value ^ members[(value & 3) as usize],
            Kind::Element { width, height } => {
                // `<section width height><b>{n}</b></section>` by `h` of the runtime module.
                let child = 1u32.wrapping_mul(33).wrapping_add(value & 255);
                let outer = 7u32.wrapping_mul(31).wrapping_add(*width).wrapping_mul(31).wrapping_add(*height);
                outer.wrapping_mul(33).wrapping_add(child)
            }
        }
    }

    /// The interface that is declared beside the unit, for importers that only need the type.
    pub(super) fn options_type(&self, language: Language) -> Option<String> {
        let has = matches!(self.kind, Kind::Function | Kind::Arrow | Kind::Element { .. });
        (has && self.exported && language != Language::Js).then(|| format!("{}Options", capitalized(&self.name)))
    }

    pub(super) fn needs_h(&self) -> bool {
        matches!(self.kind, Kind::Element { .. })
    }

    pub(super) fn write(&self, out: &mut String, language: Language) {
        let name = &self.name;
        let export = if self.exported { "export " } else { "" };
        let typed = |text: &'static str| if language == Language::Js { "" } else { text };
        let (number, list) = (typed(": number"), typed(": readonly number[]"));
        let class = capitalized(name);
        match &self.kind {
            Kind::Table(items) => {
                let _ = writeln!(out, "const {name}Table{list} = {};\n", listed(items));
            }
            Kind::Enumeration([open, closed, moved, lost]) if language == Language::Js => {
                let _ = writeln!(
                    out,
                    "const {class}State = {{ Open: {open}, Closed: {closed}, Moved: {moved}, Lost: {lost} }};\n"
                );
            }
            Kind::Enumeration([open, closed, moved, lost]) => {
                let _ = writeln!(
                    out,
                    "enum {class}State {{\n  Open = {open},\n  Closed = {closed},\n  Moved = {moved},\n  Lost = {lost},\n}}\n"
                );
            }
            Kind::Class => self.write_class(out, &class, export, language),
            _ if language != Language::Js => {
                let _ = writeln!(
                    out,
                    "{export}interface {class}Options {{\n  readonly input: number;\n  label?: string;\n  children?: Array<{class}Options>;\n}}\n"
                );
            }
            _ => {}
        }
        let _ = writeln!(out, "/**\n * {}\n * @param input any number, read as 32 bits\n */", self.remark);
        let _ = match &self.kind {
            Kind::Arrow => writeln!(out, "{export}const {name} = (input{number}){number} => {{"),
            _ => writeln!(out, "{export}function {name}(input{number}){number} {{"),
        };
        if matches!(self.kind, Kind::Class) {
            let _ = writeln!(out, "  return (new {class}(input).absorb().absorb().total ^ input) >>> 0;\n}}\n");
            return;
        }
        out.push_str("  let value = input >>> 0;\n");
        step::write(out, &self.body, 2, &mut 0);
        let _ = match &self.kind {
            Kind::Table(_) => writeln!(out, "  return (value + {name}Table[value % {name}Table.length]) >>> 0;"),
            Kind::Enumeration(_) => writeln!(
                out,
                "  const states{list} = [{class}State.Open, {class}State.Closed, {class}State.Moved, {class}State.Lost];\n  return (value ^ states[value & 3]) >>> 0;"
            ),
            Kind::Element { width, height } => writeln!(
                out,
                "  return (\n    <section width={{{width}}} height={{{height}}}>\n      <b>{{value & 255}}</b>\n    </section>\n  );"
            ),
            _ => writeln!(out, "  return value;"),
        };
        out.push_str(if matches!(self.kind, Kind::Arrow) { "};\n\n" } else { "}\n\n" });
    }

    fn write_class(&self, out: &mut String, class: &str, export: &str, language: Language) {
        let typed = |text: &'static str| if language == Language::Js { "" } else { text };
        let (field, number, this) = (typed("private "), typed(": number"), typed(": this"));
        let _ = writeln!(out, "/** {} */\n{export}class {class} {{", self.remark);
        let _ = writeln!(out, "  static turns = 0;\n  #total{number};\n  {field}label = \"{class}\";\n");
        let _ = writeln!(out, "  constructor(input{number}) {{\n    this.#total = input >>> 0;\n  }}\n");
        let _ = writeln!(out, "  absorb(){this} {{\n    let value = this.#total;");
        step::write(out, &self.body, 4, &mut 0);
        let _ = writeln!(out, "    this.#total = value;\n    {class}.turns += 1;\n    return this;\n  }}\n");
        let _ = writeln!(out, "  get total(){number} {{\n    return this.#total;\n  }}\n}}\n");
    }
}
