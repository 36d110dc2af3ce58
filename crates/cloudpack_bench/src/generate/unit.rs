//! A unit: one exported or local declaration of a module with the helpers it needs. Each is callable with a number and
//! gives a number, so that every unit of the application takes part in the checksum.

use super::random::Random;
use super::step::{self, Step, listed, steps};
use super::tree::Language;
use super::words::{REMARKS, capitalized};
use std::fmt::Write;

pub(super) struct Unit {
    pub(super) name: String,
    pub(super) exported: bool,
    /// By the `run` of its own module. What is neither called here nor used elsewhere is for section GC.
    pub(super) called: bool,
    kind: Kind,
    body: Vec<Step>,
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
    /// A number and nothing else, for files with many exports and few bytes.
    Constant(u32),
}

impl Unit {
    pub(super) fn new(random: &mut Random, name: String, exported: bool, language: Language) -> Self {
        let kind = match random.range(0, 100) {
            0..25 => Kind::Arrow,
            25..40 => Kind::Class,
            40..50 => Kind::Table((0..random.range(6, 14)).map(|_| random.range(1, 1 << 20)).collect()),
            50..58 => Kind::Enumeration(std::array::from_fn(|_| random.range(1, 1 << 16))),
            58..70 if language.has_elements() => {
                Kind::Element { width: random.range(1, 900), height: random.range(1, 900) }
            }
            _ => Kind::Function,
        };
        let budget = random.range(2, 6);
        let body = steps(random, budget, 2);
        Self { name, exported, called: random.chance(70), kind, body }
    }

    /// A function of a line or two.
    pub(super) fn small(random: &mut Random, name: String, exported: bool) -> Self {
        let body = steps(random, 1, 0);
        Self { name, exported, called: random.chance(70), kind: Kind::Arrow, body }
    }

    pub(super) fn constant(random: &mut Random, name: String, exported: bool) -> Self {
        let kind = Kind::Constant(random.range(1, 1 << 30));
        Self { name, exported, called: random.chance(70), kind, body: Vec::new() }
    }

    /// Other statements under the same name.
    pub(super) fn rewrite(&mut self, random: &mut Random) {
        match &mut self.kind {
            Kind::Constant(number) => *number = random.range(1, 1 << 30),
            _ => self.body = steps(random, 3, 1),
        }
    }

    /// What `name(input)` gives.
    pub(super) fn call(&self, input: u32) -> u32 {
        let value = step::run(&self.body, input);
        match &self.kind {
            Kind::Function | Kind::Arrow => value,
            Kind::Constant(number) => input ^ number,
            // `absorb` runs the body twice.
            Kind::Class => step::run(&self.body, value) ^ input,
            Kind::Table(list) => value.wrapping_add(list[value as usize % list.len()]),
            Kind::Enumeration(members) => value ^ members[(value & 3) as usize],
            Kind::Element { width, height } => {
                // `<section width height><b>{n}</b></section>` by `jsx` of the package that stands in for React.
                let child = 1u32.wrapping_mul(33).wrapping_add(value & 255);
                let outer = 7u32.wrapping_mul(31).wrapping_add(*width).wrapping_mul(31).wrapping_add(*height);
                outer.wrapping_mul(33).wrapping_add(child)
            }
        }
    }

    /// The interface that is declared beside the unit, for importers that only need the type.
    pub(super) fn options_type(&self, language: Language) -> Option<String> {
        let has = matches!(self.kind, Kind::Function | Kind::Arrow | Kind::Element { .. });
        (has && self.exported && language.is_typed()).then(|| format!("{}Options", capitalized(&self.name)))
    }

    pub(super) fn is_constant(&self) -> bool {
        matches!(self.kind, Kind::Constant(_))
    }

    /// `comments`: bytes of comments, in permille of all.
    pub(super) fn write(&self, out: &mut String, language: Language, comments: u32) {
        let mut text = String::new();
        self.write_code(&mut text, language);
        let wanted = text.len() * comments as usize / (1_000 - comments.min(900)) as usize;
        remark(out, wanted, text.len());
        out.push_str(&text);
    }

    fn write_code(&self, out: &mut String, language: Language) {
        let name = &self.name;
        // CommonJS modules list what they export at their end.
        let export = if self.exported && language != Language::Cjs { "export " } else { "" };
        let typed = |text: &'static str| if language.is_typed() { text } else { "" };
        let (number, list) = (typed(": number"), typed(": readonly number[]"));
        let class = capitalized(name);
        match &self.kind {
            Kind::Table(items) => {
                let _ = writeln!(out, "const {name}Table{list} = {};\n", listed(items));
            }
            Kind::Enumeration([open, closed, moved, lost]) if !language.is_typed() => {
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
            Kind::Constant(number) => {
                let _ = writeln!(out, "{export}const {name} = {number};\n");
                return;
            }
            _ if self.options_type(language).is_some() && self.body.len() < 2 => {
                let _ = writeln!(out, "{export}type {class}Options = {{ input: number }};\n");
            }
            _ if self.options_type(language).is_some() => {
                let _ = writeln!(
                    out,
                    "{export}interface {class}Options {{\n  readonly input: number;\n  label?: string;\n  children?: Array<{class}Options>;\n}}\n"
                );
            }
            _ => {}
        }
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
        let typed = |text: &'static str| if language.is_typed() { text } else { "" };
        let (field, number, this) = (typed("private "), typed(": number"), typed(": this"));
        let _ = writeln!(out, "{export}class {class} {{");
        let _ = writeln!(out, "  static turns = 0;\n  #total{number};\n  {field}label = \"{class}\";\n");
        let _ = writeln!(out, "  constructor(input{number}) {{\n    this.#total = input >>> 0;\n  }}\n");
        let _ = writeln!(out, "  absorb(){this} {{\n    let value = this.#total;");
        step::write(out, &self.body, 4, &mut 0);
        let _ = writeln!(out, "    this.#total = value;\n    {class}.turns += 1;\n    return this;\n  }}\n");
        let _ = writeln!(out, "  get total(){number} {{\n    return this.#total;\n  }}\n}}\n");
    }
}

/// About `wanted` bytes of comment; `turn` chooses the sentences.
pub(super) fn remark(out: &mut String, wanted: usize, turn: usize) {
    let sentence = |index: usize| REMARKS.get((turn + index) % REMARKS.len()).copied().unwrap_or("");
    if wanted < 20 {
        return;
    }
    if wanted < 120 {
        let _ = writeln!(out, "// {}", sentence(0));
        return;
    }
    out.push_str("/**\n");
    let end = out.len() + wanted - 8;
    let mut index = 0;
    while out.len() < end {
        let _ = writeln!(out, " * {}", sentence(index));
        index += 1;
    }
    out.push_str(" */\n");
}
