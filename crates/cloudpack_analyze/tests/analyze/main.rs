//! What Analyze decides, on graphs of a few modules; one file a topic, one sentence a test.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod builder;
mod chunks;
mod execution_order;
mod exports;
mod externals;
mod joined_groups;
mod liveness;
mod named_groups;
mod order_across_chunks;
mod requests;
mod scale;
mod style_sheets;
mod wrapping;
