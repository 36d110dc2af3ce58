//! URLs of emitted files and of the code itself, in the form that each output format has for them.

use crate::address::Scope;
use crate::input::Format;
use crate::quote;
use cloudpack_base::path;

/// The way from one file of the output to another, as an import specifier: `./b.js`, `../c.js`.
pub(crate) fn relative_specifier(from_file: &str, to_file: &str) -> String {
    let way = path::relative(path::dirname(from_file), to_file);
    match way.as_str() {
        "" => ".".to_owned(),
        ".." => way,
        _ if way.starts_with("../") => way,
        _ => format!("./{way}"),
    }
}

/// A name for a file in `dir`, one part whatever directories lie on the way from `place`: nobody takes `..` out of it.
pub(crate) fn name_outside(dir: &str, place: &str, file: &str) -> String {
    let mut out = format!("{dir}/external/");
    for byte in path::relative(place, file).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Characters that end or change the meaning of a URL's path are escaped; the rest stays readable.
pub(crate) fn encode_path(file: &str) -> String {
    let mut out = String::with_capacity(file.len());
    for character in file.chars() {
        match character {
            ' ' => out.push_str("%20"),
            '"' => out.push_str("%22"),
            '#' => out.push_str("%23"),
            '%' => out.push_str("%25"),
            '?' => out.push_str("%3F"),
            '\\' => out.push_str("%5C"),
            other => out.push(other),
        }
    }
    out
}

const URL_OF_CJS: &str = "require(\"node:url\").pathToFileURL(__filename).href";

impl Scope<'_, '_> {
    /// The format that code of modules runs in: another one where an engine makes the files.
    pub(crate) fn meta_format(&self) -> Format {
        self.input.options.for_engine.as_ref().map_or(self.format, |engine| engine.format)
    }

    fn own_file(&self) -> &str {
        &self.files.preliminary[self.chunk]
    }

    pub(crate) fn specifier_of_chunk(&self, chunk: cloudpack_base::ChunkIdx) -> String {
        let mapped = self.files.mapped.get(chunk).and_then(Option::as_ref);
        relative_specifier(self.own_file(), mapped.unwrap_or(&self.files.preliminary[chunk]))
    }

    /// The URL of the running file: `import.meta.url`, or the variable that stands for it.
    pub(crate) fn push_own_url(&self, out: &mut String) {
        if let Some(engine) = self.input.options.for_engine.as_ref().filter(|engine| engine.format != Format::Es) {
            out.push_str(if engine.format == Format::Cjs { URL_OF_CJS } else { &engine.script_url });
            return;
        }
        match (self.format, self.own.url) {
            (Format::Es, _) | (_, None) => out.push_str("import.meta.url"),
            (_, Some(name)) => name.push_to(out),
        }
    }

    /// `new URL("...", import.meta.url)` for an emitted file.
    pub(crate) fn push_url_object(&self, out: &mut String, file: &str) {
        let text = match self.input.options.url_base() {
            Some(base) => base + &encode_path(file),
            None => {
                let way = encode_path(&path::relative(path::dirname(self.own_file()), file));
                // `a:b.png` would be a URL with the scheme `a`.
                if way.split('/').next().is_some_and(|first| first.contains(':')) { format!("./{way}") } else { way }
            }
        };
        self.push_new_url(out, &text);
    }

    pub(crate) fn push_new_url(&self, out: &mut String, text: &str) {
        out.push_str("new URL(");
        quote::push_string(out, text);
        out.push_str(if self.minify { "," } else { ", " });
        self.push_own_url(out);
        out.push(')');
    }

    /// The same as a string: a literal where the place of the files is known.
    pub(crate) fn push_url_string(&self, out: &mut String, file: &str) {
        match self.input.options.url_base() {
            Some(base) => quote::push_string(out, &(base + &encode_path(file))),
            None => {
                self.push_url_object(out, file);
                out.push_str(".href");
            }
        }
    }

    /// The definition of the variable behind `push_own_url`.
    ///
    /// For a classic script the document knows the URL, but `document.currentScript` may be an element that an
    /// attacker named so (`<img name="currentScript">`): only a `SCRIPT` is believed.
    pub(crate) fn own_url_definition(&self) -> Option<String> {
        let name = self.own.url?;
        let end = if self.minify { ";" } else { ";\n" };
        Some(match self.format {
            Format::Es => return None,
            Format::Cjs => format!("var {name}={URL_OF_CJS}{end}"),
            Format::Iife => format!(
                "var {name}=typeof document==\"object\"&&document.currentScript,{name}={name}&&{name}.tagName==\"SCRIPT\"&&{name}.src||(typeof location==\"object\"?location.href:typeof require==\"function\"?require(\"node:url\").pathToFileURL(__filename).href:\"\"){end}"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_between_files_are_relative() {
        assert_eq!(relative_specifier("index.js", "assets/a.js"), "./assets/a.js");
        assert_eq!(relative_specifier("assets/a.js", "index.js"), "../index.js");
        assert_eq!(encode_path("a b#c?.png"), "a%20b%23c%3F.png");
    }
}
