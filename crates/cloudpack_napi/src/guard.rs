//! What stands between the core and Node: panics must not unwind into C, and whatever cannot be parsed from JavaScript or
//! locked is an error of ours, said as such.

use napi::{Error, Result};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; a panic becomes an error. State that the panic left half-made is not used again: the caller's lock is poisoned.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(bug(panic_text(panic.as_ref()))))
}

pub(crate) fn bug(what: &str) -> Error {
    Error::from_reason(format!("This is a bug in Cloudpack: {what}"))
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|error| bug(&format!("the {what} that crossed into the core do not fit: {error}")))
}

pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| bug(&error.to_string()))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it panicked without a message")
}
