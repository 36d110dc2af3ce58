//! Request -> module: which file a specifier means for one importer, from the file system and the user's options, and
//! every path the answer depends on, missing ones too.
//!
//! Two roads, one answer. Paths (`./x`, `/x`, and what aliases and tsconfig `paths` turn into paths) are looked up in
//! cached directory listings: most requests of an application, at hash-map speed and without a system call. Packages
//! (`exports`, `imports`, self reference, main fields, the `browser` map) go to `oxc_resolver`, over the same
//! listings, once for each (package directory, specifier).
//!
//! Architecture invariant: a `Resolver` never forgets what it saw; a new revision of the files takes a new one.

mod adapter;
mod directories;
mod hints;
mod listings;
mod options;
mod outcome;
mod package_hints;
mod package_lookup;
mod packages;
mod path_lookup;
mod resolver;
mod specifier;
mod tsconfig_facts;
mod tsconfigs;

pub use directories::Entered;
pub use listings::{ListedName, UsedListing};
pub use options::{Platform, ResolverOptions};
pub use outcome::{Failure, Outcome, ProbeList, Probes, RequestFlavor, Resolution, ResolvedModule};
pub use packages::{PackageFacts, PackageType, SideEffects};
pub use resolver::Resolver;
pub use tsconfig_facts::{TsconfigFacts, TsconfigJsx};
