//! Files of a bundle -> the output directory. Confined to it, never over an input, unchanged files untouched.

use crate::options::OutputOptions;
use crate::output::{OutputBundle, OutputFile};
use cloudpack_base::{Diagnostic, path};
use cloudpack_fs::FileSystem;
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

/// All or nothing is out of reach on a file system; but nothing is written before everything is checked.
pub(crate) fn write_bundle<'i>(
    fs: &dyn FileSystem,
    cwd: &str,
    output: &OutputOptions,
    bundle: &OutputBundle,
    inputs: impl Iterator<Item = &'i str>,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let dir = output_dir(cwd, output);
    let inputs: FxHashSet<&str> = inputs.collect();
    let faults: Vec<Diagnostic> = bundle
        .files
        .iter()
        .filter(|file| inputs.contains(path::join(&dir, file.file_name()).as_str()))
        .map(|file| {
            let message = format!("Refusing to overwrite the input {}", path::join(&dir, file.file_name()));
            Diagnostic::error("OVERWRITES_INPUT", message).with_hint("Choose another output.dir or file name pattern")
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    if output.clean_dir {
        clean(fs, cwd, &dir, &inputs)?;
    }
    let results: Vec<Result<Option<String>, Diagnostic>> = bundle
        .files
        .par_iter()
        // A kept file lies there already.
        .filter(|file| !matches!(file, OutputFile::Kept(_)))
        .map(|file| match fs.write_confined(&dir, file.file_name(), &file.bytes()?) {
            Ok(true) => Ok(Some(file.file_name().to_owned())),
            Ok(false) => Ok(None),
            Err(error) => {
                Err(Diagnostic::error("WRITE_FAILED", format!("Could not write {}: {error}", file.file_name())))
            }
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

fn clean(fs: &dyn FileSystem, cwd: &str, dir: &str, inputs: &FxHashSet<&str>) -> Result<(), Vec<Diagnostic>> {
    let below = |inner: &str| inner == dir || inner.starts_with(&format!("{dir}/"));
    if below(cwd) || inputs.iter().any(|input| below(input)) {
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
