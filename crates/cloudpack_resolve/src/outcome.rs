//! What a request asks and what it is answered: one module, or the reason why there is none, with all paths that the
//! answer rests on. A record of these paths is what makes an old answer checkable without resolving again.

use std::sync::Arc;

use cloudpack_base::Diagnostic;

use crate::packages::PackageFacts;

/// Who asks. It decides the conditions (`import`, `require`, `style`) and whether a bare `x` may be `./x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestFlavor {
    Import,
    Require,
    DynamicImport,
    /// `@import`, `url()`, `composes`: `x.css` is `./x.css` first, then a package; `~x` is a package.
    Css,
    /// `new URL('x', import.meta.url)`: `./x` first, then a package.
    NewUrl,
    /// `src` and `href`: `x` is `./x`, `/x` starts at `cwd`; never a package.
    Html,
    /// An entry of the options: `x` is `./x` first, then a package.
    Entry,
}

#[derive(Clone, Debug)]
pub struct Resolution {
    pub outcome: Outcome,
    pub probes: Probes,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    Module(ResolvedModule),
    /// `false` in an alias or in a `browser` map: an empty module.
    Ignored,
    /// As written after aliases: `fs`, `node:fs`.
    NodeBuiltin(String),
    DataUrl,
    /// `https://...`, `//host/x`, and in CSS and HTML `#id` and any other scheme: for the browser, not for us.
    Url,
    NotFound(Box<Failure>),
}

#[derive(Clone, Debug)]
pub struct ResolvedModule {
    /// Real path, query, fragment: `/app/logo.svg?raw`. A file whose name holds a `?` makes the text alone ambiguous,
    /// hence [`Self::path`].
    pub id: String,
    pub(crate) path_length: u32,
    /// Facts of the package around the file.
    pub package: Option<Arc<PackageFacts>>,
}

impl ResolvedModule {
    /// The file to read.
    pub fn path(&self) -> &str {
        self.id.get(..self.path_length as usize).unwrap_or(&self.id)
    }
    /// Query with `?` and fragment with `#`, or nothing.
    pub fn suffix(&self) -> &str {
        self.id.get(self.path_length as usize..).unwrap_or("")
    }
}

/// Why a request has no module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `UNRESOLVED_IMPORT`; `INVALID_PACKAGE_JSON` when a broken file is in the way.
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
}

impl Failure {
    /// An error without a place; the caller knows the importer and the span.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, &self.message);
        match &self.hint {
            Some(hint) => diagnostic.with_hint(hint),
            None => diagnostic,
        }
    }
}

/// Paths an answer depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeList {
    /// Existing files whose content was read: `package.json`, `tsconfig.json`.
    pub found: Vec<String>,
    /// Paths that were looked for and were absent: were one of them made, the answer might change.
    pub missing: Vec<String>,
}

impl ProbeList {
    pub(crate) fn sort(&mut self) {
        for list in [&mut self.found, &mut self.missing] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// The paths of one answer. Most of them are common to all requests from one directory (no `package.json` in
/// `/app/src/pages`, none in `/app/src`, one in `/app`), so these lists are shared between answers.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    pub(crate) own: ProbeList,
    pub(crate) shared: Vec<Arc<ProbeList>>,
}

impl Probes {
    /// Lists that other answers share; a store writes each of them once.
    pub fn shared(&self) -> &[Arc<ProbeList>] {
        &self.shared
    }
    pub fn own(&self) -> &ProbeList {
        &self.own
    }
    pub fn found(&self) -> impl Iterator<Item = &str> {
        self.lists().flat_map(|list| &list.found).map(String::as_str)
    }
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.lists().flat_map(|list| &list.missing).map(String::as_str)
    }
    fn lists(&self) -> impl Iterator<Item = &ProbeList> {
        std::iter::once(&self.own).chain(self.shared.iter().map(Arc::as_ref))
    }
    pub(crate) fn share(&mut self, list: &Arc<ProbeList>) {
        let empty = list.found.is_empty() && list.missing.is_empty();
        if !empty && !self.shared.iter().any(|known| Arc::ptr_eq(known, list)) {
            self.shared.push(Arc::clone(list));
        }
    }
}
