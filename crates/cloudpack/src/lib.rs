//! Cloudpack's driver: orders the phases, holds the graph of a build, talks to plugins in bulk. Start reading at
//! `session.rs`, which is the program as a list.

mod asset_names;
mod build_memory;
mod build_record;
mod cache_store;
pub mod cache_tools;
mod changes;
mod ci_view;
mod compile;
mod compile_cache;
mod compile_options;
mod documents;
mod emit;
mod globs;
mod graph;
mod host_requests;
mod indexed;
mod kept_graph;
mod kept_link;
mod kept_output;
mod link_input;
mod load;
mod module_info;
mod module_types;
pub mod options;
pub mod output;
mod patterns;
mod plan;
mod plugin_cache;
pub mod protocol;
mod recall;
mod relink;
mod requests;
mod scan;
pub mod seeded_faults;
mod session;
mod style_sheets;
mod threads;
mod urls;
mod watch_list;
mod why;
mod write;

pub use ci_view::{CiView, EmittedFile};
pub use kept_output::KeptFile;
pub use session::{BuildOutput, Session};
pub use why::{ExportUse, Importer, Rebuilt, Step, Why};
