//! The inputs of a case as a map from relative path to content, so that one description can be laid out on the disk
//! and on both forms of the memory file system.

use std::collections::BTreeMap;
use std::path::Path;

use crate::case::{Case, Generated, GeneratedKind};
use crate::{Failure, workspace_root};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    File(Vec<u8>),
    Directory,
    /// Relative to the link's own folder.
    Link(String),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) entries: BTreeMap<String, Content>,
}

impl Tree {
    /// The inputs of `case` after `step` overlays.
    pub(crate) fn of(case: &Case, step: usize) -> Result<Self, Failure> {
        let mut tree = Self::default();
        tree.add_folder(&case.folder, "", true)?;
        for generated in &case.file.generate {
            tree.entries.insert(generated.file.clone(), generate(generated)?);
        }
        for (link, target) in &case.file.links {
            let folder = cloudpack_base::path::dirname(link);
            let target = cloudpack_base::path::relative(&format!("/{folder}"), &format!("/{target}"));
            tree.entries.insert(link.clone(), Content::Link(target));
        }
        if case.file.helpers {
            let runtime = workspace_root().join("node_modules/@oxc-project/runtime");
            if !runtime.is_dir() {
                return Err("this case needs @oxc-project/runtime: run `npm install` first".to_owned());
            }
            tree.add_folder(&runtime, HELPERS, false)?;
        }
        for number in 1..=step {
            let mut overlay = Self::default();
            overlay.add_folder(&case.folder.join(format!("step-{number}")), "", false)?;
            for (path, content) in overlay.entries {
                match path.strip_suffix(".deleted") {
                    Some(gone) => {
                        if tree.entries.remove(gone).is_none() {
                            return Err(format!("step-{number}/{path}: there is no {gone} to delete"));
                        }
                    }
                    None => {
                        tree.entries.insert(path, content);
                    }
                }
            }
        }
        Ok(tree)
    }

    /// Bytes of all files. Above a megabyte a case is built on the disk only.
    pub(crate) fn size(&self) -> usize {
        self.entries.values().map(|content| if let Content::File(bytes) = content { bytes.len() } else { 0 }).sum()
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str, is_case: bool) -> Result<(), Failure> {
        let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_case && is_about_the_case(&name) {
                continue;
            }
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            if entry.path().is_dir() {
                self.add_folder(&entry.path(), &path, false)?;
            } else {
                let bytes = std::fs::read(entry.path()).map_err(|error| format!("{path}: {error}"))?;
                self.entries.insert(path, Content::File(bytes));
            }
        }
        Ok(())
    }
}

/// Where the helpers of lowered syntax are laid.
pub(crate) const HELPERS: &str = "node_modules/@oxc-project/runtime";

fn is_about_the_case(name: &str) -> bool {
    matches!(name, "case.json" | "expected.snap" | "expected.txt" | "_test.mjs") || name.starts_with("step-")
}

fn generate(wanted: &Generated) -> Result<Content, Failure> {
    Ok(match wanted.kind {
        GeneratedKind::Directory => Content::Directory,
        GeneratedKind::Base64 => Content::File(decode_base64(&wanted.text)?),
        GeneratedKind::Repeat => {
            let repeated = (wanted.text.len() + wanted.suffix.len()) * wanted.count;
            let mut text = String::with_capacity(wanted.prefix.len() + repeated + wanted.middle.len());
            text.push_str(&wanted.prefix);
            (0..wanted.count).for_each(|_| text.push_str(&wanted.text));
            text.push_str(&wanted.middle);
            (0..wanted.count).for_each(|_| text.push_str(&wanted.suffix));
            Content::File(text.into_bytes())
        }
    })
}

fn decode_base64(text: &str) -> Result<Vec<u8>, Failure> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.bytes().filter(|byte| *byte != b'=') {
        let value = ALPHABET.iter().position(|known| *known == character).ok_or("not base64")?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_every_length_is_decoded() {
        assert_eq!(decode_base64("YQ==").unwrap(), b"a");
        assert_eq!(decode_base64("YWI=").unwrap(), b"ab");
        assert_eq!(decode_base64("AGFzbQEAAAA=").unwrap(), b"\0asm\x01\0\0\0");
        assert!(decode_base64("a-b").is_err());
    }
}
