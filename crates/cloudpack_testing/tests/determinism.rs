//! The same bytes for every fixture on one, two and eight threads, in other directories, and with files made in another order.

use std::process::Command;

use cloudpack_testing::Failure;

fn digests(threads: &str, arguments: &[&str]) -> Result<String, Failure> {
    let program = env!("CARGO_BIN_EXE_determinism");
    let output = Command::new(program).args(arguments).env("RAYON_NUM_THREADS", threads).output();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn output_depends_neither_on_threads_nor_on_places_nor_on_the_order_in_which_files_were_made() -> Result<(), Failure> {
    let expected = digests("1", &[])?;
    assert!(expected.lines().count() > 100, "{} fixtures", expected.lines().count());
    for (threads, arguments) in [("2", &["--reversed"][..]), ("8", &[])] {
        let found = digests(threads, arguments)?;
        let differing: Vec<&str> =
            expected.lines().zip(found.lines()).filter(|(left, right)| left != right).map(|(_, right)| right).collect();
        assert!(differing.is_empty() && expected.len() == found.len(), "{threads} threads: {differing:?}");
    }
    Ok(())
}
