//! A generated application on disk: writes it, and brings it from one state to the next with as few writes as an edit
//! needs. What it was made from lies beside it, so that an edit knows.

use crate::fingerprint::Fingerprint;
use crate::generate::{Application, Edit, Options, application};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Tells which directories may be emptied, and what is in them.
const MARK: &str = "cloudpack-bench.json";

pub struct Workspace {
    directory: PathBuf,
    fingerprint: Fingerprint,
    modules: usize,
    seed: u64,
    average_bytes: Option<u32>,
    edits: Vec<Edit>,
}

/// What separates two states.
#[derive(Default)]
pub struct Change {
    /// New texts by path, sorted.
    pub write: BTreeMap<String, String>,
    pub delete: Vec<String>,
    pub checksum: u32,
}

impl Workspace {
    /// Empties `directory`, which must be of this program, and writes an application into it.
    pub fn create(directory: &Path, options: &Options<'_>) -> Result<Value, String> {
        let is_empty = std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !directory.join(MARK).exists() {
            return Err(format!("{} is not empty, and not of this program", directory.display()));
        }
        if !is_empty {
            std::fs::remove_dir_all(directory).map_err(|error| fault(directory, error))?;
        }
        let workspace = Self {
            directory: directory.to_owned(),
            fingerprint: options.fingerprint.clone(),
            modules: options.modules,
            seed: options.seed,
            average_bytes: options.average_bytes,
            edits: Vec::new(),
        };
        let application = workspace.application();
        // Directories first: files of one directory need not ask for it again.
        let mut folders: Vec<&str> =
            application.files.iter().filter_map(|(path, _)| Some(path.rsplit_once('/')?.0)).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            let folder = directory.join(folder);
            std::fs::create_dir_all(&folder).map_err(|error| fault(&folder, error))?;
        }
        std::fs::create_dir_all(directory).map_err(|error| fault(directory, error))?;
        for (path, text) in &application.files {
            workspace.write(path, text)?;
        }
        workspace.write_mark(&application)?;
        Ok(facts(&application))
    }

    pub fn open(directory: &Path) -> Result<Self, String> {
        let mark = directory.join(MARK);
        let text = std::fs::read_to_string(&mark).map_err(|error| fault(&mark, error))?;
        let value: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", mark.display()))?;
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        let fingerprint = value.get("fingerprint").map(Value::to_string).unwrap_or_default();
        let edit = |edit: &Value| {
            let kind = edit.get("kind").and_then(Value::as_str).unwrap_or_default().parse()?;
            let turn = edit.get("turn").and_then(Value::as_u64).unwrap_or_default() as u32;
            Ok::<Edit, String>(Edit { kind, turn })
        };
        let edits = value.get("edits").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            directory: directory.to_owned(),
            fingerprint: Fingerprint::parse(&fingerprint)?,
            modules: number("modules").unwrap_or_default() as usize,
            seed: number("seed").unwrap_or_default(),
            average_bytes: number("averageBytes").map(|bytes| bytes as u32),
            edits: edits.iter().map(edit).collect::<Result<_, _>>()?,
        })
    }

    /// Of each edit alone, from the state that is there.
    pub fn changes(&self, edits: &[Edit]) -> Vec<Change> {
        let before: BTreeMap<String, String> = self.application().files.into_iter().collect();
        let change = |edit: &Edit| {
            let application = self.application_with(*edit);
            let checksum = application.checksum;
            let after: BTreeMap<String, String> = application.files.into_iter().collect();
            let delete = before.keys().filter(|path| !after.contains_key(*path)).cloned().collect();
            let write = after.into_iter().filter(|(path, text)| before.get(path) != Some(text)).collect();
            Change { write, delete, checksum }
        };
        edits.iter().map(change).collect()
    }

    /// Makes the edit; returns its paths.
    pub fn apply(&mut self, edit: Edit) -> Result<Value, String> {
        let Some(change) = self.changes(&[edit]).pop() else { return Ok(Value::Null) };
        for path in &change.delete {
            let path = self.directory.join(path);
            std::fs::remove_file(&path).map_err(|error| fault(&path, error))?;
        }
        for (path, text) in &change.write {
            self.write(path, text)?;
        }
        self.edits.push(edit);
        self.write_mark(&self.application())?;
        let written: Vec<&String> = change.write.keys().collect();
        Ok(json!({ "write": written, "delete": change.delete, "checksum": shown(change.checksum) }))
    }

    fn application(&self) -> Application {
        application(&self.options(), &self.edits)
    }

    fn application_with(&self, edit: Edit) -> Application {
        application(&self.options(), &[self.edits.as_slice(), &[edit]].concat())
    }

    fn options(&self) -> Options<'_> {
        Options {
            fingerprint: &self.fingerprint,
            modules: self.modules,
            seed: self.seed,
            average_bytes: self.average_bytes,
        }
    }

    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.directory.join(path);
        std::fs::write(&path, text).map_err(|error| fault(&path, error))
    }

    fn write_mark(&self, application: &Application) -> Result<(), String> {
        let edits: Vec<Value> =
            self.edits.iter().map(|edit| json!({ "kind": edit.kind.word(), "turn": edit.turn })).collect();
        let mut mark = json!({
            "modules": self.modules,
            "seed": self.seed,
            "averageBytes": self.average_bytes,
            "checksum": shown(application.checksum),
            "edits": edits,
        });
        mark["fingerprint"] = serde_json::to_value(&self.fingerprint).map_err(|error| error.to_string())?;
        self.write(MARK, &format!("{mark}\n"))
    }
}

impl Change {
    pub fn json(&self) -> Value {
        json!({ "write": self.write, "delete": self.delete, "checksum": shown(self.checksum) })
    }
}

fn facts(application: &Application) -> Value {
    json!({ "modules": application.modules, "bytes": application.bytes, "checksum": shown(application.checksum) })
}

fn shown(checksum: u32) -> String {
    format!("{checksum:08x}")
}

fn fault(path: &Path, error: std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::Workspace;
    use crate::fingerprint::Fingerprint;
    use crate::generate::{Edit, EditKind, Options};

    #[test]
    fn edits_follow_each_other_on_disk() -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let directory = folder.path().join("app");
        let fingerprint = Fingerprint::parse(include_str!("../../../benches/fingerprints/mixed.json"))?;
        let options = Options { fingerprint: &fingerprint, modules: 100, seed: 5, average_bytes: Some(1_000) };
        Workspace::create(&directory, &options)?;
        for (turn, (_, kind)) in EditKind::ALL.into_iter().enumerate() {
            Workspace::open(&directory)?.apply(Edit { kind, turn: turn as u32 })?;
        }
        let workspace = Workspace::open(&directory)?;
        assert_eq!(workspace.edits.len(), 10);
        for (path, text) in workspace.application().files {
            let on_disk = std::fs::read_to_string(directory.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            assert_eq!(on_disk, text, "{path}");
        }
        assert!(Workspace::create(folder.path(), &options).is_err(), "a stranger's folder");
        Ok(())
    }
}
