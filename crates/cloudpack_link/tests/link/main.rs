//! Link on hand-made objects. What is linked is run by Node wherever running can show the point.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
mod formats;
mod interop;
mod maps_and_hashes;
mod names;
mod patching;
