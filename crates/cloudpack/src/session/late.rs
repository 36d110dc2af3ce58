//! What can still be asked of a session whose graph was given back.

use super::Session;
use crate::build_memory::{KeptWatchFiles, RecalledBuild};

/// Files to watch of a build.
pub struct LateWatchFiles(Source);

enum Source {
    /// Shared by all builds that rest on the same one.
    Kept(KeptWatchFiles),
    Made(Vec<String>),
}

impl LateWatchFiles {
    /// What [`Session::watch_files`] said. `None`: the store that holds it was damaged since.
    pub fn read(&self) -> Option<Vec<String>> {
        match &self.0 {
            Source::Kept(kept) => kept.read(),
            Source::Made(files) => Some(files.clone()),
        }
    }
}

impl Session {
    /// For whoever asks after this session is gone. Cost: of a build that was made a copy of the paths; else nothing.
    pub fn late_watch_files(&self) -> LateWatchFiles {
        let kept = self.recalled.as_ref().and_then(RecalledBuild::kept_watch_files);
        LateWatchFiles(kept.map_or_else(|| Source::Made(self.watch_files()), Source::Kept))
    }
}
