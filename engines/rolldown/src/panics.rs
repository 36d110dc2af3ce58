//! A panic of Rolldown is an error of one build. Most of its work runs in tasks, where a panic ends the task and whoever waits
//! for its answer waits for ever; so the first panic ends the build, wherever it happened. The hook is that of this addon
//! alone: the standard library is linked into each addon.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

static INSTALLED: Once = Once::new();
static FIRST: Mutex<Option<String>> = Mutex::new(None);
static HAPPENED: Notify = Notify::const_new();

/// Jobs of a build that a panic has ended run on until they see it; so long its error waits, at most.
const WAIT_FOR_JOBS: Duration = Duration::from_secs(10);

/// What `work` makes on threads of `runtime`, or the message of the panic that ended it. One at a time: a panic does not say
/// whose it is. The runtime goes with the work, so that none of its jobs is left to panic when another build runs.
pub(crate) fn guarded<T: Send + 'static>(
    runtime: Runtime,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, String> {
    INSTALLED.call_once(|| std::panic::set_hook(Box::new(|panic| record(&panic.to_string()))));
    take();
    let done = catch_unwind(AssertUnwindSafe(|| {
        // On a thread of the runtime, whose stack is as large as parsers need it.
        let work = runtime.spawn(work);
        let rest = work.abort_handle();
        runtime.block_on(async {
            tokio::select! {
                biased;
                done = work => done.ok(),
                () = HAPPENED.notified() => {
                    rest.abort();
                    None
                }
            }
        })
    }));
    let first = take();
    let (Ok(Some(done)), None) = (done, &first) else {
        runtime.shutdown_timeout(WAIT_FOR_JOBS);
        take();
        return Err(first.unwrap_or_else(|| "it did not say why".to_owned()));
    };
    runtime.shutdown_background();
    Ok(done)
}

fn record(message: &str) {
    FIRST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| message.to_owned());
    HAPPENED.notify_one();
}

/// The message of the first panic since the last call, which is forgotten with it.
fn take() -> Option<String> {
    let message = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    // A permit that nobody waited for would end the next build.
    let _ = futures::FutureExt::now_or_never(HAPPENED.notified());
    message
}
