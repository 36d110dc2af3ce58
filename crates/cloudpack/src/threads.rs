//! The threads that the phases run on. Their stacks are large because parsers and visitors recurse as deep as sources
//! nest (`summarize`'s depth limits fit this size); memory is only taken where a stack really grows.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

const STACK_BYTES: usize = 256 << 20;

pub(crate) fn pool() -> &'static ThreadPool {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let build = |threads: usize| {
            ThreadPoolBuilder::new()
                .stack_size(STACK_BYTES)
                .num_threads(threads)
                .thread_name(|index| format!("cloudpack-{index}"))
                .build()
        };
        // Under a tight limit of address space or processes one small thread is still a build.
        match build(0)
            .or_else(|_| build(1))
            .or_else(|_| ThreadPoolBuilder::new().num_threads(1).stack_size(16 << 20).build())
        {
            Ok(pool) => pool,
            Err(error) => panic!("this machine gives Cloudpack no thread: {error}"),
        }
    })
}
