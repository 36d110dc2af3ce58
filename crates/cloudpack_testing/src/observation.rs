//! What can be observed of a program that Node ran, and when two observations are the same.

use serde::Deserialize;

use crate::Failure;
use crate::variant::Variant;

#[derive(Debug, Default)]
pub(crate) struct Observation {
    pub(crate) stdout: String,
    /// Read only when something is wrong.
    pub(crate) stderr: String,
    /// Exit code; 13 is a top-level await that never settles.
    pub(crate) status: Option<i32>,
    pub(crate) report: Option<Report>,
}

/// What `run.mjs` writes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) entries: Vec<Entry>,
    pub(crate) uncaught: Vec<String>,
    pub(crate) test_error: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Entry {
    pub(crate) error: Option<String>,
    /// Node took the file for CommonJS.
    pub(crate) commonjs: bool,
    /// The namespace, `module.exports` or the global variable.
    pub(crate) whole: Option<String>,
    /// Its members, sorted by name, without `__esModule`.
    pub(crate) values: Option<Vec<(String, String)>>,
}

impl Entry {
    fn member(&self, name: &str) -> Option<&str> {
        self.values.iter().flatten().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Observation {
    /// The program ran to its end and nothing was thrown.
    pub(crate) fn must_be_clean(&self) -> Result<(), Failure> {
        let report = self.report()?;
        let errors: Vec<&String> = report.entries.iter().filter_map(|entry| entry.error.as_ref()).collect();
        if self.status != Some(0) || !errors.is_empty() || !report.uncaught.is_empty() {
            return Err(format!(
                "the bundle failed: exit {:?}, thrown {errors:?}, uncaught {:?}\n{}{}",
                self.status, report.uncaught, self.stdout, self.stderr
            ));
        }
        Ok(())
    }

    pub(crate) fn report(&self) -> Result<&Report, Failure> {
        let report = self.report.as_ref();
        report.ok_or_else(|| format!("Node ended with {:?} and no report\n{}{}", self.status, self.stdout, self.stderr))
    }

    /// The same words for two programs that behave alike. Of an entry that is CommonJS only what an importer gets as
    /// default counts (named exports are Node's guess from the text), and an empty object there is nothing: a file
    /// without `import` and `export` counts as CommonJS for Node and as an ES module for us.
    fn in_words(&self, variant: Variant, unbundled: &Report) -> Result<String, Failure> {
        let report = self.report()?;
        let is_unbundled = std::ptr::eq(report, unbundled);
        let mut words = format!("exit {:?}\nuncaught {:?}\n", self.status, report.uncaught);
        for (at, entry) in report.entries.iter().enumerate() {
            words.push_str(&format!("entry {at}: thrown {:?}\n", entry.error));
            let original = unbundled.entries.get(at).cloned().unwrap_or_default();
            if original.commonjs {
                if original.member("default") == Some("{  }") {
                    continue;
                }
                let value =
                    if is_unbundled || variant.has_import() { entry.member("default") } else { entry.whole.as_deref() };
                words.push_str(&format!("  default: {value:?}\n"));
                continue;
            }
            // An entry that exports nothing may carry names for other chunks, as in Rollup's `exports-only`.
            if original.values.as_ref().is_none_or(Vec::is_empty) {
                continue;
            }
            for (name, value) in entry.values.iter().flatten() {
                words.push_str(&format!("  {name}: {value}\n"));
            }
        }
        words.push_str("output:\n");
        words.push_str(&self.stdout);
        Ok(words)
    }
}

/// Err with both texts when the bundle does not do what the unbundled modules do.
pub(crate) fn same(unbundled: &Observation, bundled: &Observation, variant: Variant) -> Result<(), Failure> {
    let original = unbundled.report()?;
    let (left, right) = (unbundled.in_words(variant, original)?, bundled.in_words(variant, original)?);
    if left == right {
        return Ok(());
    }
    Err(format!(
        "the bundle behaves differently (- Node unbundled, + bundle)\n{}{}",
        crate::snapshot::difference(&left, &right),
        bundled.stderr
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(stdout: &str, values: &[(&str, &str)], commonjs: bool) -> Observation {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let entry = Entry { commonjs, whole: Some("whole".to_owned()), values: Some(values.collect()), error: None };
        Observation {
            stdout: stdout.to_owned(),
            status: Some(0),
            report: Some(Report { entries: vec![entry], ..Report::default() }),
            ..Observation::default()
        }
    }

    #[test]
    fn output_exports_and_exit_codes_are_compared() {
        let original = observation("a\n", &[("x", "1")], false);
        assert!(same(&original, &observation("a\n", &[("x", "1")], false), Variant::Plain).is_ok());
        assert!(same(&original, &observation("b\n", &[("x", "1")], false), Variant::Plain).is_err());
        assert!(same(&original, &observation("a\n", &[("x", "2")], false), Variant::Plain).is_err());
        assert!(same(&original, &observation("a\n", &[("x", "1"), ("y", "1")], false), Variant::Plain).is_err());
        let mut deadlocked = observation("a\n", &[("x", "1")], false);
        deadlocked.status = Some(13);
        assert!(same(&original, &deadlocked, Variant::Plain).is_err());
    }

    #[test]
    fn of_a_commonjs_entry_the_default_counts_or_the_whole_where_there_is_no_default() {
        let original = observation("", &[("default", "whole"), ("guess", "1")], true);
        assert!(same(&original, &observation("", &[("default", "whole")], false), Variant::Plain).is_ok());
        assert!(same(&original, &observation("", &[("default", "other")], false), Variant::Plain).is_err());
        assert!(same(&original, &observation("", &[], false), Variant::Cjs).is_ok());
    }
}
