//! Diagnostics are values: a fault of the user's code or configuration, where it is, and what to do about it.
//! Fields and codes follow Rollup's logs, so that tools that read those read ours.

use crate::LineIndex;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The build fails and writes nothing.
    Error,
    Warning,
    Info,
    Debug,
}

/// A place in a module's source. Lines count from 1, columns from 0 in UTF-16 units (as Rollup's `loc`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Location {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Stable upper-case word, e.g. `UNRESOLVED_IMPORT`, `PARSE_ERROR`, `MISSING_EXPORT`. Rollup's where one exists.
    pub code: String,
    pub severity: Severity,
    /// One sentence without the place and without a full stop.
    pub message: String,
    /// Module id the fault is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// Of all modules that it is about, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub loc: Option<Location>,
    /// The lines around the place with a caret under it; several lines, no colour.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frame: Option<String>,
    /// What the user can do: `Did you mean "./Button.tsx"?`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plugin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hook: Option<String>,
    /// Stack of the JavaScript error a plugin threw.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stack: Option<String>,
}

impl Diagnostic {
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }
    fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            message: message.into(),
            id: None,
            ids: Vec::new(),
            loc: None,
            frame: None,
            hint: None,
            plugin: None,
            hook: None,
            stack: None,
        }
    }
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    pub fn with_plugin(mut self, plugin: impl Into<String>, hook: impl Into<String>) -> Self {
        self.plugin = Some(plugin.into());
        self.hook = Some(hook.into());
        self
    }
    /// Points at bytes `start..end` of `source`, the text of module `id`, and draws the frame. Cost: one pass over
    /// `source`; diagnostics are rare.
    pub fn with_span(mut self, id: &str, source: &str, start: u32, end: u32) -> Self {
        let index = LineIndex::new(source);
        let (line, column) = index.line_and_column(start);
        let (end_line, end_column) = index.line_and_column(end.max(start));
        let width = if end_line == line { end_column.saturating_sub(column).max(1) } else { 1 };
        self.frame = Some(code_frame(&index, line, column, width));
        self.loc = Some(Location { file: id.to_owned(), line: line + 1, column });
        self.id.get_or_insert_with(|| id.to_owned());
        self
    }
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
    /// Order in which a list is shown: by module, place, code, message. Independent of threads.
    pub fn sort_key(&self) -> impl Ord + '_ {
        (&self.id, self.loc.as_ref().map(|loc| (loc.line, loc.column)), &self.code, &self.message)
    }
}

/// Two lines before, the line, one after; long lines are cut to a window around the column so that a minified
/// one-line file does not flood the terminal.
fn code_frame(index: &LineIndex<'_>, line: u32, column: u32, width: u32) -> String {
    const WINDOW: usize = 120;
    let first = line.saturating_sub(2);
    let last = (line + 1).min(index.line_count().saturating_sub(1));
    let digits = (last + 1).to_string().len();
    let mut frame = String::new();
    for current in first..=last {
        let Some(text) = index.line(current) else { continue };
        let cut_from = if (column as usize) > WINDOW { column as usize - WINDOW / 2 } else { 0 };
        // Tabs become two spaces so that the caret stands where the eye expects it.
        let shown: String = text
            .chars()
            .skip(cut_from)
            .take(WINDOW)
            .map(|character| if character.is_control() && character != '\t' { '\u{FFFD}' } else { character })
            .collect::<String>()
            .replace('\t', "  ");
        let ellipsis = if cut_from > 0 { "…" } else { "" };
        frame.push_str(format!("{:>digits$} | {ellipsis}{shown}", current + 1).trim_end());
        frame.push('\n');
        if current == line {
            let before: usize = text
                .chars()
                .skip(cut_from)
                .take((column as usize).saturating_sub(cut_from))
                .map(|character| if character == '\t' { 2 } else { 1 })
                .sum();
            let pad = " ".repeat(before + ellipsis.chars().count());
            let carets = "^".repeat((width as usize).min(WINDOW));
            frame.push_str(&format!("{:>digits$} | {pad}{carets}\n", ""));
        }
    }
    frame.truncate(frame.trim_end().len());
    frame
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderStyle {
    Plain,
    /// ANSI colours.
    Color,
}

/// The one textual form of a diagnostic: code, message, place, frame, hint. Ends with a line break.
pub fn render_diagnostic(diagnostic: &Diagnostic, style: RenderStyle) -> String {
    let paint = |code: &str, text: &str| match style {
        RenderStyle::Plain => text.to_owned(),
        RenderStyle::Color => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    };
    let label = match diagnostic.severity {
        Severity::Error => paint("1;31", "error"),
        Severity::Warning => paint("1;33", "warning"),
        Severity::Info => paint("1;34", "info"),
        Severity::Debug => paint("2", "debug"),
    };
    let mut text = format!("{label}[{}]: {}", diagnostic.code, diagnostic.message);
    if let Some(plugin) = &diagnostic.plugin {
        let hook = diagnostic.hook.as_deref().map(|hook| format!(", {hook}")).unwrap_or_default();
        text.push_str(&paint("2", &format!(" (plugin {plugin}{hook})")));
    }
    text.push('\n');
    let place = match (&diagnostic.loc, &diagnostic.id) {
        (Some(loc), _) => Some(format!("{}:{}:{}", loc.file, loc.line, loc.column + 1)),
        (None, Some(id)) => Some(id.clone()),
        (None, None) => None,
    };
    if let Some(place) = place {
        text.push_str(&format!("  {} {}\n", paint("2", "at"), paint("36", &place.replace('\0', "\\0"))));
    }
    if let Some(frame) = &diagnostic.frame {
        for line in frame.lines() {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
    }
    if let Some(hint) = &diagnostic.hint {
        text.push_str(&format!("  {} {hint}\n", paint("36", "hint:")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_code_place_frame_and_hint() {
        let source = "import { a } from './a';\nconst x = b;\n\tfoo(ü, y);\n";
        let at = source.find("y)").unwrap() as u32;
        let diagnostic = Diagnostic::error("MISSING_EXPORT", "\"y\" is not exported by \"a.js\"")
            .with_span("/app/x.js", source, at, at + 1)
            .with_hint("Did you mean \"a\"?");
        assert_eq!(
            render_diagnostic(&diagnostic, RenderStyle::Plain),
            "error[MISSING_EXPORT]: \"y\" is not exported by \"a.js\"\n  at /app/x.js:3:9\n  1 | import { a } from './a';\n  2 | const x = b;\n  3 |   foo(ü, y);\n    |          ^\n  4 |\n  hint: Did you mean \"a\"?\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let source = format!("{}!{}", "x".repeat(5_000), "y".repeat(5_000));
        let diagnostic = Diagnostic::error("PARSE_ERROR", "no").with_span("a.js", &source, 5_000, 5_001);
        let frame = diagnostic.frame.unwrap();
        assert!(frame.len() < 400, "{}", frame.len());
        let caret = frame.lines().nth(1).unwrap().find('^').unwrap();
        let shown = frame.lines().next().unwrap();
        assert_eq!(shown.chars().nth(caret), Some('!'));
    }
}
