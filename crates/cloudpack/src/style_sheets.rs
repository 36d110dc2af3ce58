//! The style sheet of a chunk: its parts in cascade order, each with the conditions of the `@import` rules that lead to it
//! and the URLs of what it mentions.

use crate::asset_names::expand_asset;
use crate::options::{BuildOptions, MinifyOption, OutputOptions};
use crate::scan::Scan;
use crate::urls::file_url;
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx};
use cloudpack_link::{CssContent, CssPiece, CssRule, link_css};
use cloudpack_object::{AssetObject, CssImportConditions, Relocation, RelocationKind};
use cloudpack_plan::ChunkPlan;
use cloudpack_summary::RequestKind;
use std::borrow::Cow;

/// `original` is the sheet's name before its hash, `pattern` where it will lie; both decide relative URLs.
pub(crate) fn sheet(
    scan: &Scan,
    options: &BuildOptions,
    output: &OutputOptions,
    chunk: &ChunkPlan,
    original: &str,
    pattern: &str,
    variant: usize,
    asset_files: &IndexVec<ModuleIdx, Option<String>>,
) -> String {
    // Only the directory matters, and that does not depend on the hash.
    let own_file = expand_asset(pattern, original, &"0".repeat(43));
    let mut pieces: Vec<CssPiece<'_>> = Vec::with_capacity(chunk.css.len());
    for part in &chunk.css {
        let record = &scan.graph.modules[part.module];
        let rules = part.conditions.iter().filter_map(|place| rule(scan, variant, *place)).collect();
        let content = match record.compiled.get(variant).and_then(|compiled| compiled.object.css.as_deref()) {
            Some(object) => {
                let place = UrlContext { scan, options, variant, asset_files, from: &own_file };
                let urls = place.urls(part.module, &object.relocations);
                CssContent::Sheet { object, urls }
            }
            None if record.is_external => CssContent::External(&record.id),
            None => continue,
        };
        pieces.push(CssPiece { content, rules });
    }
    link_css(&pieces, output.minify != MinifyOption::None)
}

fn rule(scan: &Scan, variant: usize, place: (ModuleIdx, RequestIdx)) -> Option<CssRule<'_>> {
    let compiled = scan.graph.modules.get(place.0)?.compiled.get(variant)?;
    // Conditions are parallel to the requests of kind `CssImport`, not to all requests.
    let position = compiled
        .summary
        .requests
        .iter_enumerated()
        .filter(|(_, record)| record.kind == RequestKind::CssImport)
        .position(|(index, _)| index == place.1)?;
    let conditions: &CssImportConditions = compiled.object.css.as_deref()?.import_conditions.get(position)?;
    Some(CssRule { place, conditions })
}

/// What it takes to turn a `Url` relocation into a URL.
pub(crate) struct UrlContext<'c> {
    pub(crate) scan: &'c Scan,
    pub(crate) options: &'c BuildOptions,
    pub(crate) variant: usize,
    pub(crate) asset_files: &'c IndexVec<ModuleIdx, Option<String>>,
    /// The emitted file that holds the text.
    pub(crate) from: &'c str,
}

impl<'c> UrlContext<'c> {
    /// Parallel to `relocations`; empty text for those of other kinds.
    pub(crate) fn urls(&self, module: ModuleIdx, relocations: &[Relocation]) -> Vec<Cow<'c, str>> {
        relocations
            .iter()
            .map(|relocation| match relocation.kind {
                RelocationKind::Url => self.url(module, relocation.request()),
                _ => Cow::Borrowed(""),
            })
            .collect()
    }

    fn url(&self, module: ModuleIdx, request: RequestIdx) -> Cow<'c, str> {
        let record = &self.scan.graph.modules[module];
        let Some(compiled) = record.compiled.get(self.variant) else { return Cow::Borrowed("") };
        let asked = compiled.requests.get(request.0 as usize).and_then(|index| record.requests.get(*index as usize));
        // `/favicon.ico` that only the server has; the query was ours.
        let as_written = || {
            let specifier = asked.map_or("", |request| &*request.key.specifier);
            specifier.strip_suffix("?no-inline").unwrap_or(specifier)
        };
        let Some(target) = asked.and_then(|request| request.target) else { return Cow::Borrowed(as_written()) };
        let found = &self.scan.graph.modules[target];
        if let Some(AssetObject::Inline(url)) =
            found.compiled.get(self.variant).and_then(|compiled| compiled.object.asset.as_deref())
        {
            return Cow::Borrowed(url);
        }
        match self.asset_files.get(target).and_then(Option::as_deref) {
            Some(file) => Cow::Owned(file_url(self.options.base.as_deref(), self.from, file)),
            None => Cow::Borrowed(as_written()),
        }
    }
}
