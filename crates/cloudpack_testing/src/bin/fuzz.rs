//! `cargo xtask fuzz --seed 1 --count 20000`: random programs, bundled, against Node. Each one
//! that differs is made small and printed with its seed.

#![allow(clippy::disallowed_methods, reason = "a program has an environment")]

use cloudpack_testing::fuzz;

const AT_ONCE: u64 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |flag: &str, otherwise: u64| {
        let at = arguments.iter().position(|argument| argument == flag);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(otherwise)
    };
    let (seed, count, limit) = (number("--seed", 1), number("--count", 1_000), number("--show", 10));
    let mut mismatches = 0;
    let mut start = seed;
    while start < seed + count {
        let seeds: Vec<u64> = (start..(start + AT_ONCE).min(seed + count)).collect();
        let graphs: Vec<fuzz::Graph> = seeds.iter().map(|seed| fuzz::generate(*seed)).collect();
        let found = match fuzz::compare(&graphs) {
            Ok(found) => found,
            Err(fault) => {
                eprintln!("seeds from {start}: {fault}");
                std::process::exit(2);
            }
        };
        for (seed, mismatch) in seeds.iter().zip(found) {
            let Some(mismatch) = mismatch else { continue };
            mismatches += 1;
            if mismatches > limit {
                println!("seed {seed} ({:?})", mismatch.way);
                continue;
            }
            match fuzz::shrink(mismatch) {
                Ok(small) => println!("seed {seed}: {small}"),
                Err(fault) => println!("seed {seed}: {fault}"),
            }
        }
        start += AT_ONCE;
    }
    println!("{mismatches} of {count} programs differ");
    std::process::exit(i32::from(mismatches > 0));
}
