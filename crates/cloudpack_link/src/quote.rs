//! JavaScript spellings: string literals, property names and accesses, numbers. Text in, text out.

/// Appends `text` as a string literal in double quotes. Safe inside an inline `<script>`, too.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\' | '\u{2028}' | '\u{2029}' | '/') || c < ' ') {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = special.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            // `</script>` would end the element that the code stands in.
            Some('/') if plain.ends_with('<') || plain.is_empty() && out.ends_with('<') => out.push_str("\\/"),
            Some('/') => out.push('/'),
            Some(other) => out.push_str(&format!("\\u{:04x}", other as u32)),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text);
    out
}

/// Whether `name` may stand after a dot, or as a key, without quotes. ASCII only: what older engines make of other
/// letters depends on their Unicode tables.
pub(crate) fn is_identifier_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_' || first == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
}

/// Whether `name` may be declared in a module.
pub(crate) fn is_binding_name(name: &str) -> bool {
    is_identifier_name(name) && !crate::names::is_reserved_word(name)
}

/// `.name`, or `["not a name"]`.
pub(crate) fn push_member(out: &mut String, property: &str) {
    if is_identifier_name(property) {
        out.push('.');
        out.push_str(property);
    } else {
        out.push('[');
        push_string(out, property);
        out.push(']');
    }
}

/// A key of an object literal. `__proto__: x` would set the prototype, so that one is computed.
pub(crate) fn push_key(out: &mut String, key: &str) {
    if key == "__proto__" {
        out.push_str("[\"__proto__\"]");
    } else if is_identifier_name(key) {
        out.push_str(key);
    } else {
        push_string(out, key);
    }
}

/// A name in `import { ... }` or `export { ... }`, where any string may stand in quotes.
pub(crate) fn push_module_export_name(out: &mut String, name: &str) {
    if is_identifier_name(name) {
        out.push_str(name);
    } else {
        push_string(out, name);
    }
}

/// A finite number that is not negative, in its shortest form.
pub(crate) fn push_number(out: &mut String, number: f64, minify: bool) {
    let plain = format!("{number}");
    let exponent = format!("{number:e}");
    let shortest = if exponent.len() < plain.len() { &exponent } else { &plain };
    match shortest.strip_prefix("0.") {
        Some(fraction) if minify => {
            out.push('.');
            out.push_str(fraction);
        }
        _ => out.push_str(shortest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_quotes_lines_and_script_elements() {
        assert_eq!(string("a\"b\\c\n\u{2028}\u{0}</script>a/b"), r#""a\"b\\c\n\u2028\u0000<\/script>a/b""#);
    }

    #[test]
    fn numbers_take_the_shorter_of_two_forms() {
        let number = |value: f64, minify: bool| {
            let mut out = String::new();
            push_number(&mut out, value, minify);
            out
        };
        assert_eq!(number(1e21, true), "1e21");
        assert_eq!(number(0.5, true), ".5");
        assert_eq!(number(0.5, false), "0.5");
        assert_eq!(number(1500.0, false), "1500");
        assert_eq!(number(5e-324, false), "5e-324");
    }

    #[test]
    fn the_prototype_key_is_computed() {
        let mut out = String::new();
        push_key(&mut out, "__proto__");
        push_key(&mut out, "a-b");
        push_member(&mut out, "a b");
        assert_eq!(out, r#"["__proto__"]"a-b"["a b"]"#);
    }
}
