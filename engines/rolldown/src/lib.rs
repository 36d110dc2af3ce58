//! Rolldown behind `TransformEngine`, as an addon of its own: whoever builds with `engine: 'rolldown'` loads it, nobody else
//! does. `edge` is what JavaScript calls, `engine` the order of a build, `options` and `modules` what Rolldown is told.

mod edge;
mod engine;
mod modules;
mod options;
mod panics;

pub use edge::{Transform, transform, version};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
