//! What answers rest on in directory listings: for each directory that was listed, the names that somebody asked for, with
//! what they were. Answers stay as they are for as long as these names do, whatever else comes and goes beside them: the
//! output directory of the build, an editor's backup, a file that nobody imports.

/// Everything that was asked of one listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedListing {
    pub path: String,
    /// Sorted by name; the absent ones are the negative dependencies.
    pub names: Vec<(String, ListedName)>,
    /// All names were looked at: a new one matters too.
    pub whole: bool,
}

/// What a listing says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedName {
    Absent,
    /// Pipes and devices too.
    File,
    Directory,
    /// Where it leads was asked of the file system.
    Symlink,
}
