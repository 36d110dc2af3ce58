//! A codebase -> its fingerprint: distributions and shares, in whole numbers, and nothing that was written by anybody.
//! The generator makes applications of the same shape from it. Fields: `docs/benchmarks/fingerprints.md`.

mod distribution;
mod graph;
mod read;

pub use distribution::Distribution;

use self::read::{FileFacts, FileKind};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// Shares are in permille. Whole numbers: a generated tree must not depend on how a machine rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fingerprint {
    /// Of this file's layout.
    pub version: u32,
    /// What was read: package, version and folder.
    pub name: String,
    pub license: String,
    pub kind: String,
    pub files: Files,
    /// Bytes of one source file with code, barrels not counted.
    pub bytes: Distribution,
    pub css_bytes: Distribution,
    pub json_bytes: Distribution,
    /// Modules of the codebase that a module imports or requires, barrels as importers not counted.
    pub fan_out: Distribution,
    /// Modules of the codebase that import, require or lazily load a module.
    pub fan_in: Distribution,
    /// Other packages that a module names, each once.
    pub packages: Distribution,
    /// Requests on the shortest way from a module that nobody imports.
    pub depth: Distribution,
    /// Names that a module exports; `export *` counts as one. Barrels not counted.
    pub exports: Distribution,
    /// Groups of top-level statements.
    pub sections: Distribution,
    /// ES modules with a section that has side effects: calls of functions of other modules count.
    pub side_effect_modules: u32,
    /// Such sections, of all sections of ES modules.
    pub side_effect_sections: u32,
    /// Modules that only pass on what others export, of all modules with code.
    pub barrels: u32,
    /// Modules that a barrel passes on.
    pub barrel_members: Distribution,
    /// Requests of barrels that are `export *`.
    pub star_exports: u32,
    /// `import()` of modules of the codebase, of all requests between its modules.
    pub dynamic_imports: u32,
    /// `import type`, and imports whose names are all types, of all requests of TypeScript files.
    pub type_only_imports: u32,
    /// Of all modules with code.
    pub common_js: u32,
    /// Modules that import each other in a circle, of all modules with code.
    pub circular: u32,
    /// Bytes in comments, of all bytes of code.
    pub comments: u32,
    /// Source files directly in a directory that has any.
    pub directory_files: Distribution,
    /// Directories between the root and a file.
    pub directory_depth: Distribution,
}

/// Source files by what their names say; shares of `total`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Files {
    pub total: u32,
    pub bytes: u64,
    pub ts: u32,
    pub tsx: u32,
    pub js: u32,
    pub jsx: u32,
    /// Style sheets of every language.
    pub css: u32,
    pub json: u32,
}

pub const VERSION: u32 = 1;

/// What a fingerprint says about where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub name: String,
    pub license: String,
    pub kind: String,
}

impl Fingerprint {
    /// Several directories make one codebase. Cost: every source is parsed twice.
    pub fn of_directories(directories: &[&Path], origin: Origin) -> io::Result<Self> {
        let mut files = Vec::new();
        let mut offsets = Vec::new();
        for directory in directories {
            offsets.push(files.len());
            files.extend(read::read_directory(directory)?);
        }
        let graph = graph::graph(&files, directories, &offsets);
        Ok(Self::of(&files, &graph, origin))
    }

    fn of(files: &[FileFacts], graph: &graph::Graph, origin: Origin) -> Self {
        let code: Vec<usize> = (0..files.len()).filter(|index| files[*index].kind.is_code()).collect();
        let own: Vec<usize> = code.iter().copied().filter(|index| !files[*index].is_barrel).collect();
        let barrels: Vec<usize> = code.iter().copied().filter(|index| files[*index].is_barrel).collect();
        let modules: Vec<usize> = code.iter().copied().filter(|index| !files[*index].is_common_js).collect();
        let sum = |of: &[usize], value: &dyn Fn(&FileFacts) -> usize| -> usize {
            of.iter().map(|index| value(&files[*index])).sum()
        };
        let count = |of: &[usize], is: &dyn Fn(usize) -> bool| of.iter().filter(|index| is(**index)).count();
        let bytes_of = |kind: FileKind| {
            Distribution::new(files.iter().filter(|file| file.kind == kind).map(|file| file.bytes as u32))
        };
        let (edges, lazy) = graph.counts();
        Self {
            version: VERSION,
            name: origin.name,
            license: origin.license,
            kind: origin.kind,
            files: Files::of(files),
            bytes: Distribution::new(own.iter().map(|index| files[*index].bytes as u32)),
            css_bytes: bytes_of(FileKind::Css),
            json_bytes: bytes_of(FileKind::Json),
            fan_out: Distribution::new(own.iter().map(|index| graph.fan_out(*index))),
            fan_in: Distribution::new(code.iter().map(|index| graph.fan_in(*index))),
            packages: Distribution::new(own.iter().map(|index| files[*index].packages)),
            depth: Distribution::new(graph.depths(&code).into_iter()),
            exports: Distribution::new(own.iter().map(|index| files[*index].exports)),
            sections: Distribution::new(own.iter().map(|index| files[*index].sections)),
            side_effect_modules: permille(count(&modules, &|index| files[index].effects > 0), modules.len()),
            side_effect_sections: permille(
                sum(&modules, &|file| file.effects as usize),
                sum(&modules, &|file| file.sections as usize),
            ),
            barrels: permille(barrels.len(), code.len()),
            barrel_members: Distribution::new(barrels.iter().map(|index| files[*index].passed_on)),
            star_exports: permille(
                sum(&barrels, &|file| file.stars as usize),
                sum(&barrels, &|file| file.passed_on as usize),
            ),
            dynamic_imports: permille(lazy, edges),
            type_only_imports: permille(
                sum(&code, &|file| file.type_requests as usize),
                sum(&code, &|file| if file.kind.is_typescript() { file.written_requests as usize } else { 0 }),
            ),
            common_js: permille(count(&code, &|index| files[index].is_common_js), code.len()),
            circular: permille(graph.circular(), code.len()),
            comments: permille(sum(&code, &|file| file.comment_bytes), sum(&code, &|file| file.bytes)),
            directory_files: Distribution::new(graph::directory_sizes(files).into_iter()),
            directory_depth: Distribution::new(files.iter().map(|file| file.path.matches('/').count() as u32)),
        }
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| format!("fingerprint: {error}"))?;
        if read.version == VERSION {
            Ok(read)
        } else {
            Err(format!("fingerprint: version {} is not {VERSION}", read.version))
        }
    }
}

impl Files {
    fn of(files: &[FileFacts]) -> Self {
        let of = |kind: FileKind| permille(files.iter().filter(|file| file.kind == kind).count(), files.len());
        Self {
            total: files.len() as u32,
            bytes: files.iter().map(|file| file.bytes as u64).sum(),
            ts: of(FileKind::Ts),
            tsx: of(FileKind::Tsx),
            js: of(FileKind::Js),
            jsx: of(FileKind::Jsx),
            css: of(FileKind::Css),
            json: of(FileKind::Json),
        }
    }
}

/// Rounded; 0 of nothing is 0.
pub(crate) fn permille(part: usize, whole: usize) -> u32 {
    if whole == 0 { 0 } else { ((part * 2_000 + whole) / (whole * 2)) as u32 }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, Origin};
    use std::path::Path;

    fn written(files: &[(&str, &str)]) -> std::io::Result<Fingerprint> {
        let folder = tempfile::tempdir()?;
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
            std::fs::write(path, text)?;
        }
        Fingerprint::of_directories(&[folder.path()], Origin::default())
    }

    #[test]
    fn requests_are_counted_by_kind_and_types_are_not_edges() -> std::io::Result<()> {
        let read = written(&[
            (
                "main.ts",
                "import { a } from './lib';\nimport type { T } from './types';\nimport 'react';\nimport('./lazy');\nconsole.log(a as T);",
            ),
            ("lib/index.ts", "export * from './a';\nexport { b } from './b.js';"),
            ("lib/a.ts", "// one line of comment\nexport const a = 1, c = 2;"),
            ("lib/b.ts", "export const b = 1;"),
            ("types.ts", "export type T = number;"),
            ("lazy.js", "exports.x = 1;"),
            ("style.scss", "a { color: red }"),
        ])?;
        assert_eq!((read.files.total, read.files.ts, read.files.js, read.files.css), (7, 714, 143, 143));
        // Static: main -> lib, lib -> a, lib -> b; lazy: main -> lazy.
        assert_eq!(read.dynamic_imports, 250);
        assert_eq!((read.barrels, read.star_exports, read.common_js), (167, 500, 167));
        assert_eq!(read.type_only_imports, 200);
        assert_eq!((read.fan_out.highest(), read.fan_in.highest(), read.depth.highest()), (1, 1, 2));
        assert_eq!((read.exports.highest(), read.packages.highest(), read.directory_depth.highest()), (2, 1, 1));
        assert!(read.comments > 50);
        Ok(())
    }

    #[test]
    fn circles_are_counted_by_their_members() -> std::io::Result<()> {
        let read = written(&[
            ("main.js", "import './a.js'; import './c.js';"),
            ("a.js", "import './b.js';"),
            ("b.js", "import './a.js';"),
            ("c.js", "import './d.js';"),
            ("d.js", "export {};"),
        ])?;
        assert_eq!(read.circular, 400);
        Ok(())
    }

    #[test]
    fn what_is_written_is_read_again() -> Result<(), String> {
        let read = written(&[("a.ts", "export const a = 1;")]).map_err(|error| error.to_string())?;
        let text = serde_json::to_string(&read).map_err(|error| error.to_string())?;
        assert_eq!(Fingerprint::parse(&text)?, read);
        assert!(Fingerprint::parse(&text.replace("\"version\":1", "\"version\":9")).is_err());
        Ok(())
    }
}
