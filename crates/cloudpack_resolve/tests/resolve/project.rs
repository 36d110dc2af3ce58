//! One small project, in both path forms: `/app/a.ts` is `C:/app/a.ts` in the Windows form, and answers are compared
//! without the drive.

use std::sync::Arc;

use cloudpack_fs::MemoryFileSystem;
use cloudpack_resolve::{Outcome, RequestFlavor, Resolution, Resolver, ResolverOptions};

pub(crate) struct Project {
    pub(crate) resolver: Resolver,
    pub(crate) fs: Arc<MemoryFileSystem>,
    drive: &'static str,
}

/// `(path, text)`; a text that starts with `->` is a symlink.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

/// Runs `check` on the project in both forms. `options.cwd` is `/app` when empty.
pub(crate) fn in_both_forms(files: Files<'_>, options: &ResolverOptions, check: impl Fn(&Project)) {
    for drive in ["", "C:"] {
        let rooted = |path: &str| if path.starts_with('/') { format!("{drive}{path}") } else { path.to_owned() };
        let empty = if drive.is_empty() { MemoryFileSystem::unix() } else { MemoryFileSystem::windows() };
        let fs =
            files.iter().fold(empty.with_directory(rooted("/app")), |fs, (path, text)| match text.strip_prefix("->") {
                Some(target) => fs.with_symlink(rooted(path), rooted(target)),
                None => fs.with_file(rooted(path), text),
            });
        let fs = Arc::new(fs);
        let mut options = options.clone();
        options.cwd = rooted(if options.cwd.is_empty() { "/app" } else { &options.cwd });
        for (_, targets) in &mut options.alias {
            for target in targets.iter_mut().flatten() {
                *target = rooted(target);
            }
        }
        let resolver = Resolver::new(fs.clone(), options);
        check(&Project { resolver, fs, drive });
    }
}

impl Project {
    pub(crate) fn rooted(&self, path: &str) -> String {
        format!("{}{path}", self.drive)
    }

    pub(crate) fn resolution(&self, importer: &str, specifier: &str, flavor: RequestFlavor) -> Resolution {
        let importer = self.rooted(importer);
        let directory = cloudpack_base::path::dirname(&importer);
        self.resolver.resolve(specifier, directory, Some(&importer), flavor)
    }

    /// The answer as one line: an id, `ignored`, `builtin fs`, `data`, `url` or `missing`.
    pub(crate) fn ask(&self, importer: &str, specifier: &str, flavor: RequestFlavor) -> String {
        match self.resolution(importer, specifier, flavor).outcome {
            Outcome::Module(module) => self.unrooted(&module.id),
            Outcome::Ignored => "ignored".to_owned(),
            Outcome::NodeBuiltin(name) => format!("builtin {name}"),
            Outcome::DataUrl => "data".to_owned(),
            Outcome::Url => "url".to_owned(),
            Outcome::NotFound(_) => "missing".to_owned(),
        }
    }

    /// An `import` of `/app/src/main.ts`.
    pub(crate) fn import(&self, specifier: &str) -> String {
        self.ask("/app/src/main.ts", specifier, RequestFlavor::Import)
    }

    /// The hint of a failure, without drives.
    pub(crate) fn hint(&self, importer: &str, specifier: &str, flavor: RequestFlavor) -> String {
        match self.resolution(importer, specifier, flavor).outcome {
            Outcome::NotFound(failure) => failure.hint.unwrap_or_default().replace("C:/", "/"),
            other => panic!("{specifier} was resolved: {other:?}"),
        }
    }

    pub(crate) fn unrooted(&self, path: &str) -> String {
        path.strip_prefix(self.drive).unwrap_or(path).to_owned()
    }
}
