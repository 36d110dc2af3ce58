//! A fixed slice of the oracle, and the oracle itself put to the test: it must notice each edge of invalidation that is
//! switched off. `cargo run -p cloudpack_testing --bin oracle` goes on from here for as long as one likes.

use std::sync::{Mutex, PoisonError};

use cloudpack::seeded_faults::{Edge, drop_edge};
use cloudpack_testing::oracle::{find, run};

/// An edge is switched off in the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[test]
fn builds_with_a_store_equal_builds_without_one_whatever_happens_between() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut recalled, mut relinked, mut followed) = (0, 0, 0);
    for seed in 1..=6 {
        match run(seed, 30) {
            Ok(tally) => {
                recalled += tally.recalled;
                relinked += tally.relinked;
                followed += tally.followed;
            }
            Err(mismatch) => panic!("project {seed}: {}\n{:?}", mismatch.failure, mismatch.trace),
        }
    }
    let counts = format!("{recalled} recalled, {relinked} relinked, {followed} followed");
    assert!(recalled > 0 && relinked > 0 && followed > 0, "{counts}: nothing was tested");
}

#[test]
fn every_edge_that_is_switched_off_is_noticed() {
    const PROJECTS: u64 = 60;
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let missed: Vec<Edge> = Edge::ALL
        .into_iter()
        .filter(|edge| {
            drop_edge(Some(*edge));
            (1..=PROJECTS).all(|seed| find(seed, 30).is_ok())
        })
        .collect();
    drop_edge(None);
    assert!(missed.is_empty(), "{} of {} found; missed: {missed:?}", Edge::ALL.len() - missed.len(), Edge::ALL.len());
}
