//! Statements on one 32-bit `value`, in two readings: as text of a module, and as what running the text does. Because
//! every generated function is made of these, the generator knows what the whole application prints.

use super::random::Random;
use super::words::NOUNS;
use std::fmt::Write;

pub(super) enum Step {
    Multiply(u32),
    Add(u32),
    Xor(u32),
    Rotate(u32),
    Fold(u32),
    /// `if ((value & mask) === wanted) ... else ...`
    If {
        mask: u32,
        wanted: u32,
        then: Vec<Step>,
        other: Vec<Step>,
    },
    Loop {
        times: u32,
        body: Vec<Step>,
    },
    /// By the lowest two bits.
    Switch([Vec<Step>; 4]),
    /// Adds the entry of a list that `value` points at.
    Pick(Vec<u32>),
    /// Hashes the letters of a template string.
    Letters(&'static str),
    /// `map` and `reduce` with arrow functions.
    Reduce(Vec<u32>),
    /// Both halves, by destructuring.
    Halves(u32, u32),
    /// A missing property with `??`.
    Default(u32),
}

/// `budget`: about how many statements; `depth`: how many blocks may nest.
pub(super) fn steps(random: &mut Random, budget: u32, depth: u32) -> Vec<Step> {
    (0..budget).map(|_| step(random, depth)).collect()
}

fn step(random: &mut Random, depth: u32) -> Step {
    let number = random.range(3, 1 << 24) | 1;
    let list = |random: &mut Random| (0..random.range(4, 10)).map(|_| random.range(1, 100_000)).collect();
    match random.range(0, if depth == 0 { 10 } else { 15 }) {
        0 | 1 => Step::Multiply(number),
        2 => Step::Add(number),
        3 => Step::Xor(number),
        4 => Step::Rotate(random.range(1, 31)),
        5 => Step::Fold(random.range(5, 20)),
        6 => Step::Pick(list(random)),
        7 => Step::Letters(random.word(NOUNS)),
        8 => Step::Reduce(list(random)),
        9 if random.chance(50) => Step::Default(number),
        9 => Step::Halves(number, random.range(3, 1 << 20)),
        10..=12 => {
            let mask = [1, 3, 7, 15][random.index(4)];
            let wanted = random.range(0, mask);
            let then = inner(random, depth);
            Step::If { mask, wanted, then, other: if random.chance(60) { inner(random, depth) } else { Vec::new() } }
        }
        13 => Step::Loop { times: random.range(2, 5), body: inner(random, depth) },
        _ => Step::Switch(std::array::from_fn(|_| inner(random, depth))),
    }
}

fn inner(random: &mut Random, depth: u32) -> Vec<Step> {
    let budget = random.range(1, 4);
    steps(random, budget, depth - 1)
}

/// What the text of the steps does to `value`.
pub(super) fn run(steps: &[Step], mut value: u32) -> u32 {
    for step in steps {
        value = match step {
            Step::Multiply(by) => value.wrapping_mul(*by),
            Step::Add(number) => value.wrapping_add(*number),
            Step::Xor(number) => value ^ number,
            Step::Rotate(by) => value.rotate_left(*by),
            Step::Fold(by) => value ^ (value >> by),
            Step::If { mask, wanted, then, other } => run(if value & mask == *wanted { then } else { other }, value),
            Step::Loop { times, body } => (0..*times).fold(value, |value, turn| run(body, value.wrapping_add(turn))),
            Step::Switch(cases) => run(&cases[(value & 3) as usize], value),
            Step::Pick(list) => value.wrapping_add(list[value as usize % list.len()]),
            Step::Letters(word) => format!("{word}-{}", value & 15)
                .bytes()
                .fold(value, |value, letter| value.wrapping_mul(31).wrapping_add(u32::from(letter))),
            Step::Reduce(list) => {
                list.iter().zip(0..).fold(value, |sum: u32, (item, index): (&u32, u32)| sum.wrapping_add(item ^ index))
            }
            Step::Halves(low, high) => {
                (value & 0xFFFF).wrapping_mul(*low).wrapping_add((value >> 16).wrapping_mul(*high))
            }
            Step::Default(number) => value.wrapping_add(*number),
        };
    }
    value
}

/// Text of the steps. `names` counts the constants of the function, so that none is declared twice.
pub(super) fn write(out: &mut String, steps: &[Step], indent: usize, names: &mut u32) {
    let pad = " ".repeat(indent);
    for step in steps {
        *names += 1;
        let name = *names;
        match step {
            Step::Multiply(by) => line(out, &pad, format_args!("value = Math.imul(value, {by}) >>> 0;")),
            Step::Add(number) => line(out, &pad, format_args!("value = (value + {number}) >>> 0;")),
            Step::Xor(number) => line(out, &pad, format_args!("value = (value ^ {number}) >>> 0;")),
            Step::Rotate(by) => {
                let back = 32 - by;
                line(out, &pad, format_args!("value = ((value << {by}) | (value >>> {back})) >>> 0;"));
            }
            Step::Fold(by) => line(out, &pad, format_args!("value = (value ^ (value >>> {by})) >>> 0;")),
            Step::If { mask, wanted, then, other } => {
                line(out, &pad, format_args!("if ((value & {mask}) === {wanted}) {{"));
                write(out, then, indent + 2, names);
                if !other.is_empty() {
                    line(out, &pad, format_args!("}} else {{"));
                    write(out, other, indent + 2, names);
                }
                line(out, &pad, format_args!("}}"));
            }
            Step::Loop { times, body } => {
                line(out, &pad, format_args!("for (let turn{name} = 0; turn{name} < {times}; turn{name}++) {{"));
                line(out, &pad, format_args!("  value = (value + turn{name}) >>> 0;"));
                write(out, body, indent + 2, names);
                line(out, &pad, format_args!("}}"));
            }
            Step::Switch(cases) => {
                line(out, &pad, format_args!("switch (value & 3) {{"));
                for (index, case) in cases.iter().enumerate() {
                    match index {
                        3 => line(out, &pad, format_args!("  default: {{")),
                        _ => line(out, &pad, format_args!("  case {index}: {{")),
                    }
                    write(out, case, indent + 4, names);
                    line(out, &pad, format_args!("    break;"));
                    line(out, &pad, format_args!("  }}"));
                }
                line(out, &pad, format_args!("}}"));
            }
            Step::Pick(list) => {
                line(out, &pad, format_args!("const weights{name} = {};", listed(list)));
                line(out, &pad, format_args!("value = (value + weights{name}[value % weights{name}.length]) >>> 0;"));
            }
            Step::Letters(word) => {
                line(out, &pad, format_args!("for (const letter of `{word}-${{value & 15}}`) {{"));
                line(out, &pad, format_args!("  value = (Math.imul(value, 31) + letter.charCodeAt(0)) >>> 0;"));
                line(out, &pad, format_args!("}}"));
            }
            Step::Reduce(list) => {
                line(out, &pad, format_args!("value = {}", listed(list)));
                line(out, &pad, format_args!("  .map((item, index) => (item ^ index) >>> 0)"));
                line(out, &pad, format_args!("  .reduce((sum, item) => (sum + item) >>> 0, value);"));
            }
            Step::Halves(low, high) => {
                let (first, second) = (format!("low{name}"), format!("high{name}"));
                line(out, &pad, format_args!("const {{ low: {first}, high: {second} }} = {{"));
                line(out, &pad, format_args!("  low: value & 0xffff,"));
                line(out, &pad, format_args!("  high: value >>> 16,"));
                line(out, &pad, format_args!("}};"));
                line(
                    out,
                    &pad,
                    format_args!("value = (Math.imul({first}, {low}) + Math.imul({second}, {high})) >>> 0;"),
                );
            }
            Step::Default(number) => {
                line(out, &pad, format_args!("const settings{name} = {{ offset: null, name: \"offset\" }};"));
                line(out, &pad, format_args!("value = (value + (settings{name}?.offset ?? {number})) >>> 0;"));
            }
        }
    }
}

fn line(out: &mut String, pad: &str, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{pad}{text}");
}

pub(super) fn listed(list: &[u32]) -> String {
    let items: Vec<String> = list.iter().map(u32::to_string).collect();
    format!("[{}]", items.join(", "))
}
