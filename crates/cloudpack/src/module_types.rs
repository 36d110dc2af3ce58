//! What a module is read as: by its query, by the user's table, by its extension.

use crate::options::ModuleType;
use cloudpack_base::path;
use cloudpack_summary::RequestKind;

/// One parameter of a query: `?raw`, `?a&raw`, `?raw=1`.
pub(crate) fn has_parameter(query: &str, name: &str) -> bool {
    query.trim_start_matches('?').split('&').any(|part| part.split('=').next() == Some(name))
}

/// `None` for an extension that nobody knows; the caller reports it.
pub(crate) fn module_type_of(id: &str, table: &[(String, ModuleType)]) -> Option<ModuleType> {
    let (file, query) = path::split_query(id);
    let by_name = by_file_name(file, table);
    if query.is_empty() {
        return by_name;
    }
    if has_parameter(query, "html-proxy") {
        // `?html-proxy&index=0.css` is a `<style>` that imports, or a `<link media>`.
        return Some(if query.ends_with(".css") { ModuleType::Css } else { ModuleType::Js });
    }
    if crate::globs::QUERIES.iter().any(|name| has_parameter(query, name)) {
        return Some(ModuleType::Js);
    }
    if has_parameter(query, "raw") {
        return Some(ModuleType::Text);
    }
    if has_parameter(query, "no-inline") {
        return Some(ModuleType::File);
    }
    if has_parameter(query, "url") {
        return Some(if has_parameter(query, "inline") { ModuleType::Dataurl } else { ModuleType::Asset });
    }
    if has_parameter(query, "inline") && !matches!(by_name, Some(ModuleType::Css | ModuleType::CssModule)) {
        return Some(ModuleType::Dataurl);
    }
    by_name
}

fn by_file_name(file: &str, table: &[(String, ModuleType)]) -> Option<ModuleType> {
    let name = path::basename(file);
    // The longest of the user's extensions wins: `.module.svg` before `.svg`.
    let chosen = table
        .iter()
        .filter(|(extension, _)| name.len() > extension.len() && name.ends_with(extension.as_str()))
        .max_by_key(|(extension, _)| extension.len());
    if let Some((_, module_type)) = chosen {
        return Some(*module_type);
    }
    if file.starts_with('\0') && path::extension(file).is_none() {
        return Some(ModuleType::Js);
    }
    let Some(extension) = path::extension(file) else {
        // `bin/tool` and virtual names: JavaScript, as in Node.
        return Some(ModuleType::Js);
    };
    Some(match extension.to_ascii_lowercase().as_str() {
        "js" | "mjs" | "cjs" => ModuleType::Js,
        "jsx" => ModuleType::Jsx,
        "ts" | "mts" | "cts" => ModuleType::Ts,
        "tsx" => ModuleType::Tsx,
        "json" => ModuleType::Json,
        "css" if name.len() > ".module.css".len() && name.to_ascii_lowercase().ends_with(".module.css") => {
            ModuleType::CssModule
        }
        "css" => ModuleType::Css,
        "html" | "htm" => ModuleType::Html,
        "apng" | "bmp" | "png" | "jpg" | "jpeg" | "jfif" | "pjpeg" | "pjp" | "gif" | "svg" | "ico" | "webp"
        | "avif" | "cur" | "jxl" | "mp4" | "webm" | "ogg" | "mp3" | "wav" | "flac" | "aac" | "opus" | "mov" | "m4a"
        | "vtt" | "woff" | "woff2" | "eot" | "ttf" | "otf" | "webmanifest" | "pdf" | "txt" | "wasm" => {
            ModuleType::Asset
        }
        _ => return None,
    })
}

/// What a request wants of its target, ahead of what the target's name says: `url()` of a `.js` file is that file.
pub(crate) fn wants_file(kind: RequestKind) -> bool {
    matches!(kind, RequestKind::NewUrl | RequestKind::CssUrl | RequestKind::HtmlAsset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_then_table_then_extension_decide() {
        let table = [(".svg".to_owned(), ModuleType::Text), (".shader.svg".to_owned(), ModuleType::Json)];
        assert_eq!(module_type_of("/a.css?raw", &table), Some(ModuleType::Text));
        assert_eq!(module_type_of("/a.css?inline", &table), Some(ModuleType::Css));
        assert_eq!(module_type_of("/a.png?inline", &table), Some(ModuleType::Dataurl));
        assert_eq!(module_type_of("/a.svg", &table), Some(ModuleType::Text));
        assert_eq!(module_type_of("/a.shader.svg", &table), Some(ModuleType::Json));
        assert_eq!(module_type_of("/a.module.css", &[]), Some(ModuleType::CssModule));
        assert_eq!(module_type_of("/a.vue", &[]), None);
        assert_eq!(module_type_of("\0virtual:x", &[]), Some(ModuleType::Js));
    }
}
