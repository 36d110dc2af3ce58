//! A fixed slice of the random programs; many more: `cargo xtask fuzz --count 20000`.

use cloudpack_testing::{Failure, fuzz};

const SEEDS: u64 = 500;
const AT_ONCE: u64 = 125;

fn slice_agrees_with_node(number: u64) -> Result<(), Failure> {
    let seeds = number * AT_ONCE..((number + 1) * AT_ONCE).min(SEEDS);
    let graphs: Vec<fuzz::Graph> = seeds.clone().map(fuzz::generate).collect();
    let found = fuzz::compare(&graphs)?;
    for (seed, mismatch) in seeds.zip(found) {
        if let Some(mismatch) = mismatch {
            return Err(format!("seed {seed}: {}", fuzz::shrink(mismatch)?));
        }
    }
    Ok(())
}

#[test]
fn bundles_of_random_programs_do_what_node_does_with_their_modules_first_slice() -> Result<(), Failure> {
    slice_agrees_with_node(0)
}

#[test]
fn bundles_of_random_programs_do_what_node_does_with_their_modules_second_slice() -> Result<(), Failure> {
    slice_agrees_with_node(1)
}

#[test]
fn bundles_of_random_programs_do_what_node_does_with_their_modules_third_slice() -> Result<(), Failure> {
    slice_agrees_with_node(2)
}

#[test]
fn bundles_of_random_programs_do_what_node_does_with_their_modules_fourth_slice() -> Result<(), Failure> {
    slice_agrees_with_node(3)
}
