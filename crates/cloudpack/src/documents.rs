use crate::options::BuildOptions;
use crate::output::OutputFile;
use crate::scan::Scan;
use cloudpack_base::{ChunkIdx, Diagnostic, IndexVec, ModuleIdx};
use cloudpack_link::FinalChunk;
use cloudpack_plan::LinkPlan;
pub(crate) fn is_empty_document_chunk(_: &Scan, _: &LinkPlan, _: ChunkIdx, _: &str) -> bool {
    false
}
pub(crate) fn emit_documents(
    _: &Scan,
    _: &BuildOptions,
    _: &LinkPlan,
    _: usize,
    _: &IndexVec<ChunkIdx, FinalChunk>,
    _: &IndexVec<ChunkIdx, Option<String>>,
    _: &IndexVec<ModuleIdx, Option<String>>,
    _: &mut Vec<OutputFile>,
    _: &mut Vec<Diagnostic>,
) {
}
