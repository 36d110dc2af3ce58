//! The addon: `cloudpack::Session` for JavaScript, and no logic. Structured values cross as JSON text, which V8 parses
//! faster than it builds objects through the API; code, maps and sources cross one by one when they are read.
//! Long work runs on a worker thread of Node. A panic becomes an error that says whose bug it is.

mod bundle;
mod cache;
mod guard;
mod session;
mod text;
mod watch;

pub use bundle::Bundle;
pub use cache::{CacheWork, cache_clear, cache_info, cache_verify};
pub use session::Session;
pub use text::{locate, render_diagnostics};
pub use watch::FileWatcher;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
