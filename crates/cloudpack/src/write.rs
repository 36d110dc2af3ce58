//! Files of a bundle -> the output directory. Confined to it, never over an input, unchanged files untouched.

use crate::build_record::BuildRecord;
use crate::options::OutputOptions;
use crate::output::{OutputBundle, OutputFile};
use cloudpack_base::{Diagnostic, path};
use cloudpack_fs::{ConfinedFolder, FileSystem};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// The directory that file names of an output are relative to.
pub(crate) fn output_dir(cwd: &str, output: &OutputOptions) -> String {
    match (&output.file, &output.dir) {
        (Some(file), _) => path::dirname(&path::join(cwd, &path::from_native(file))).to_owned(),
        (None, Some(dir)) => path::join(cwd, &path::from_native(dir)),
        (None, None) => path::join(cwd, "dist"),
    }
}

/// Files that a build read, which it must not write over.
pub(crate) struct Inputs<'i> {
    pub(crate) paths: FxHashSet<&'i str>,
    /// Of the build that this one took over.
    pub(crate) former: Option<&'i BuildRecord>,
}

impl Inputs<'_> {
    fn contains(&self, path: &str) -> bool {
        self.paths.contains(path) || self.former.is_some_and(|former| former.find_file(path).is_some())
    }

    fn any(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        let of_former = |former: &BuildRecord| {
            (0..former.files).any(|index| former.file(index).is_some_and(|file| is_wanted(file.path)))
        };
        self.paths.iter().any(|path| is_wanted(path)) || self.former.is_some_and(of_former)
    }
}

/// All or nothing is out of reach on a file system; but nothing is written before everything is checked.
pub(crate) fn write_bundle(
    fs: &dyn FileSystem,
    cwd: &str,
    output: &OutputOptions,
    bundle: &OutputBundle,
    inputs: &Inputs<'_>,
    reuses_files: bool,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let dir = output_dir(cwd, output);
    let faults: Vec<Diagnostic> = bundle
        .files
        .iter()
        .filter(|file| !matches!(file, OutputFile::Kept(_)) && inputs.contains(&path::join(&dir, file.file_name())))
        .map(|file| {
            let message = format!("Refusing to overwrite the input {}", path::join(&dir, file.file_name()));
            Diagnostic::error("OVERWRITES_INPUT", message).with_hint("Choose another output.dir or file name pattern")
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    if output.clean_dir {
        clean(fs, cwd, &dir, inputs)?;
    }
    let folder = ConfinedFolder::new(dir.as_str());
    let results: Vec<Result<Option<String>, Diagnostic>> = bundle
        .files
        .par_iter()
        // A kept file lies there already.
        .filter(|file| !reuses_files || !matches!(file, OutputFile::Kept(_)))
        .map(|file| {
            let (name, bytes) = (file.file_name(), file.bytes()?);
            let written = fs.write_confined(&folder, name, &bytes).and_then(|is_new| {
                if !is_new && !reuses_files {
                    fs.write(&path::join(&dir, name), &bytes)?;
                }
                Ok((is_new || !reuses_files).then(|| name.to_owned()))
            });
            written.map_err(|error| Diagnostic::error("WRITE_FAILED", format!("Could not write {name}: {error}")))
        })
        .collect();
    let mut written = Vec::new();
    let mut faults = Vec::new();
    for result in results {
        match result {
            Ok(name) => written.extend(name),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(written) } else { Err(faults) }
}

fn clean(fs: &dyn FileSystem, cwd: &str, dir: &str, inputs: &Inputs<'_>) -> Result<(), Vec<Diagnostic>> {
    let below = |inner: &str| inner == dir || inner.starts_with(&format!("{dir}/"));
    if below(cwd) || inputs.any(below) {
        return Err(vec![
            Diagnostic::error("REFUSED_CLEAN", format!("cleanDir would remove sources: they lie in {dir}"))
                .with_hint("Choose an output.dir that holds nothing but output"),
        ]);
    }
    match fs.remove_dir_all(dir) {
        Ok(()) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(vec![Diagnostic::error("WRITE_FAILED", format!("Could not clean {dir}: {error}"))]),
    }
}
