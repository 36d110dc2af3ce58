//! A directory -> facts of each source file. Interfaces come from our own summaries; what a summary leaves out on
//! purpose, comments and imports of types, comes from a parse of its own.

use cloudpack_summarize::{FormatHint, JsInput, JsOptions, JsxMode, Language, summarize_js};
use cloudpack_summary::{ModuleFormat, ModuleSummary, RequestKind, SectionFlags};
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Ts,
    Tsx,
    Js,
    Jsx,
    Css,
    Json,
}

impl FileKind {
    fn of(path: &str) -> Option<Self> {
        let generated = path.contains(".d.") || path.contains(".min.");
        Some(match path.rsplit_once('.')?.1 {
            "ts" | "mts" | "cts" if !generated => Self::Ts,
            "tsx" => Self::Tsx,
            "js" | "mjs" | "cjs" if !generated => Self::Js,
            "jsx" => Self::Jsx,
            "css" | "scss" | "sass" | "less" if !generated => Self::Css,
            "json" => Self::Json,
            _ => return None,
        })
    }

    pub(super) fn is_code(self) -> bool {
        !matches!(self, Self::Css | Self::Json)
    }

    pub(super) fn is_typescript(self) -> bool {
        matches!(self, Self::Ts | Self::Tsx)
    }
}

pub(super) struct FileFacts {
    /// Relative to its directory, with `/`.
    pub(super) path: String,
    pub(super) kind: FileKind,
    pub(super) bytes: usize,
    /// `(specifier, lazily)` of every request that leads to a path.
    pub(super) paths: Vec<(String, bool)>,
    /// Different packages named.
    pub(super) packages: u32,
    pub(super) exports: u32,
    pub(super) sections: u32,
    /// Sections with side effects, calls of other modules' functions among them.
    pub(super) effects: u32,
    pub(super) is_common_js: bool,
    pub(super) is_barrel: bool,
    /// Requests whose exports a barrel passes on, and how many of them by `export *`.
    pub(super) passed_on: u32,
    pub(super) stars: u32,
    pub(super) comment_bytes: usize,
    /// Requests as written, with those of types, and those of types alone.
    pub(super) written_requests: u32,
    pub(super) type_requests: u32,
}

/// Sorted by path. Files that nobody can parse are left out.
pub(super) fn read_directory(directory: &Path) -> io::Result<Vec<FileFacts>> {
    let (mut paths, mut queue) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(directory.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() {
                if name != "node_modules" && !name.starts_with('.') {
                    queue.push(path);
                }
            } else if let (Some(kind), true) = (FileKind::of(&name), name != "package.json") {
                paths.push((path, kind));
            }
        }
    }
    paths.sort_by(|left, right| left.0.cmp(&right.0));
    let read = |(path, kind): (String, FileKind)| {
        let text = std::fs::read_to_string(directory.join(&path)).ok()?;
        facts(path, kind, text.trim_start_matches('\u{feff}'))
    };
    Ok(paths.into_par_iter().filter_map(read).collect())
}

fn facts(path: String, kind: FileKind, text: &str) -> Option<FileFacts> {
    let mut facts = FileFacts {
        path,
        kind,
        bytes: text.len(),
        paths: Vec::new(),
        packages: 0,
        exports: 0,
        sections: 0,
        effects: 0,
        is_common_js: false,
        is_barrel: false,
        passed_on: 0,
        stars: 0,
        comment_bytes: 0,
        written_requests: 0,
        type_requests: 0,
    };
    if kind.is_code() {
        let language = match kind {
            FileKind::Ts => Language::Ts,
            FileKind::Tsx => Language::Tsx,
            // Sources of React Native have JSX in `.js`.
            _ => Language::Jsx,
        };
        let input = JsInput { id: &facts.path, source: text, language, format: FormatHint::Unknown };
        let (summary, _, faults) = summarize_js(input, &options());
        if faults.iter().any(cloudpack_base::Diagnostic::is_error) {
            return None;
        }
        facts.take_summary(&summary);
        facts.take_syntax(text);
    }
    Some(facts)
}

impl FileFacts {
    fn take_summary(&mut self, summary: &ModuleSummary) {
        let mut packages = BTreeSet::new();
        for request in &summary.requests {
            let lazily = match request.kind {
                RequestKind::Static | RequestKind::Require => false,
                RequestKind::Dynamic => true,
                _ => continue,
            };
            let specifier = &*request.specifier;
            if specifier.starts_with('.') {
                self.paths.push((specifier.to_owned(), lazily));
            } else {
                let parts = if specifier.starts_with('@') { 2 } else { 1 };
                packages.insert(specifier.split('/').take(parts).collect::<Vec<_>>());
            }
        }
        self.packages = packages.len() as u32;
        self.stars = summary.star_exports.len() as u32;
        let (local, indirect) = (summary.local_exports.len() as u32, summary.indirect_exports.len() as u32);
        self.exports = local + indirect + self.stars;
        self.sections = summary.sections.len() as u32;
        // A call of an imported function is an effect until analysis has looked into the function.
        let has_effects = |section: &&cloudpack_summary::Section| {
            section.flags.contains(SectionFlags::SIDE_EFFECTS) || !section.conditions().pure_if.is_empty()
        };
        self.effects = summary.sections.iter().filter(has_effects).count() as u32;
        self.is_common_js = summary.format == ModuleFormat::CommonJs;
        self.is_barrel = local == 0 && indirect + self.stars > 0;
        self.passed_on = if self.is_barrel { self.paths.len() as u32 } else { 0 };
    }

    fn take_syntax(&mut self, text: &str) {
        let source_type = SourceType::default().with_typescript(self.kind.is_typescript());
        let source_type = source_type.with_jsx(self.kind != FileKind::Ts).with_module(true);
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, text, source_type).parse();
        self.comment_bytes = parsed.program.comments.iter().map(|comment| comment.span().size() as usize).sum();
        // Numbers only, so that the order of the table does not matter.
        let requests = parsed.module_record.requested_modules.values().flatten();
        for request in requests {
            self.written_requests += 1;
            self.type_requests += u32::from(request.is_type);
        }
        let entries = &parsed.module_record.import_entries;
        let statements: BTreeSet<u32> = entries.iter().map(|entry| entry.statement_span.start).collect();
        // `import { type A, type B } from "x"`
        let only_types = |start: &u32| {
            let mut names = entries.iter().filter(|entry| entry.statement_span.start == *start);
            names.all(|entry| entry.is_type)
        };
        let spelled = statements.iter().filter(|start| only_types(start)).count() as u32;
        self.type_requests = self.type_requests.max(spelled);
    }
}

/// The runtime of JSX is nobody's import.
fn options() -> JsOptions {
    JsOptions { jsx: JsxMode::Preserve, legacy_decorators: true, ..crate::summarize::options(false) }
}
