//! The contract of the store, sentence by sentence: what it gives is what was put in, or nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail, and has a disk"
)]

mod collecting;
mod crashes;
mod damage;
mod files;
mod format;
mod processes;
mod sim_disk;
mod support;
