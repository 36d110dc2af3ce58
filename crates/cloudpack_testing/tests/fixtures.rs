//! One test for each folder of `fixtures/`.

use cloudpack_testing::{Case, check, discover, workspace_root};
use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let cases = discover(&workspace_root().join("fixtures"));
    assert!(!cases.is_empty(), "no cases were found");
    let trials = cases.into_iter().map(|(name, folder)| {
        Trial::test(name.clone(), move || {
            Case::load(&name, &folder).and_then(|case| check(&case)).map_err(libtest_mimic::Failed::from)
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}
