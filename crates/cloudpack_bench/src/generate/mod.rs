//! A fingerprint, a number of modules and a seed -> an application that builds and runs, and the checksum that running it
//! prints. Equal options give equal bytes on every machine. All of it is made up here; no code of a real application
//! went in.

mod assets;
mod connect;
mod edit;
mod place;
mod plan;
mod random;
mod run;
mod step;
mod text;
mod tree;
mod unit;
mod words;

pub use edit::{Edit, EditKind};
pub(crate) use random::Random;

use crate::fingerprint::Fingerprint;
use rayon::prelude::*;

pub struct Options<'f> {
    pub fingerprint: &'f Fingerprint,
    /// With barrels, style sheets, JSON and files of packages; 60 at least.
    pub modules: usize,
    pub seed: u64,
    /// Bytes of a module on average, where they shall not be the fingerprint's: sizes are scaled, all by the same factor.
    pub average_bytes: Option<u32>,
}

impl Options<'_> {
    fn scaled(&self, bytes: u32) -> u32 {
        let mean = self.fingerprint.bytes.mean.round() as u64;
        match self.average_bytes {
            Some(wanted) => (u64::from(bytes) * u64::from(wanted) / mean.max(1)) as u32,
            None => bytes,
        }
    }
}

pub struct Application {
    /// `(path relative to the application, text)`; the modules first, in a fixed order.
    pub files: Vec<(String, String)>,
    pub modules: usize,
    /// Of the modules.
    pub bytes: usize,
    pub checksum: u32,
}

/// `edits` are applied one after the other. Cost: linear in the modules, whatever the number of edits that change one.
pub fn application(options: &Options<'_>, edits: &[Edit]) -> Application {
    let options = Options { modules: options.modules.max(plan::FEWEST), ..*options };
    let mut tree = plan::plan(&options);
    edits.iter().for_each(|edit| tree.edit(*edit));
    let indices = 0..tree.modules.len();
    let mut files: Vec<(String, String)> = indices
        .into_par_iter()
        .filter_map(|index| Some((tree.modules[index].path.clone(), tree.text(index)?)))
        .collect();
    let bytes = files.iter().map(|(_, text)| text.len()).sum();
    let modules = files.len();
    files.extend(assets::others(&tree));
    Application { files, modules, bytes, checksum: tree.checksum() }
}

#[cfg(test)]
mod tests;
