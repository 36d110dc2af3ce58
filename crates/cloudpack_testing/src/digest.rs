//! One number for everything that the builds of a fixture give: files with their bytes, and diagnostics.

use cloudpack_base::ContentHasher;

use crate::Failure;
use crate::build::build;
use crate::case::Case;
use crate::options::build_options;
use crate::place::Place;
use crate::tree::Tree;
use crate::variant::Variant;

/// Builds every step of a case, as it is and minified. `is_reversed`: the files are made in the opposite order.
pub fn digest_of(case: &Case, is_reversed: bool) -> Result<String, Failure> {
    let mut hasher = ContentHasher::new();
    for step in 0..=case.steps {
        let tree = Tree::of(case, step)?;
        let place = if is_reversed { Place::on_disk_reversed(&tree)? } else { Place::on_disk(&tree)? };
        for variant in [Variant::Plain, Variant::Minified] {
            let built = build(build_options(case, &tree, &place, variant)?, &place)?;
            for (name, bytes) in &built.files {
                hasher.field(name).field(bytes);
            }
            hasher.field(format!("{:?}", built.diagnostics));
        }
    }
    Ok(hasher.finish().0.iter().map(|byte| format!("{byte:02x}")).collect())
}
