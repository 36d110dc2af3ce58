//! `Session::ci_view`: once every output is written, what a deploy has to do.

use super::Session;
use crate::ci_view::{CiView, EmittedFile, deploy, emitted};
use crate::options::View;
use crate::output::OutputBundle;
use crate::threads::pool;

/// The files of this build, as they are written.
#[derive(Default)]
pub(super) struct Deployed {
    files: Vec<EmittedFile>,
    outputs: usize,
    view: Option<CiView>,
}

impl Session {
    /// With `view: "ci"`, after the last output was written.
    pub fn ci_view(&self) -> Option<&CiView> {
        self.deployed.view.as_ref()
    }

    pub(super) fn take_down(&mut self, output: usize, bundle: &OutputBundle) {
        if self.options.view != View::Ci {
            return;
        }
        self.deployed.files.extend(pool().install(|| emitted(output, bundle)));
        self.deployed.outputs += 1;
        if self.deployed.outputs == self.options.output.len() {
            let files = std::mem::take(&mut self.deployed.files);
            self.deployed.view = Some(deploy(self.store.as_ref(), &self.options, files));
        }
    }
}
