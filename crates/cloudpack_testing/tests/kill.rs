//! A fixed slice of builds that are killed; many more: `cargo xtask kill --builds 2000`.

use std::path::Path;

use cloudpack_testing::Failure;
use cloudpack_testing::faults::kill_builds;

#[test]
fn builds_that_are_killed_at_any_time_leave_nothing_wrong() -> Result<(), Failure> {
    let killed = kill_builds(Path::new(env!("CARGO_BIN_EXE_kill")), 7, 30)?;
    assert!(killed.in_time < killed.builds, "none was killed before it was over");
    Ok(())
}
