//! Each requirement on memory file systems, in Unix and in Windows path forms.

mod flavors;
mod hints;
mod packages;
mod paths;
mod probes;
mod project;
mod tsconfigs;
