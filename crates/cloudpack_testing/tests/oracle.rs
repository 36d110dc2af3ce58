//! A fixed slice of the oracle, and the oracle itself put to the test: it must notice each edge of invalidation that is
//! switched off. `cargo xtask oracle` goes on from here for as long as one likes.

use std::sync::{Mutex, PoisonError};

use cloudpack::seeded_faults::{Edge, drop_edge};
use cloudpack_testing::oracle::{Operation, find, replay, run};

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

/// A session that has followed two builds, then `news`, then one more build.
#[cfg(unix)]
fn a_session_sees(project: &[Operation], news: &[Operation]) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut trace = vec![Operation::Process { is_session: true }];
    trace.extend_from_slice(project);
    trace.extend([Operation::Build, Operation::Build]);
    trace.extend_from_slice(news);
    trace.push(Operation::Build);
    if let Err((at, failure)) = replay(&trace) {
        panic!("operation {at} of {trace:?}: {failure}");
    }
}

#[cfg(unix)]
fn write(path: &str, text: &str) -> Operation {
    Operation::Write { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(unix)]
fn link(path: &str, target: &str) -> Operation {
    Operation::Link { path: path.to_owned(), target: target.to_owned() }
}

#[cfg(unix)]
#[test]
fn a_session_follows_every_hop_of_a_chain_of_links() {
    let project = [
        write("src/main.js", "export { x } from './a';\nexport { y } from './lib/y.js';\n"),
        write("src/one.js", "export const x = 1;\n"),
        write("src/two.js", "export const x = 2;\n"),
        link("src/hop.js", "one.js"),
        link("src/a.js", "hop.js"),
        write("first/y.js", "export const y = 1;\n"),
        write("second/y.js", "export const y = 2;\n"),
        link("current", "first"),
        link("src/lib", "../current"),
    ];
    let remove = |path: &str| Operation::Remove { path: path.to_owned() };
    a_session_sees(&project, &[remove("src/hop.js")]);
    a_session_sees(&project, &[link("src/hop.js", "two.js")]);
    a_session_sees(&project, &[link("src/a.js", "two.js")]);
    a_session_sees(&project, &[remove("src/one.js")]);
    a_session_sees(&project, &[link("current", "second")]);
    a_session_sees(&project, &[remove("current")]);
    a_session_sees(&project, &[link("src/lib", "../second")]);
}

#[cfg(unix)]
#[test]
fn a_session_sees_the_end_of_a_chain_of_links_appear() {
    // `./a` is another module for as long as the chain leads nowhere.
    let project = [
        write("src/main.js", "export { x } from './a';\n"),
        write("src/a.ts", "export const x: number = 0;\n"),
        link("src/hop.js", "../far/one.js"),
        link("src/a.js", "hop.js"),
    ];
    a_session_sees(&project, &[write("far/one.js", "export const x = 1;\n")]);
    a_session_sees(&project, &[write("src/hop.js", "export const x = 2;\n")]);
}

#[cfg(unix)]
#[test]
fn what_a_build_wrote_that_saw_a_link_to_itself_is_removed_by_the_next() {
    // `./a` is `a.ts` while `a.js` leads to itself; that build has a chunk which the last one does not want.
    let project = [
        write("src/main.js", "import { x } from './a';\nexport const y = x;\n"),
        write("src/a.js", "export const x = 1;\n"),
        write("src/a.ts", "export const x = import('./later');\n"),
        write("src/later.js", "export const z = 1;\n"),
    ];
    a_session_sees(&project, &[link("src/a.js", "a.js"), Operation::Build, write("src/a.js", "export const x = 2;\n")]);
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
