//! The contract of the store, sentence by sentence: what it gives is what was put in, or nothing.

mod collecting;
mod crashes;
mod damage;
mod files;
mod format;
mod processes;
mod sim_disk;
mod support;
