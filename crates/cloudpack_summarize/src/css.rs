//! A style sheet -> its text with places for URLs, the requests of its `@import`s and `url()`s, and what JavaScript
//! sees of it: nothing (plain sheet), class names (CSS module), or the text itself (`?inline`).
//!
//! lightningcss parses, lowers for the targets, minifies and prints. URLs that are ours become markers before it
//! prints; their places in the printed text are the relocations. `@import` rules are taken out: the linker puts the
//! imported sheets before this one and wraps them in the rules' conditions.

mod modules;
mod scan;
mod targets;
mod urls;

use crate::value_module::{ValueModule, failed_module, push_string_content};
use cloudpack_base::{Diagnostic, RequestIdx};
use cloudpack_object::{CssImportConditions, CssObject, ModuleObject, Relocation, RelocationKind, Span};
use cloudpack_summary::{ModuleFlags, ModuleFormat, ModuleSummary, RequestFlags, RequestKind};
use lightningcss::css_modules::CssModuleExports;
use lightningcss::error::{Error, ErrorLocation};
use lightningcss::printer::PrinterOptions;
use lightningcss::properties::Property;
use lightningcss::properties::css_modules::Specifier;
use lightningcss::rules::CssRule;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, StyleSheet};
use lightningcss::targets::Targets;
use lightningcss::traits::ToCss;
use lightningcss::values::url::Url;
use lightningcss::visitor::{Visit, VisitTypes, Visitor};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, RwLock};

pub(crate) use scan::scan_css;
pub(crate) use urls::bundled_url;

#[derive(Clone, Copy, Debug)]
pub struct CssInput<'a> {
    pub id: &'a str,
    /// The id relative to the project's directory: scoped names of a CSS module depend on it, and must be the same on
    /// every machine.
    pub relative_id: &'a str,
    pub source: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CssKind {
    /// An empty ES module; importing it is a side effect.
    Sheet,
    /// `.module.css`: an ES module of class names.
    Module,
    /// `?inline`: the default export is the text; nothing goes into a style sheet.
    Inline,
}

#[derive(Clone, Debug, Default)]
pub struct CssOptions {
    pub minify: bool,
    /// `es2020`, `chrome100`, `safari15`...; only browsers count.
    pub target: Vec<String>,
    /// See `modules::config`; `[hash]_[local]` by default.
    pub modules_pattern: Option<String>,
    /// Offer `fooBar` beside `foo-bar`.
    pub modules_camel_case: bool,
}

/// Cost: a few passes over the source.
pub fn summarize_css(
    input: &CssInput<'_>,
    kind: CssKind,
    options: &CssOptions,
) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let compiled = compile(input, kind, options, &mut diagnostics);
    diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    let Some(sheet) = compiled else {
        let format = if kind == CssKind::Inline { ModuleFormat::EsModule } else { ModuleFormat::Css };
        let (summary, object) = failed_module(input.id, format);
        return (summary, object, diagnostics);
    };
    let (summary, object) = match kind {
        CssKind::Inline => inline_module(input.id, &sheet, options),
        CssKind::Sheet | CssKind::Module => style_module(input.id, kind, sheet, options),
    };
    (summary, object, diagnostics)
}

/// What lightningcss made, free of its types.
struct Compiled {
    text: String,
    /// Places in `text`: byte range of the marker and index into `urls`.
    places: Vec<(std::ops::Range<usize>, usize)>,
    urls: Vec<FoundUrl>,
    imports: Vec<FoundImport>,
    /// Specifiers of `composes ... from`, in source order.
    composed: Vec<(String, Span)>,
    exports: Option<CssModuleExports>,
}

struct FoundUrl {
    specifier: String,
    suffix: String,
    span: Span,
}

struct FoundImport {
    url: String,
    conditions: CssImportConditions,
    span: Span,
}

fn compile(
    input: &CssInput<'_>,
    kind: CssKind,
    options: &CssOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Compiled> {
    let source = input.source.strip_prefix('\u{feff}').unwrap_or(input.source);
    let bom = (input.source.len() - source.len()) as u32;
    let browsers = targets::browsers_of(&options.target);
    if let Some((at, why)) = scan_css(source, browsers.is_some()).too_deep {
        let at = at as u32 + bom;
        diagnostics.push(Diagnostic::error("TOO_DEEP", why).with_span(input.id, input.source, at, at + 1));
        return None;
    }
    let modules = match kind {
        CssKind::Module => match modules::config(options, input.relative_id, source) {
            Ok(config) => Some(config),
            Err(why) => {
                let message = format!("Names of CSS modules cannot be made: {why}");
                diagnostics.push(Diagnostic::error("INVALID_OPTION", message).with_id(input.id));
                return None;
            }
        },
        _ => None,
    };
    let print = Print { minify: options.minify, targets: Targets::from(browsers) };
    let places = SourcePlaces::new(source, bom);
    // A foreign parser of untrusted text: where it breaks an assumption of its own, that is a fault of this file's
    // build and not the end of the process.
    let compiled = std::panic::catch_unwind(|| transform(source, modules, print, &places));
    match compiled {
        Ok(Ok((mut compiled, warnings))) => {
            // Equal statements of two sheets stand in two places, so they must not be one module.
            let place = cloudpack_base::ContentHash::of(input.relative_id.as_bytes()).to_short_hex();
            for import in compiled.imports.iter_mut().filter(|import| import.url.starts_with(LAYER_SHEET)) {
                import.url.push_str(&format!("#{place}"));
            }
            diagnostics.extend(warnings.into_iter().map(|fault| {
                let span = fault.span;
                Diagnostic::warning("CSS_SYNTAX", fault.message).with_span(input.id, input.source, span.start, span.end)
            }));
            Some(compiled)
        }
        Ok(Err(fault)) => {
            let span = fault.span;
            diagnostics.push(Diagnostic::error("CSS_SYNTAX", fault.message).with_span(
                input.id,
                input.source,
                span.start,
                span.end,
            ));
            None
        }
        Err(_) => {
            let message = "Lightning CSS cannot handle this style sheet (it panicked)";
            diagnostics.push(Diagnostic::error("CSS_SYNTAX", message).with_id(input.id));
            None
        }
    }
}

struct Fault {
    message: String,
    span: Span,
}

/// How everything of one sheet is printed.
#[derive(Clone, Copy)]
struct Print {
    minify: bool,
    targets: Targets,
}

impl Print {
    fn options(self) -> PrinterOptions<'static> {
        PrinterOptions { minify: self.minify, targets: self.targets, ..PrinterOptions::default() }
    }
}

fn transform(
    source: &str,
    modules: Option<lightningcss::css_modules::Config>,
    print: Print,
    places: &SourcePlaces<'_>,
) -> Result<(Compiled, Vec<Fault>), Fault> {
    let warnings = Arc::new(RwLock::new(Vec::new()));
    let parser_options = ParserOptions {
        css_modules: modules,
        error_recovery: true,
        warnings: Some(Arc::clone(&warnings)),
        ..ParserOptions::default()
    };
    let mut sheet = StyleSheet::parse(source, parser_options).map_err(|error| places.fault(error))?;

    let mut imports = Vec::new();
    take_imports(&mut sheet, print, places, &mut imports);
    let marker = urls::Marker::for_source(source);
    let mut collector =
        Collector { marker: &marker, places, urls: Vec::new(), index: BTreeMap::new(), composed: Vec::new() };
    let Ok(()) = sheet.visit(&mut collector);
    let Collector { urls, composed, .. } = collector;

    // It also lowers, so it runs unless there is nothing to do.
    if print.minify || print.targets.browsers.is_some() {
        let options = MinifyOptions { targets: print.targets, ..MinifyOptions::default() };
        sheet.minify(options).map_err(|error| places.fault(error))?;
    }
    let printed = sheet.to_css(print.options()).map_err(|error| places.fault(error))?;
    let text = if printed.code.trim().is_empty() { String::new() } else { printed.code };
    let found = marker.find_all(&text);
    let compiled = Compiled { text, places: found, urls, imports, composed, exports: printed.exports };
    let faults = match warnings.write() {
        Ok(mut warnings) => warnings.drain(..).map(|error| places.fault(error)).collect(),
        Err(_) => Vec::new(),
    };
    Ok((compiled, faults))
}

/// Removes `@import` rules and what must stay before the sheets they name: `@layer a, b;` fixes an order that those
/// sheets rely on, so it becomes a request of its own, a `data:` sheet that holds the statement.
fn take_imports(sheet: &mut StyleSheet<'_>, print: Print, places: &SourcePlaces<'_>, imports: &mut Vec<FoundImport>) {
    let Some(last) = sheet.rules.0.iter().rposition(|rule| matches!(rule, CssRule::Import(_))) else { return };
    for rule in sheet.rules.0.iter_mut().take(last + 1) {
        match rule {
            CssRule::Import(import) => {
                let layer = import.layer.as_ref().map(|name| match name {
                    Some(name) => name.to_css_string(print.options()).unwrap_or_default().into(),
                    None => Box::from(""),
                });
                let supports =
                    import.supports.as_ref().and_then(|condition| condition.to_css_string(print.options()).ok());
                let has_media = !import.media.media_queries.is_empty();
                let media = has_media.then(|| import.media.to_css_string(print.options()).unwrap_or_default());
                imports.push(FoundImport {
                    url: import.url.to_string(),
                    conditions: CssImportConditions {
                        layer,
                        supports: supports.map(Box::from),
                        media: media.map(Box::from),
                    },
                    span: places.rule_span(import.loc.line, import.loc.column),
                });
            }
            CssRule::LayerStatement(statement) => {
                let Ok(text) = statement.to_css_string(print.options()) else { continue };
                imports.push(FoundImport {
                    url: format!(
                        "{LAYER_SHEET}{}",
                        utf8_percent_encode(text.trim_start_matches("@layer"), NON_ALPHANUMERIC)
                    ),
                    conditions: CssImportConditions::default(),
                    span: places.rule_span(statement.loc.line, statement.loc.column),
                });
            }
            _ => continue,
        }
        *rule = CssRule::Ignored;
    }
}

/// A `data:` sheet that holds nothing but an `@layer` statement, whose names follow percent-encoded; a fragment tells
/// whose it is. The linker knows this head and prints the statement in its place.
const LAYER_SHEET: &str = "data:text/css,@layer";

struct Collector<'m> {
    marker: &'m urls::Marker,
    places: &'m SourcePlaces<'m>,
    urls: Vec<FoundUrl>,
    index: BTreeMap<String, usize>,
    composed: Vec<(String, Span)>,
}

impl<'i> Visitor<'i> for Collector<'_> {
    type Error = Infallible;

    fn visit_types(&self) -> VisitTypes {
        // An `image-set()` says that it holds resolutions and keeps silent about its URLs.
        VisitTypes::URLS | VisitTypes::PROPERTIES | VisitTypes::RESOLUTIONS
    }

    fn visit_property(&mut self, property: &mut Property<'i>) -> Result<(), Infallible> {
        if let Property::Composes(composes) = property
            && let Some(Specifier::File(specifier)) = &composes.from
        {
            let span = self.places.rule_span(composes.loc.line.saturating_sub(1), composes.loc.column);
            self.composed.push((specifier.to_string(), span));
        }
        property.visit_children(self)
    }

    fn visit_url(&mut self, url: &mut Url<'i>) -> Result<(), Infallible> {
        if self.marker.is_in(&url.url) {
            return Ok(());
        }
        let Some(bundled) = bundled_url(&url.url) else { return Ok(()) };
        // Equal URLs keep equal markers, or lightningcss could not merge equal declarations.
        let next = self.urls.len();
        let index = *self.index.entry(url.url.to_string()).or_insert(next);
        if index == next {
            let span = self.places.rule_span(url.loc.line.saturating_sub(1), url.loc.column);
            self.urls.push(FoundUrl { specifier: bundled.specifier, suffix: bundled.suffix, span });
        }
        url.url = self.marker.nth(index).into();
        Ok(())
    }
}

fn style_module(id: &str, kind: CssKind, sheet: Compiled, options: &CssOptions) -> (ModuleSummary, ModuleObject) {
    let mut flags = ModuleFlags::default().with(ModuleFlags::HAS_CSS).with(ModuleFlags::ES_SYNTAX);
    if kind == CssKind::Module {
        flags.insert(ModuleFlags::SIDE_EFFECT_FREE);
    }
    let mut module = ValueModule::new(id, ModuleFormat::Css, flags, options.minify);
    let mut css = CssObject::default();
    for import in &sheet.imports {
        let request = module.own_request(&import.url, RequestKind::CssImport, import.span);
        if !import.conditions.is_empty() {
            module.flag_request(request, RequestFlags::CONDITIONAL);
        }
        css.import_conditions.push(import.conditions.clone());
    }
    let mut composed: BTreeMap<String, RequestIdx> = BTreeMap::new();
    for (specifier, span) in &sheet.composed {
        composed.insert(specifier.clone(), module.request(specifier, RequestKind::CssComposes, *span));
    }
    css.text.reserve(sheet.text.len());
    for_each_piece(&sheet, |piece| match piece {
        Piece::Text(text) => css.text.push_str(text),
        Piece::Url(url) => {
            let request = module.request(&url.specifier, RequestKind::CssUrl, url.span);
            let offset = css.text.len() as u32;
            css.relocations.push(Relocation { offset, covers: 0, kind: RelocationKind::Url, target: request.0 });
            css.text.push_str(&url.suffix);
        }
    });
    if let Some(exports) = sheet.exports {
        modules::export_names(&mut module, exports, &composed, options);
    }
    module.object_mut().css = Some(Box::new(css));
    module.finish()
}

enum Piece<'a> {
    Text(&'a str),
    /// Stands between double quotes; the suffix follows it.
    Url(&'a FoundUrl),
}

/// Cuts the printed text at the markers and sees to it that each stands in double quotes.
fn for_each_piece<'a>(sheet: &'a Compiled, mut piece: impl FnMut(Piece<'a>)) {
    let mut at = 0;
    for (range, index) in &sheet.places {
        let Some(url) = sheet.urls.get(*index) else { continue };
        let before = sheet.text.get(at..range.start).unwrap_or("");
        piece(Piece::Text(before));
        let quoted = before.ends_with('"') && sheet.text.as_bytes().get(range.end) == Some(&b'"');
        if !quoted {
            piece(Piece::Text("\""));
        }
        piece(Piece::Url(url));
        if !quoted {
            piece(Piece::Text("\""));
        }
        at = range.end;
    }
    piece(Piece::Text(sheet.text.get(at..).unwrap_or("")));
}

/// `?inline`: one string. Sheets that it imports are asked for in the same form and joined in front, wrapped in the
/// conditions of their rules.
fn inline_module(id: &str, sheet: &Compiled, options: &CssOptions) -> (ModuleSummary, ModuleObject) {
    let flags = ModuleFlags::default().with(ModuleFlags::SIDE_EFFECT_FREE).with(ModuleFlags::ES_SYNTAX);
    let mut module = ValueModule::new(id, ModuleFormat::EsModule, flags, options.minify);
    enum Part<'a> {
        Text(String),
        Symbol(cloudpack_base::SymbolIdx),
        Url(RequestIdx, &'a str),
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    for import in &sheet.imports {
        let mut close = String::new();
        if let Some(names) = import.url.strip_prefix(LAYER_SHEET) {
            let names = names.split('#').next().unwrap_or("");
            let names = percent_encoding::percent_decode_str(names).decode_utf8_lossy();
            parts.push(Part::Text(format!("@layer{names}")));
            continue;
        }
        if bundled_url(&import.url).is_none() {
            let mut text = format!("@import \"{}\"", import.url.replace('\\', "\\\\").replace('"', "\\\""));
            push_conditions(&mut text, &import.conditions);
            parts.push(Part::Text(text + ";"));
            continue;
        }
        let mut open = String::new();
        if let Some(media) = &import.conditions.media {
            open.push_str(&format!("@media {media}{{"));
            close.push('}');
        }
        if let Some(supports) = &import.conditions.supports {
            open.push_str(&format!("@supports {supports}{{"));
            close.push('}');
        }
        if let Some(layer) = &import.conditions.layer {
            open.push_str(if layer.is_empty() { "@layer" } else { "@layer " });
            open.push_str(layer);
            open.push('{');
            close.push('}');
        }
        let separator = if import.url.contains('?') { '&' } else { '?' };
        let request = module.request(&format!("{}{separator}inline", import.url), RequestKind::Static, import.span);
        parts.push(Part::Text(open));
        parts.push(Part::Symbol(module.import(request, "default")));
        parts.push(Part::Text(close));
    }
    for_each_piece(sheet, |piece| match piece {
        Piece::Text(text) => parts.push(Part::Text(text.to_owned())),
        Piece::Url(url) => {
            parts.push(Part::Url(module.request(&url.specifier, RequestKind::CssUrl, url.span), &url.suffix));
        }
    });
    module.declare_default(|out| {
        let plus = if options.minify { "+" } else { " + " };
        let mut in_string = false;
        let mut is_first = true;
        for part in &parts {
            let is_string = match part {
                Part::Text(text) if text.is_empty() => continue,
                Part::Symbol(_) => false,
                _ => true,
            };
            if in_string && !is_string {
                out.text("\"");
            }
            if !in_string || !is_string {
                out.text(if std::mem::take(&mut is_first) { "" } else { plus });
                out.text(if is_string { "\"" } else { "" });
            }
            in_string = is_string;
            match part {
                Part::Text(text) => push_string_content(out.buffer(), text),
                Part::Symbol(symbol) => out.name(*symbol),
                Part::Url(request, suffix) => {
                    out.url(*request);
                    push_string_content(out.buffer(), suffix);
                }
            }
        }
        out.text(match (in_string, is_first) {
            (true, _) => "\"",
            (false, true) => "\"\"",
            (false, false) => "",
        });
    });
    module.finish()
}

/// ` layer(x) supports(y) screen`
fn push_conditions(text: &mut String, conditions: &CssImportConditions) {
    match conditions.layer.as_deref() {
        Some("") => text.push_str(" layer"),
        Some(layer) => text.push_str(&format!(" layer({layer})")),
        None => {}
    }
    if let Some(supports) = &conditions.supports {
        text.push_str(&format!(" supports({supports})"));
    }
    if let Some(media) = &conditions.media {
        text.push_str(&format!(" {media}"));
    }
}

/// lightningcss counts lines from 0 and UTF-16 columns from 1; lines end as in CSS, where U+2028 ends none and a form
/// feed does.
struct SourcePlaces<'a> {
    source: &'a str,
    /// Bytes cut off before `source`.
    bom: u32,
    starts: Vec<u32>,
}

impl<'a> SourcePlaces<'a> {
    fn new(source: &'a str, bom: u32) -> Self {
        let bytes = source.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' | b'\x0C' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(at as u32 + 1);
            }
        }
        Self { source, bom, starts }
    }

    fn offset(&self, line: u32, column: u32) -> usize {
        let Some(start) = self.starts.get(line as usize) else { return self.source.len() };
        let start = *start as usize;
        let mut units = 1;
        for (at, character) in self.source.get(start..).unwrap_or("").char_indices() {
            if units >= column {
                return start + at;
            }
            units += character.len_utf16() as u32;
        }
        self.source.len()
    }

    /// From that place to the end of the statement, at most to the end of the line.
    fn rule_span(&self, line: u32, column: u32) -> Span {
        let start = self.offset(line, column);
        let rest = self.source.get(start..).unwrap_or("");
        let length = rest.find([';', '\n', '\r', '{', '}']).unwrap_or(rest.len());
        Span { start: start as u32 + self.bom, end: (start + length.max(1)) as u32 + self.bom }
    }

    fn fault<T: std::fmt::Display>(&self, error: Error<T>) -> Fault {
        let span = match &error.loc {
            Some(ErrorLocation { line, column, .. }) => {
                let start = self.offset(*line, *column) as u32 + self.bom;
                Span { start, end: start + 1 }
            }
            None => Span { start: self.bom, end: self.bom },
        };
        Fault { message: error.kind.to_string(), span }
    }
}

#[cfg(test)]
mod tests;
