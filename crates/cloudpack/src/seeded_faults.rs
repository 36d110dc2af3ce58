//! Edges of invalidation that the oracle switches off, one at a time, to see whether it would notice. Without the feature
//! `seeded-faults`, which only tests turn on, none is ever off and nothing of this is compiled.

/// One thing that must be looked at before an old result may be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    ModuleContent = 1,
    PackageJson,
    Tsconfig,
    /// A restored modification time does not hide a change.
    ChangeTime,
    /// A name in a listing, there or not.
    Name,
    /// Where a link leads.
    Question,
    OutputRemoved,
    OutputAltered,
    FormerOutput,
    Options,
    Warnings,
    ContentInKey,
    FormatInKey,
    TsconfigInKey,
    OptionsInKey,
    /// What a module looks like to others.
    Plans,
    /// What a module asks for.
    Requests,
    /// The text of a chunk that holds a changed module.
    ChunkText,
    /// Names of changed chunks in the text of others.
    ChunkNames,
    /// In a session: what events tell of.
    Suspects,
    /// In a session: what they tell of emitted files.
    Emitted,
}

impl Edge {
    pub const ALL: [Self; 21] = [
        Self::ModuleContent,
        Self::PackageJson,
        Self::Tsconfig,
        Self::ChangeTime,
        Self::Name,
        Self::Question,
        Self::OutputRemoved,
        Self::OutputAltered,
        Self::FormerOutput,
        Self::Options,
        Self::Warnings,
        Self::ContentInKey,
        Self::FormatInKey,
        Self::TsconfigInKey,
        Self::OptionsInKey,
        Self::Plans,
        Self::Requests,
        Self::ChunkText,
        Self::ChunkNames,
        Self::Suspects,
        Self::Emitted,
    ];
}

#[cfg(feature = "seeded-faults")]
static DROPPED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

/// Switches an edge off in the whole process, or all on again.
#[cfg(feature = "seeded-faults")]
pub fn drop_edge(edge: Option<Edge>) {
    DROPPED.store(edge.map_or(0, |edge| edge as u32), std::sync::atomic::Ordering::Relaxed);
}

#[cfg(feature = "seeded-faults")]
pub(crate) fn is_dropped(edge: Edge) -> bool {
    DROPPED.load(std::sync::atomic::Ordering::Relaxed) == edge as u32
}

#[cfg(not(feature = "seeded-faults"))]
pub(crate) const fn is_dropped(_: Edge) -> bool {
    false
}
