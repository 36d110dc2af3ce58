//! `cloudpack::cache_tools` for JavaScript. Each gives JSON of `{ found }` or `{ diagnostics }`.

use crate::guard::{guarded, to_json};
use cloudpack::cache_tools::{self, CacheInfo, CacheVerified};
use cloudpack_base::Diagnostic;
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Result, Task};
use napi_derive::napi;
use serde::Serialize;

/// What a store holds: JSON of `CacheInfo`.
#[napi(ts_return_type = "Promise<string>")]
pub fn cache_info(dir: String) -> AsyncTask<CacheWork> {
    AsyncTask::new(CacheWork { dir, what: What::Info })
}

/// Reads all of a store: JSON of `CacheVerified`.
#[napi(ts_return_type = "Promise<string>")]
pub fn cache_verify(dir: String) -> AsyncTask<CacheWork> {
    AsyncTask::new(CacheWork { dir, what: What::Verify })
}

/// Empties a store; the bytes that were freed.
#[napi(ts_return_type = "Promise<string>")]
pub fn cache_clear(dir: String) -> AsyncTask<CacheWork> {
    AsyncTask::new(CacheWork { dir, what: What::Clear })
}

pub struct CacheWork {
    dir: String,
    what: What,
}

enum What {
    Info,
    Verify,
    Clear,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Found {
    #[serde(rename = "found")]
    Info(CacheInfo),
    #[serde(rename = "found")]
    Verified(CacheVerified),
    #[serde(rename = "found")]
    Freed(u64),
    Diagnostics(Vec<Diagnostic>),
}

impl Task for CacheWork {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<String> {
        guarded(|| {
            let found = match self.what {
                What::Info => cache_tools::info(&self.dir).map(Found::Info),
                What::Verify => cache_tools::verify(&self.dir).map(Found::Verified),
                What::Clear => cache_tools::clear(&self.dir).map(Found::Freed),
            };
            to_json(&found.unwrap_or_else(|fault| Found::Diagnostics(vec![fault])))
        })
    }

    fn resolve(&mut self, _: Env, found: String) -> Result<String> {
        Ok(found)
    }
}
