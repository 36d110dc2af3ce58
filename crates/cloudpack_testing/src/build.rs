//! One build through the driver, and its result as a value that can be compared with another build's.

use cloudpack::Session;
use cloudpack::options::BuildOptions;
use cloudpack::output::{BuildStats, OutputFile};
use cloudpack::protocol::HookTable;
use cloudpack_base::{Diagnostic, path};

use crate::Failure;
use crate::place::Place;

#[derive(Debug, Default)]
pub(crate) struct Built {
    /// Sorted by name; maps included.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// `(path of the facade module relative to the case, file name)` of each entry chunk.
    pub(crate) entries: Vec<(String, String)>,
    /// How many files are chunks.
    pub(crate) chunks: usize,
    /// Paths relative to the case; sorted.
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) stats: BuildStats,
}

impl Built {
    pub(crate) fn failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Builds and writes the output. The driver has one pool of threads for the process; that their number does not matter
/// shows when the cases run with `RAYON_NUM_THREADS=1` against the same snapshots.
pub(crate) fn build(options: BuildOptions, place: &Place) -> Result<Built, Failure> {
    let mut session = match Session::new(options, HookTable::default(), place.fs.clone()) {
        Ok(session) => session,
        Err(faults) => return Ok(Built { diagnostics: relative(faults, &place.cwd), ..Built::default() }),
    };
    let tasks = session.scan(Vec::new());
    if !tasks.is_empty() {
        return Err(format!("{} crossings into JavaScript without a hook", tasks.len()));
    }
    let finalized = session.finalize(0, Vec::new(), Vec::new());
    let report = session.report();
    let mut diagnostics = report.diagnostics;
    let bundle = match finalized {
        Ok(bundle) => bundle,
        Err(faults) => {
            diagnostics.extend(faults.into_iter().filter(|fault| !diagnostics.contains(fault)).collect::<Vec<_>>());
            let diagnostics = relative(diagnostics, &place.cwd);
            return Ok(Built { diagnostics, stats: report.stats, ..Built::default() });
        }
    };
    let mut built = Built { diagnostics: relative(diagnostics, &place.cwd), stats: report.stats, ..Built::default() };
    for file in &bundle.files {
        let file = &file.loaded().map_err(|fault| format!("a file that was kept cannot be read: {fault:?}"))?;
        if let OutputFile::Chunk(chunk) = file {
            built.chunks += 1;
            if let (true, Some(facade)) = (chunk.is_entry, &chunk.facade_module_id) {
                built.entries.push((path::relative(&place.cwd, facade), chunk.file_name.clone()));
            }
        }
        built.files.push((file.file_name().to_owned(), file.bytes().map_err(|fault| format!("{fault:?}"))?.to_vec()));
    }
    built.files.sort();
    if built.failed() {
        return Err("an output was made although the report has errors".to_owned());
    }
    session.write(0, &bundle).map_err(|faults| format!("writing failed: {faults:?}"))?;
    Ok(built)
}

/// Files with their bytes, sorted by name.
pub(crate) fn sorted_files(files: &[OutputFile]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut sorted = files
        .iter()
        .map(|file| Ok((file.file_name().to_owned(), file.bytes().map_err(|fault| fault.message)?.into_owned())))
        .collect::<Result<Vec<_>, Failure>>()?;
    sorted.sort();
    Ok(sorted)
}

/// Paths that begin with `cwd` lose it, wherever they stand in the text.
fn relative(diagnostics: Vec<Diagnostic>, cwd: &str) -> Vec<Diagnostic> {
    let prefix = format!("{cwd}/");
    let cut = |text: &mut String| *text = text.replace(&prefix, "").replace(cwd, ".");
    let mut diagnostics = diagnostics;
    for diagnostic in &mut diagnostics {
        cut(&mut diagnostic.message);
        diagnostic.id.iter_mut().for_each(cut);
        diagnostic.hint.iter_mut().for_each(cut);
        diagnostic.frame.iter_mut().for_each(cut);
        if let Some(loc) = &mut diagnostic.loc {
            cut(&mut loc.file);
        }
    }
    diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    diagnostics
}
