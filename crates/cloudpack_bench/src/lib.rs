//! What measures Cloudpack: fingerprints of codebases, applications made from them, floors, phases.

#![allow(clippy::disallowed_methods, reason = "programs for developers: they measure the disk itself")]

pub mod fingerprint;
pub mod floor;
pub mod generate;
pub mod measure;
pub mod phases;
pub mod summarize;
pub mod workspace;
