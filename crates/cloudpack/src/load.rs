//! Reading a module's bytes, and text from bytes. What cannot be read or is not text is said, with what to do about it.

use crate::options::ModuleType;
use cloudpack_base::Diagnostic;
use cloudpack_fs::{FileSystem, FsError};
use std::sync::Arc;

pub(crate) enum Content {
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
}

/// Whether the module type is about bytes, not text.
pub(crate) fn is_binary(module_type: ModuleType) -> bool {
    matches!(
        module_type,
        ModuleType::Asset | ModuleType::Dataurl | ModuleType::File | ModuleType::Binary | ModuleType::Base64
    )
}

pub(crate) fn read(
    fs: &dyn FileSystem,
    id: &str,
    path: &str,
    module_type: ModuleType,
) -> Result<Content, Box<Diagnostic>> {
    if module_type == ModuleType::Empty {
        return Ok(Content::Text(Arc::from("")));
    }
    let bytes = fs.read(path).map_err(|error| Box::new(unreadable(id, path, &error)))?;
    if is_binary(module_type) {
        return Ok(Content::Bytes(bytes.into()));
    }
    text_of(bytes, id).map(Content::Text)
}

/// UTF-8 without its byte order mark.
fn text_of(bytes: Vec<u8>, id: &str) -> Result<Arc<str>, Box<Diagnostic>> {
    if bytes.len() >= u32::MAX as usize / 2 {
        let message = format!("The file has {} bytes; a source may have 2 GB at most", bytes.len());
        return Err(Box::new(Diagnostic::error("SOURCE_TOO_LARGE", message).with_id(id)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix('\u{FEFF}') {
            Some(rest) => Arc::from(rest),
            None => Arc::from(text),
        }),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
            let hint = match bytes.get(..2) {
                Some([0xFF, 0xFE] | [0xFE, 0xFF]) => "The file is UTF-16; save it as UTF-8",
                _ => "Save it as UTF-8; for a binary file import its URL (?url), or set moduleTypes for its extension",
            };
            let message =
                format!("The file is not UTF-8: the byte at offset {at}, on line {line}, starts no character");
            let mut diagnostic = Diagnostic::error("NOT_UTF8", message).with_id(id).with_hint(hint);
            diagnostic.loc = Some(cloudpack_base::Location { file: id.to_owned(), line: line as u32, column: 0 });
            Err(Box::new(diagnostic))
        }
    }
}

fn unreadable(id: &str, path: &str, error: &FsError) -> Diagnostic {
    // An id of a plugin that is no path: `virtual:words`.
    let path = if path.is_empty() { id } else { path };
    let (message, hint) = match error {
        FsError::NotFound { .. } => (format!("Could not load {path}: the file does not exist"), None),
        FsError::PermissionDenied { .. } => {
            (format!("Could not load {path}: no permission to read it"), Some("Check the owner and mode of the file"))
        }
        FsError::IsDirectory { .. } => {
            (format!("Could not load {path}: it is a directory"), Some("Import a file in it, or add an index file"))
        }
        FsError::Other { reason, .. } => (format!("Could not load {path}: {reason}"), None),
    };
    let diagnostic = Diagnostic::error("LOAD_FAILED", message).with_id(id);
    match hint {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}
