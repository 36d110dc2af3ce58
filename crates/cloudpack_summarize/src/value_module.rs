//! Builds the summary and the object of an ES module that no parser has seen: JSON, text, assets, style sheets. Such a
//! module is a list of `var name = expression;` sections without side effects, so everything a linker wants to know
//! about it is known when it is written. One home for what all of these must get right: tables that are parallel,
//! relocations in the order of the text, call edges sorted.

use cloudpack_base::{IndexVec, RequestIdx, SymbolIdx};
use cloudpack_object::{ModuleObject, Relocation, RelocationKind, SectionShape, SectionText, Span};
use cloudpack_summary::{
    ConstantValue, DeclarationKind, ImportName, ImportRecord, LocalExport, ModuleFlags, ModuleFormat, ModuleSummary,
    RequestFlags, RequestKind, Section, SizeClass, Symbol, SymbolFlags, SymbolKind, base_name_of,
};
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) struct ValueModule {
    summary: ModuleSummary,
    object: ModuleObject,
    base_name: String,
    minify: bool,
    requests: FxHashMap<(Box<str>, RequestKind), RequestIdx>,
    imports: FxHashMap<(RequestIdx, Box<str>), SymbolIdx>,
    has_interop: FxHashSet<RequestIdx>,
    exported: FxHashSet<Box<str>>,
    globals: Vec<Box<str>>,
    nested: Vec<Box<str>>,
}

impl ValueModule {
    pub(crate) fn new(id: &str, format: ModuleFormat, flags: ModuleFlags, minify: bool) -> Self {
        let base_name = base_name_of(id);
        let mut summary = ModuleSummary::empty(format, &base_name);
        summary.flags = flags;
        Self {
            summary,
            object: ModuleObject::default(),
            base_name,
            minify,
            requests: FxHashMap::default(),
            imports: FxHashMap::default(),
            has_interop: FxHashSet::default(),
            exported: FxHashSet::default(),
            globals: Vec::new(),
            nested: Vec::new(),
        }
    }

    /// The request of that specifier and kind; several sites share one, whose span is that of the first.
    pub(crate) fn request(&mut self, specifier: &str, kind: RequestKind, span: Span) -> RequestIdx {
        let (summary, object) = (&mut self.summary, &mut self.object);
        *self.requests.entry((specifier.into(), kind)).or_insert_with(|| {
            object.request_spans.push(span);
            summary.requests.push(ImportRecord {
                specifier: specifier.into(),
                kind,
                attributes: Vec::new(),
                flags: RequestFlags::default(),
            })
        })
    }

    pub(crate) fn flag_request(&mut self, request: RequestIdx, flag: RequestFlags) {
        if let Some(record) = self.summary.requests.get_mut(request) {
            record.flags.insert(flag);
        }
    }

    /// A request that stays apart from others of the same specifier: two `@import`s of one sheet are two places.
    pub(crate) fn own_request(&mut self, specifier: &str, kind: RequestKind, span: Span) -> RequestIdx {
        self.object.request_spans.push(span);
        self.summary.requests.push(ImportRecord {
            specifier: specifier.into(),
            kind,
            attributes: Vec::new(),
            flags: RequestFlags::default(),
        })
    }

    /// The symbol for export `name` of `request`. The first one makes the request's `Interop` symbol too.
    pub(crate) fn import(&mut self, request: RequestIdx, name: &str) -> SymbolIdx {
        if let Some(known) = self.imports.get(&(request, name.into())) {
            return *known;
        }
        let from =
            self.summary.requests.get(request).map_or_else(String::new, |record| base_name_of(&record.specifier));
        if self.has_interop.insert(request) {
            let name = format!("import_{from}").into();
            self.summary.symbols.push(Symbol { name, kind: SymbolKind::Interop { request } });
        }
        let readable = if name == "default" { format!("{from}_default") } else { identifier_for(name) };
        let kind =
            SymbolKind::Import { request, name: ImportName::Named(name.into()), namespace: None, is_called: false };
        let symbol = self.summary.symbols.push(Symbol { name: readable.into(), kind });
        self.imports.insert((request, name.into()), symbol);
        symbol
    }

    /// `var name = <what write puts down>;` as a section of its own. `name` may be any text; the symbol's name is an
    /// identifier made from it.
    pub(crate) fn declare(
        &mut self,
        name: &str,
        constant: Option<ConstantValue>,
        write: impl FnOnce(&mut ExpressionWriter<'_>),
    ) -> SymbolIdx {
        let section = self.summary.sections.next_index();
        let kind =
            SymbolKind::Declared { kind: DeclarationKind::Var, section, constant, flags: SymbolFlags::default() };
        let symbol = self.summary.symbols.push(Symbol { name: identifier_for(name).into(), kind });
        let mut writer = ExpressionWriter { object: &mut self.object, uses: Vec::new(), requests: Vec::new() };
        writer.relocate(RelocationKind::DeclarationHead, 4, symbol.0);
        writer.text("var ");
        writer.relocate(RelocationKind::Name, 0, symbol.0);
        writer.text(if self.minify { "=" } else { " = " });
        write(&mut writer);
        writer.relocate(RelocationKind::DeclarationTail, 0, symbol.0);
        writer.text(if self.minify { ";" } else { ";\n" });
        let ExpressionWriter { mut uses, mut requests, .. } = writer;
        uses.sort_unstable();
        uses.dedup();
        requests.sort_unstable();
        requests.dedup();
        self.summary.sections.push(Section { declares: vec![symbol], uses, requests, ..Section::default() });
        self.object.sections.push(SectionText {
            nested_short: 0,
            text_end: self.object.text.len() as u32,
            relocations_end: self.object.relocations.len() as u32,
            segments_end: 0,
            shape: SectionShape::Declaration,
        });
        symbol
    }

    /// `var base_default = ...; export { base_default as default }`
    pub(crate) fn declare_default(&mut self, write: impl FnOnce(&mut ExpressionWriter<'_>)) {
        let name = format!("{}_default", self.base_name);
        let symbol = self.declare(&name, None, write);
        self.export("default", symbol);
    }

    /// The first export of a name stays; a second is ignored and `false` comes back.
    pub(crate) fn export(&mut self, exported: &str, symbol: SymbolIdx) -> bool {
        if !self.exported.insert(exported.into()) {
            return false;
        }
        self.summary.local_exports.push(LocalExport { exported: exported.into(), symbol, copy_of: None });
        true
    }

    /// The text mentions a free name; `nested` ones are parameters of its functions.
    pub(crate) fn mentions(&mut self, globals: &[&str], nested: &[&str]) {
        self.globals.extend(globals.iter().map(|name| Box::from(*name)));
        self.nested.extend(nested.iter().map(|name| Box::from(*name)));
    }

    pub(crate) fn object_mut(&mut self) -> &mut ModuleObject {
        &mut self.object
    }

    pub(crate) fn finish(mut self) -> (ModuleSummary, ModuleObject) {
        self.summary.local_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
        for names in [&mut self.globals, &mut self.nested] {
            names.sort_unstable();
            names.dedup();
        }
        self.object.global_names = self.globals;
        self.object.nested_names = self.nested;
        let styles = self.object.css.as_ref().map_or(0, |css| css.text.len());
        self.summary.size = SizeClass::of_bytes(self.object.text.len() + styles);
        self.object.symbol_spans = IndexVec::filled(Span::NONE, self.summary.symbols.len());
        (self.summary, self.object)
    }
}

/// Writes one section's expression.
pub(crate) struct ExpressionWriter<'a> {
    object: &'a mut ModuleObject,
    uses: Vec<SymbolIdx>,
    requests: Vec<RequestIdx>,
}

impl ExpressionWriter<'_> {
    pub(crate) fn text(&mut self, text: &str) {
        self.object.text.push_str(text);
    }

    /// The text's buffer, for what is easier to append in place.
    pub(crate) fn buffer(&mut self) -> &mut String {
        &mut self.object.text
    }

    /// A mention of a symbol.
    pub(crate) fn name(&mut self, symbol: SymbolIdx) {
        self.relocate(RelocationKind::Name, 0, symbol.0);
        self.uses.push(symbol);
    }

    /// `key: value` where the linker may leave `key: ` out because the value's final name is the same. `key` is an
    /// identifier name.
    pub(crate) fn property(&mut self, key: &str, separator: &str, symbol: SymbolIdx) {
        match u16::try_from(key.len() + separator.len()) {
            Ok(covers) => {
                self.relocate(RelocationKind::Shorthand, covers, symbol.0);
                self.text(key);
                self.text(separator);
                self.uses.push(symbol);
            }
            Err(_) => {
                self.text(key);
                self.text(separator);
                self.name(symbol);
            }
        }
    }

    /// The URL of a request's target, raw, inside a string literal that the caller writes.
    pub(crate) fn url(&mut self, request: RequestIdx) {
        self.relocate(RelocationKind::Url, 0, request.0);
        self.requests.push(request);
    }

    /// The URL of this module's own asset, with quotes.
    pub(crate) fn own_asset_url(&mut self) {
        self.relocate(RelocationKind::OwnAssetUrl, 0, 0);
    }

    fn relocate(&mut self, kind: RelocationKind, covers: u16, target: u32) {
        let offset = self.object.text.len() as u32;
        self.object.relocations.push(Relocation { offset, covers, kind, target });
    }
}

/// A module that could not be read: exports nothing, so that diagnostics about it are the only ones.
pub(crate) fn failed_module(id: &str, format: ModuleFormat) -> (ModuleSummary, ModuleObject) {
    ValueModule::new(id, format, ModuleFlags::default(), false).finish()
}

/// An identifier that reads like `name`: `foo-bar` -> `foo_bar`, `class` -> `_class`, `` -> `_`. Names that every
/// program takes for granted (`undefined`) are not declared either.
pub(crate) fn identifier_for(name: &str) -> String {
    if is_binding_name(name) {
        return name.to_owned();
    }
    let mut made = String::with_capacity(name.len() + 1);
    for character in name.chars() {
        let fits = character.is_ascii_alphanumeric() || matches!(character, '_' | '$');
        if fits {
            made.push(character);
        } else if !made.ends_with('_') {
            made.push('_');
        }
    }
    if !is_binding_name(&made) {
        made.insert(0, '_');
    }
    made
}

/// Whether `var name` is legal in every module and hides nothing that code relies on.
pub(crate) fn is_binding_name(name: &str) -> bool {
    is_identifier_name(name)
        && !oxc_syntax::keyword::is_reserved_keyword_or_global_object(name)
        && !matches!(name, "arguments" | "eval" | "async")
}

pub(crate) fn is_identifier_name(name: &str) -> bool {
    oxc_syntax::identifier::is_identifier_name(name)
}

/// Appends `text` as a double-quoted literal that is also safe inside an inline script: no `</script`, no `<!--`, and
/// no U+2028 or U+2029, which ended lines in strings before ES2019.
pub(crate) fn push_string_literal(out: &mut String, text: &str) {
    out.push('"');
    push_string_content(out, text);
    out.push('"');
}

/// The inside of a double-quoted literal, see `push_string_literal`.
pub(crate) fn push_string_content(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        let (width, escaped): (usize, &str) = match byte {
            b'"' => (1, "\\\""),
            b'\\' => (1, "\\\\"),
            b'\n' => (1, "\\n"),
            b'\r' => (1, "\\r"),
            // A digit after it would make `\0` an octal escape.
            0 => (1, "\\x00"),
            b'<' if starts_with_ignoring_case(bytes, at + 1, b"/script") => (1, "\\x3C"),
            b'<' if bytes.get(at + 1..at + 4) == Some(b"!--") => (1, "\\x3C"),
            0xE2 if bytes.get(at + 1..at + 3) == Some(&[0x80, 0xA8]) => (3, "\\u2028"),
            0xE2 if bytes.get(at + 1..at + 3) == Some(&[0x80, 0xA9]) => (3, "\\u2029"),
            _ => continue,
        };
        out.push_str(text.get(copied..at).unwrap_or(""));
        out.push_str(escaped);
        copied = at + width;
    }
    out.push_str(text.get(copied..).unwrap_or(""));
}

pub(crate) fn starts_with_ignoring_case(bytes: &[u8], at: usize, expected: &[u8]) -> bool {
    bytes.get(at..at + expected.len()).is_some_and(|found| found.eq_ignore_ascii_case(expected))
}

/// What every summary and object must obey, for the tests of all summarisers.
#[cfg(test)]
pub(crate) fn check_tables(summary: &ModuleSummary, object: &ModuleObject) {
    use cloudpack_summary::linker_symbols;
    assert_eq!(summary.symbols.len(), object.symbol_spans.len());
    assert_eq!(summary.requests.len(), object.request_spans.len());
    assert_eq!(summary.sections.len(), object.sections.len());
    assert!(summary.symbols.iter().take(2).all(|symbol| symbol.kind == SymbolKind::Linker));
    assert_eq!(summary.symbols.len() >= 2, !linker_symbols("x", summary.format).is_empty());
    assert!(summary.symbols.iter().all(|symbol| oxc_syntax::identifier::is_identifier_name(&symbol.name)));
    assert!(object.relocations.is_sorted_by_key(|relocation| relocation.offset));
    assert!(summary.local_exports.is_sorted_by(|left, right| left.exported < right.exported));
    assert_eq!(object.sections.iter().last().map_or(0, |section| section.text_end as usize), object.text.len());
    let mut start = 0;
    for (section, text) in summary.sections.iter().zip(object.sections.iter()) {
        assert!(section.uses.is_sorted_by(|left, right| left < right));
        let relocations = &object.relocations[start..text.relocations_end as usize];
        for relocation in relocations {
            assert!(relocation.offset as usize + relocation.covers as usize <= text.text_end as usize);
            match relocation.kind {
                RelocationKind::Name | RelocationKind::Shorthand => {
                    let symbol = relocation.symbol();
                    assert!(section.declares.contains(&symbol) || section.uses.contains(&symbol));
                }
                RelocationKind::Url => assert!(section.requests.contains(&relocation.request())),
                _ => {}
            }
        }
        start = text.relocations_end as usize;
    }
    assert_eq!(start, object.relocations.len());
    for (index, symbol) in summary.symbols.iter_enumerated() {
        if let SymbolKind::Declared { section, .. } = &symbol.kind {
            assert!(summary.sections.get(*section).is_some_and(|section| section.declares.contains(&index)));
        }
    }
}

/// The JavaScript with every relocation done in the plainest way, for tests that read it.
#[cfg(test)]
pub(crate) fn plain_javascript(summary: &ModuleSummary, object: &ModuleObject) -> String {
    let mut out = String::new();
    let mut at = 0;
    for relocation in &object.relocations {
        out.push_str(&object.text[at..relocation.offset as usize]);
        at = relocation.offset as usize;
        match relocation.kind {
            RelocationKind::Name => out.push_str(&summary.symbols.get(relocation.symbol()).unwrap().name),
            RelocationKind::Shorthand => {
                let end = at + relocation.covers as usize;
                out.push_str(&object.text[at..end]);
                out.push_str(&summary.symbols.get(relocation.symbol()).unwrap().name);
                at = end;
            }
            RelocationKind::Url => out.push_str(&format!("[url {}]", relocation.target)),
            RelocationKind::OwnAssetUrl => out.push_str("[own url]"),
            _ => {}
        }
    }
    out.push_str(&object.text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_safe_in_an_inline_script_and_on_old_engines() {
        let mut out = String::new();
        push_string_literal(&mut out, "a\"b\\c\nd\r</SCRIPT><!--\u{2028}\u{2029}é\0");
        assert_eq!(out, "\"a\\\"b\\\\c\\nd\\r\\x3C/SCRIPT>\\x3C!--\\u2028\\u2029é\\x00\"");
    }

    #[test]
    fn any_text_becomes_a_name_that_may_be_declared() {
        for (text, name) in [
            ("foo-bar", "foo_bar"),
            ("class", "_class"),
            ("", "_"),
            ("1a", "_1a"),
            ("undefined", "_undefined"),
            ("é", "é"),
            ("let", "_let"),
        ] {
            assert_eq!(identifier_for(text), name);
        }
    }
}
