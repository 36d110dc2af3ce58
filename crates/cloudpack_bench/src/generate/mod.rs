//! A synthetic application: a number of modules and a seed -> files and the checksum that running them prints. Equal
//! seeds give equal bytes. All of it is made up here; no code of a real application went in.

mod random;
mod step;
mod text;
mod tree;
mod unit;
mod words;

use rayon::prelude::*;

/// Bytes of a module on average, and what "modules of 4 KB" means in the documents.
const AVERAGE_BYTES: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Js,
    Ts,
    Tsx,
}

impl Language {
    fn extension(self) -> &'static str {
        match self {
            Self::Js => "js",
            Self::Ts => "ts",
            Self::Tsx => "tsx",
        }
    }
}

pub(crate) struct Application {
    /// `(path relative to the application, text)`; the modules first, in a fixed order.
    pub(crate) files: Vec<(String, String)>,
    pub(crate) modules: usize,
    /// Of the modules.
    pub(crate) bytes: usize,
    pub(crate) checksum: u32,
}

/// `modules` of them, 40 at least. Cost: linear; 10,000 take less than a second.
pub(crate) fn application(modules: usize, seed: u64) -> Application {
    let tree = tree::plan(modules.max(40), seed, AVERAGE_BYTES);
    let mut files: Vec<(String, String)> =
        tree.modules.par_iter().map(|module| (module.path.clone(), tree.text(module))).collect();
    let bytes = files.iter().map(|(_, text)| text.len()).sum();
    let modules = files.len();
    files.push(("package.json".to_owned(), "{ \"private\": true, \"type\": \"module\" }\n".to_owned()));
    files.push(("tsconfig.json".to_owned(), TSCONFIG.to_owned()));
    Application { files, modules, bytes, checksum: tree.checksum() }
}

const TSCONFIG: &str = r#"{
  "compilerOptions": {
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "strict": true,
    "noEmit": true,
    "jsx": "react",
    "jsxFactory": "h"
  }
}
"#;

#[cfg(test)]
mod tests {
    use super::application;
    use std::collections::BTreeSet;

    #[test]
    fn equal_seeds_give_equal_bytes_and_other_seeds_other_programs() {
        let (first, again, other) = (application(300, 7), application(300, 7), application(300, 8));
        assert_eq!(first.files, again.files);
        assert_eq!(first.checksum, again.checksum);
        assert_ne!(first.checksum, other.checksum);
    }

    #[test]
    fn there_are_as_many_modules_as_asked_for_of_four_kilobytes_each() {
        for count in [40, 300, 1_000, 2_357] {
            let application = application(count, 1);
            assert_eq!(application.modules, count);
            let paths: BTreeSet<&String> = application.files.iter().map(|(path, _)| path).collect();
            assert_eq!(paths.len(), application.files.len(), "every file has its own path");
        }
        let application = application(1_000, 1);
        let average = application.bytes / application.modules;
        assert!((3_700..4_500).contains(&average), "{average} bytes a module");
    }

    #[test]
    fn every_relative_import_leads_to_a_file() {
        let application = application(300, 3);
        let paths: BTreeSet<&str> = application.files.iter().map(|(path, _)| path.as_str()).collect();
        for (path, text) in &application.files {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for line in text.lines().filter(|line| line.contains(" from \"")) {
                let specifier = line.split('"').nth(1).unwrap_or_default();
                let target = cloudpack_base::path::join(&format!("/{folder}"), specifier);
                let exists = ["/index.ts", ".ts", ".tsx", ".js"]
                    .iter()
                    .any(|end| paths.contains(format!("{target}{end}").trim_start_matches('/')));
                assert!(exists, "{path}: {line}");
            }
        }
    }
}
