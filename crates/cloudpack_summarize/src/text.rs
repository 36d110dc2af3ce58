//! A file's text as a string (`?raw`, module type `text`): an ES module whose default export is the literal.

use crate::value_module::{ValueModule, push_string_literal};
use cloudpack_base::Diagnostic;
use cloudpack_object::ModuleObject;
use cloudpack_summary::{ModuleFlags, ModuleFormat, ModuleSummary};

/// A byte order mark is left out. Cost: linear in `source`.
pub fn summarize_text(id: &str, source: &str, minify: bool) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let flags = ModuleFlags::default().with(ModuleFlags::SIDE_EFFECT_FREE).with(ModuleFlags::ES_SYNTAX);
    let mut module = ValueModule::new(id, ModuleFormat::EsModule, flags, minify);
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    module.declare_default(|out| push_string_literal(out.buffer(), text));
    let (summary, object) = module.finish();
    (summary, object, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value_module::{check_tables, plain_javascript};

    #[test]
    fn text_becomes_a_default_export() {
        let (summary, object, _) = summarize_text("/app/a.txt?raw", "\u{feff}a\n\"b\"\0${c}", true);
        check_tables(&summary, &object);
        assert_eq!(plain_javascript(&summary, &object), "var a_default=\"a\\n\\\"b\\\"\\x00${c}\";");
        assert_eq!(&*summary.local_exports[0].exported, "default");
        assert!(summary.flags.contains(ModuleFlags::SIDE_EFFECT_FREE));
    }
}
