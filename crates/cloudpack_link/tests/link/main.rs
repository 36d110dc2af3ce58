//! Link on hand-made objects. What is linked is run by Node wherever running can show the point.

mod common;
mod formats;
mod interop;
mod maps_and_hashes;
mod names;
mod patching;
