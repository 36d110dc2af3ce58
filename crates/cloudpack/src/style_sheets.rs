use crate::options::{BuildOptions, OutputOptions};
use crate::scan::Scan;
use cloudpack_base::{Diagnostic, IndexVec, ModuleIdx};
use cloudpack_plan::ChunkPlan;
pub(crate) fn sheet(
    _: &Scan,
    _: &BuildOptions,
    _: &OutputOptions,
    _: &ChunkPlan,
    _: &str,
    _: &str,
    _: usize,
    _: &IndexVec<ModuleIdx, Option<String>>,
    _: &mut Vec<Diagnostic>,
) -> String {
    String::new()
}
