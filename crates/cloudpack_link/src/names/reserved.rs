//! Names that no top-level symbol of a chunk may take: the language's own, and globals that made text mentions.

/// Words that cannot be declared in a module: ECMA-262 12.7.2, with strict mode's.
const WORDS: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Globals in the text of runtime helpers and of URL forms, and what a CommonJS file is wrapped in.
const GLOBALS: &[&str] = &[
    "Error",
    "Infinity",
    "Map",
    "NaN",
    "Object",
    "Promise",
    "Symbol",
    "URL",
    "WeakMap",
    "__dirname",
    "__filename",
    "document",
    "exports",
    "globalThis",
    "location",
    "module",
    "require",
    "self",
    "undefined",
    "window",
];

pub(crate) fn is_reserved_word(name: &str) -> bool {
    WORDS.binary_search(&name).is_ok()
}

pub(crate) fn reserved_names() -> impl Iterator<Item = &'static str> {
    WORDS.iter().chain(GLOBALS).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_sorted() {
        assert!(WORDS.is_sorted() && GLOBALS.is_sorted());
        assert!(is_reserved_word("yield") && is_reserved_word("arguments") && !is_reserved_word("of"));
    }
}
