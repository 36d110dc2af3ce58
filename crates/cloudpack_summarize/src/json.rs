//! JSON text -> an ES module: one variable per top-level key that is an identifier, exported under its name, and a
//! default export that is the object of all of them. Who imports only `version` gets only `version`.
//!
//! serde_json decides what is JSON and where it is not; after that the text is copied token by token, never rebuilt
//! from values. So numbers keep their digits, strings their escapes (also lone surrogates), duplicate keys their
//! meaning (an object literal treats them as `JSON.parse` does), and depth costs no stack.

use crate::value_module::{ValueModule, failed_module, identifier_for, is_identifier_name, starts_with_ignoring_case};
use cloudpack_base::Diagnostic;
use cloudpack_object::ModuleObject;
use cloudpack_summary::{ConstantValue, ModuleFlags, ModuleFormat, ModuleSummary};
use rustc_hash::FxHashMap;
use serde::Deserialize;

/// Deeper literals are an error: engines parse object literals recursively.
const MAX_DEPTH: usize = 500;
/// A longer string is not copied to its uses.
const MAX_CONSTANT_STRING: usize = 24;

/// Cost: linear in `source`.
pub fn summarize_json(id: &str, source: &str, minify: bool) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    let bom = (source.len() - text.len()) as u32;
    if let Some(diagnostic) = check(id, source, text, bom) {
        let (summary, object) = failed_module(id, ModuleFormat::EsModule);
        return (summary, object, vec![diagnostic]);
    }
    let flags =
        ModuleFlags::default().with(ModuleFlags::SIDE_EFFECT_FREE).with(ModuleFlags::JSON).with(ModuleFlags::ES_SYNTAX);
    let mut module = ValueModule::new(id, ModuleFormat::EsModule, flags, minify);
    let value = text.trim_matches(is_json_space);
    let printer = Printer { minify };
    match members(value) {
        Some(members) => print_object(&mut module, &members, printer),
        None => module.declare_default(|out| printer.value(out.buffer(), value, 0)),
    }
    let (summary, object) = module.finish();
    (summary, object, Vec::new())
}

fn check(id: &str, source: &str, text: &str, bom: u32) -> Option<Diagnostic> {
    if let Some(at) = too_deep(text) {
        let message = format!("JSON is nested deeper than {MAX_DEPTH} levels");
        let at = at as u32 + bom;
        return Some(Diagnostic::error("TOO_DEEP", message).with_span(id, source, at, at + 1));
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let error = serde::de::IgnoredAny::deserialize(&mut parser).and_then(|_| parser.end()).err()?;
    // `expected value at line 1 column 5`: the place is shown by the frame.
    let full = error.to_string();
    let message = full.rfind(" at line ").map_or(full.as_str(), |at| full.get(..at).unwrap_or(&full));
    let line_start = match error.line() {
        0 | 1 => 0,
        line => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 2).map_or(text.len(), |at| at + 1),
    };
    let at = (line_start + error.column().saturating_sub(1)).min(text.len());
    let found = text.as_bytes().get(at).copied();
    let before = text.as_bytes().get(..at).unwrap_or_default().trim_ascii_end().last().copied();
    let mut diagnostic = Diagnostic::error("PARSE_ERROR", format!("Not valid JSON: {message}")).with_span(
        id,
        source,
        at as u32 + bom,
        at as u32 + bom + 1,
    );
    if found == Some(b'/') {
        diagnostic = diagnostic.with_hint("JSON has no comments");
    } else if found == Some(b'\'') {
        diagnostic = diagnostic.with_hint("JSON strings stand in double quotes");
    } else if matches!(found, Some(b'}' | b']')) && before == Some(b',') {
        diagnostic = diagnostic.with_hint("JSON has no trailing commas");
    }
    Some(diagnostic)
}

fn print_object(module: &mut ValueModule, members: &[Member<'_>], printer: Printer) {
    let separator = if printer.minify { ":" } else { ": " };
    // `JSON.parse` gives a repeated key its last value at the place of the first.
    let mut last: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, member) in members.iter().enumerate() {
        last.insert(&member.key, index);
    }
    let mut symbols: FxHashMap<&str, cloudpack_base::SymbolIdx> = FxHashMap::default();
    for member in members {
        let exported = is_identifier_name(&member.key) && !oxc_syntax::keyword::is_reserved_keyword(&member.key);
        let Some(value) = last.get(&*member.key).and_then(|index| members.get(*index)).map(|member| member.value)
        else {
            continue;
        };
        if exported && !symbols.contains_key(&*member.key) {
            let symbol = module.declare(&identifier_for(&member.key), constant(value), |out| {
                printer.value(out.buffer(), value, 0);
            });
            module.export(&member.key, symbol);
            symbols.insert(&member.key, symbol);
        }
    }
    module.declare_default(|out| {
        out.text("{");
        let mut first = true;
        for member in members {
            let Some(index) = last.remove(&*member.key) else { continue };
            if !std::mem::take(&mut first) {
                out.text(",");
            }
            out.text(if printer.minify { "" } else { "\n\t" });
            match symbols.get(&*member.key) {
                // `{ __proto__: x }` would set the prototype.
                Some(symbol) if member.key == "__proto__" => {
                    out.text("[\"__proto__\"]");
                    out.text(separator);
                    out.name(*symbol);
                }
                Some(symbol) => out.property(&member.key, separator, *symbol),
                None => {
                    printer.key(out.buffer(), member.raw_key);
                    out.text(separator);
                    printer.value(out.buffer(), members.get(index).map_or("null", |member| member.value), 1);
                }
            }
        }
        out.text(if printer.minify || members.is_empty() { "}" } else { "\n}" });
    });
}

struct Member<'a> {
    /// Decoded; a lone surrogate becomes U+FFFD, which only matters for two keys that differ in nothing else.
    key: String,
    /// With its quotes.
    raw_key: &'a str,
    value: &'a str,
}

/// The members of a valid object; `None` for any other value.
fn members(value: &str) -> Option<Vec<Member<'_>>> {
    let bytes = value.as_bytes();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut members = Vec::new();
    let mut at = 1;
    loop {
        at = skip(bytes, at, |byte| is_json_space(byte.into()) || byte == b',');
        if bytes.get(at) != Some(&b'"') {
            return Some(members);
        }
        let key_end = string_end(bytes, at);
        let raw_key = value.get(at..key_end)?;
        at = skip(bytes, key_end, |byte| is_json_space(byte.into()) || byte == b':');
        let end = value_end(bytes, at);
        members.push(Member { key: decode(raw_key), raw_key, value: value.get(at..end)? });
        at = end;
    }
}

/// Numbers, booleans, null and short strings may be copied to their uses in other modules.
fn constant(value: &str) -> Option<ConstantValue> {
    match value.as_bytes().first()? {
        b't' => Some(ConstantValue::Boolean(true)),
        b'f' => Some(ConstantValue::Boolean(false)),
        b'n' => Some(ConstantValue::Null),
        b'"' => {
            let short = value.len() <= MAX_CONSTANT_STRING + 2 && !value.contains("\\u");
            short.then(|| ConstantValue::String(decode(value).into()))
        }
        b'-' | b'0'..=b'9' => value.parse().ok().filter(|number: &f64| number.is_finite()).map(ConstantValue::Number),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Printer {
    minify: bool,
}

impl Printer {
    /// Copies a valid value as a JavaScript expression. `indent` is the depth it stands at.
    fn value(self, out: &mut String, value: &str, indent: usize) {
        let bytes = value.as_bytes();
        // One entry per open bracket: whether it is an object.
        let mut open: Vec<bool> = Vec::new();
        let mut expects_key = false;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let end = match byte {
                b'"' => string_end(bytes, at),
                b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => skip(bytes, at, is_word),
                _ => at + 1,
            };
            let token = value.get(at..end).unwrap_or("");
            match byte {
                b'{' | b'[' => {
                    out.push_str(token);
                    let after = skip(bytes, end, |byte| is_json_space(byte.into()));
                    open.push(*byte == b'{');
                    expects_key = *byte == b'{';
                    if matches!(bytes.get(after), Some(b'}' | b']')) {
                        open.pop();
                        out.push_str(value.get(after..after + 1).unwrap_or(""));
                        at = after + 1;
                        continue;
                    }
                    self.line(out, indent + open.len());
                }
                b'}' | b']' => {
                    open.pop();
                    self.line(out, indent + open.len());
                    out.push_str(token);
                }
                b',' => {
                    out.push(',');
                    expects_key = open.last() == Some(&true);
                    self.line(out, indent + open.len());
                }
                b':' => {
                    out.push_str(if self.minify { ":" } else { ": " });
                    expects_key = false;
                }
                b'"' if expects_key => self.key(out, token),
                b'"' => push_json_string(out, token),
                _ if is_json_space((*byte).into()) => {}
                _ => out.push_str(token),
            }
            at = end;
        }
    }

    /// A property name from its JSON string.
    fn key(self, out: &mut String, raw: &str) {
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
        if inner == "__proto__" || inner.contains('\\') && decode(raw) == "__proto__" {
            out.push_str("[\"__proto__\"]");
        } else if inner.is_ascii() && is_identifier_name(inner) {
            out.push_str(inner);
        } else {
            push_json_string(out, raw);
        }
    }

    fn line(self, out: &mut String, depth: usize) {
        if !self.minify {
            out.push('\n');
            out.extend(std::iter::repeat_n('\t', depth));
        }
    }
}

/// Copies a JSON string, which is a JavaScript string already, but for what is unsafe in an inline script.
fn push_json_string(out: &mut String, raw: &str) {
    let bytes = raw.as_bytes();
    let mut copied = 0;
    for (at, byte) in raw.bytes().enumerate() {
        let (width, escaped): (usize, &str) = match byte {
            b'<' if starts_with_ignoring_case(bytes, at + 1, b"/script") => (1, "\\u003C"),
            b'<' if bytes.get(at + 1..at + 4) == Some(b"!--") => (1, "\\u003C"),
            0xE2 if bytes.get(at + 1..at + 3) == Some(&[0x80, 0xA8]) => (3, "\\u2028"),
            0xE2 if bytes.get(at + 1..at + 3) == Some(&[0x80, 0xA9]) => (3, "\\u2029"),
            _ => continue,
        };
        out.push_str(raw.get(copied..at).unwrap_or(""));
        out.push_str(escaped);
        copied = at + width;
    }
    out.push_str(raw.get(copied..).unwrap_or(""));
}

/// The text that a valid JSON string stands for.
fn decode(raw: &str) -> String {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        let unit = match characters.next() {
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('u') => {
                characters.by_ref().take(4).fold(0, |unit: u32, digit| unit << 4 | digit.to_digit(16).unwrap_or(0))
            }
            Some(other) => other.into(),
            None => continue,
        };
        units.push(unit as u16);
    }
    String::from_utf16_lossy(&units)
}

/// The offset of the first bracket deeper than the limit. Knows strings, does not need valid text.
fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// One past the closing quote of the string that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn value_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0usize, start);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ => at = skip(bytes, at + 1, is_word),
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn skip(bytes: &[u8], at: usize, while_: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !while_(*byte)).unwrap_or(rest.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

fn is_json_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value_module::{check_tables, plain_javascript};
    use cloudpack_summary::SymbolKind;

    fn compile(source: &str, minify: bool) -> (ModuleSummary, String) {
        let (summary, object, diagnostics) = summarize_json("/app/data.json", source, minify);
        assert_eq!(diagnostics, vec![]);
        check_tables(&summary, &object);
        let text = plain_javascript(&summary, &object);
        (summary, text)
    }
    fn fault(source: &str) -> Diagnostic {
        let (summary, object, mut diagnostics) = summarize_json("/app/data.json", source, false);
        check_tables(&summary, &object);
        assert_eq!(diagnostics.len(), 1);
        diagnostics.remove(0)
    }
    fn exports(summary: &ModuleSummary) -> Vec<&str> {
        summary.local_exports.iter().map(|export| &*export.exported).collect()
    }

    #[test]
    fn each_identifier_key_is_an_export_and_the_default_names_them() {
        let (summary, text) =
            compile(r#"{"name": "x", "list": [1, {"a-b": null}], "a-b": true, "class": 1, "default": 2}"#, false);
        assert_eq!(exports(&summary), ["default", "list", "name"]);
        assert_eq!(
            text,
            "var name = \"x\";\nvar list = [\n\t1,\n\t{\n\t\t\"a-b\": null\n\t}\n];\nvar data_default = {\n\tname: name,\n\tlist: list,\n\t\"a-b\": true,\n\tclass: 1,\n\tdefault: 2\n};\n"
        );
        let (_, text) = compile(r#" { "name" : "x" , "list" : [ 1 , { } , [ ] ] } "#, true);
        assert_eq!(text, r#"var name="x";var list=[1,{},[]];var data_default={name:name,list:list};"#);
    }

    #[test]
    fn arrays_and_scalars_have_only_a_default() {
        for (source, text) in [
            ("[1]", "var data_default=[1];"),
            ("\"a\"", "var data_default=\"a\";"),
            (" null\n", "var data_default=null;"),
            ("{}", "var data_default={};"),
            ("-0", "var data_default=-0;"),
        ] {
            let (summary, printed) = compile(source, true);
            assert_eq!((exports(&summary), &*printed), (vec!["default"], text));
        }
    }

    #[test]
    fn numbers_and_strings_keep_their_text() {
        let (_, text) = compile(
            r#"[1e999, 12345678901234567890123, 0.1000000000000000055511151231257827, "\ud800\/", 1E+2]"#,
            true,
        );
        assert_eq!(
            text,
            r#"var data_default=[1e999,12345678901234567890123,0.1000000000000000055511151231257827,"\ud800\/",1E+2];"#
        );
    }

    #[test]
    fn the_last_of_a_repeated_key_wins_at_the_place_of_the_first() {
        let (_, text) = compile(r#"{"a":1,"b":2,"a":3,"c-d":4,"c-d":5}"#, true);
        assert_eq!(text, r#"var a=3;var b=2;var data_default={a:a,b:b,"c-d":5};"#);
    }

    #[test]
    fn proto_becomes_an_own_property_at_every_depth() {
        let (summary, text) = compile(r#"{"__proto__":{"\u005f_proto__":1},"x":{"__proto__":2}}"#, true);
        assert_eq!(exports(&summary), ["__proto__", "default", "x"]);
        assert_eq!(
            text,
            r#"var __proto__={["__proto__"]:1};var x={["__proto__"]:2};var data_default={["__proto__"]:__proto__,x:x};"#
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_fault_and_text_is_safe_in_an_inline_script() {
        let (_, text) = compile("\u{feff}[\"</Script><!--\u{2028}\u{2029}\"]", true);
        assert_eq!(text, r#"var data_default=["\u003C/Script>\u003C!--\u2028\u2029"];"#);
    }

    #[test]
    fn small_values_are_constants_for_other_modules() {
        let (summary, _) =
            compile(r#"{"version":"1.2.3","n":-1.5e3,"t":true,"z":null,"o":{},"u":"\u0041","big":1e999}"#, true);
        let constants: Vec<_> = summary
            .symbols
            .iter()
            .filter_map(|symbol| match &symbol.kind {
                SymbolKind::Declared { constant, .. } => Some(constant.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(
            constants,
            [
                Some(ConstantValue::String("1.2.3".into())),
                Some(ConstantValue::Number(-1500.0)),
                Some(ConstantValue::Boolean(true)),
                Some(ConstantValue::Null),
                None,
                None,
                None,
                None
            ]
        );
    }

    #[test]
    fn a_fault_shows_its_place_and_a_hint() {
        let diagnostic = fault("{\n  \"a\": 1,\n}");
        assert_eq!(diagnostic.code, "PARSE_ERROR");
        assert_eq!(diagnostic.loc.map(|loc| (loc.line, loc.column)), Some((3, 0)));
        assert_eq!(diagnostic.hint.as_deref(), Some("JSON has no trailing commas"));
        assert_eq!(fault("{ // no\n}").hint.as_deref(), Some("JSON has no comments"));
        assert_eq!(fault("['a']").hint.as_deref(), Some("JSON strings stand in double quotes"));
        let past_bom = fault("\u{feff}{\"é\": x}");
        assert_eq!(past_bom.loc.map(|loc| (loc.line, loc.column)), Some((1, 7)));
    }

    #[test]
    fn hostile_text_is_a_fault_and_not_an_abort() {
        for source in ["", " ", "\0", "\"", "{\"a\"", "{\"a\":", "[1,", "\"\\", "\"\n\"", "nul", "1.", "{}{}", "{,}"] {
            assert_eq!(fault(source).code, "PARSE_ERROR", "{source:?}");
        }
        assert_eq!(fault(&"[".repeat(100_000)).code, "TOO_DEEP");
        assert_eq!(fault(&format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000))).code, "TOO_DEEP");
        let (_, text) = compile(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH)), true);
        assert_eq!(text.len(), "var data_default=;".len() + 2 * MAX_DEPTH);
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
        assert_eq!(compile(&long, true).1.len(), 100_000 + "var a=\"\";var data_default={a:a};".len());
    }
}
