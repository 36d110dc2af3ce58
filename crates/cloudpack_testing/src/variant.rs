//! The ways in which every case is built. A case does not choose among them; it may only state why one of them is
//! impossible for it.

use crate::Failure;
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// The options as the case gives them.
    Plain,
    /// Minified, with a source map.
    Minified,
    /// Minified chunk by chunk as well, with a source map.
    Full,
    /// Format cjs.
    Cjs,
    /// One classic script. For cases with one entry.
    Iife,
    /// Without code splitting. For cases with one entry whose plain output has several chunks.
    Single,
}

impl Variant {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Minified => "minified",
            Self::Full => "full",
            Self::Cjs => "cjs",
            Self::Iife => "iife",
            Self::Single => "single",
        }
    }
    /// Whether the case says that it is impossible so. What cannot be minified at all cannot be minified further.
    pub(crate) fn is_excepted(self, case: &Case) -> bool {
        let except = &case.file.except;
        except.contains_key(self.name()) || self == Self::Full && except.contains_key(Self::Minified.name())
    }
    pub(crate) fn has_import(self) -> bool {
        !matches!(self, Self::Cjs | Self::Iife)
    }
}

/// What the plain build showed, and the options say, about a case.
pub(crate) struct Facts {
    /// `es`, `cjs`, `iife`
    pub(crate) format: String,
    pub(crate) entries: usize,
    /// Some entry is a page or a style sheet, which no other format can hold.
    pub(crate) is_page: bool,
    pub(crate) chunks: usize,
}

/// The variants after `Plain`.
pub(crate) fn others(case: &Case, facts: &Facts) -> Result<Vec<Variant>, Failure> {
    let mut variants = vec![Variant::Minified, Variant::Full];
    if facts.format == "es" && !facts.is_page {
        variants.push(Variant::Cjs);
        if facts.entries == 1 {
            variants.push(Variant::Iife);
            if facts.chunks > 1 {
                variants.push(Variant::Single);
            }
        }
    }
    for (name, reason) in &case.file.except {
        if !["minified", "full", "cjs", "iife", "single"].contains(&name.as_str()) || reason.len() < 10 {
            return Err(format!("case.json: `except` names the variant {name:?} with the reason {reason:?}"));
        }
    }
    variants.retain(|variant| !variant.is_excepted(case));
    Ok(variants)
}
