//! How the code of one chunk reaches a symbol, wherever it is declared: by its name, or as a property of a variable
//! (another chunk's exports in cjs). And the text of bindings and constants.

use crate::exports::{ChunkAliases, EntryExports};
use crate::file_names::FileNames;
use crate::helpers::Helper;
use crate::input::{Format, LinkInput};
use crate::names::{ChunkNames, Names};
use crate::quote;
use crate::survey::Survey;
use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_plan::Binding;
use cloudpack_summary::ConstantValue;

/// One chunk's view of all symbols. Copies nothing; made where it is needed.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'x, 'a> {
    pub(crate) input: &'x LinkInput<'a>,
    pub(crate) survey: &'x Survey<'a>,
    pub(crate) names: &'x Names<'a>,
    pub(crate) own: &'x ChunkNames<'a>,
    pub(crate) entries: &'x IndexVec<ChunkIdx, EntryExports<'a>>,
    pub(crate) aliases: &'x IndexVec<ChunkIdx, ChunkAliases<'a>>,
    pub(crate) files: &'x FileNames,
    pub(crate) chunk: ChunkIdx,
    pub(crate) format: Format,
    pub(crate) minify: bool,
}

/// What kind of expression a mention has become; its neighbours decide whether it needs parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    Name,
    /// `a.b`, `a["b c"]`
    Member,
    /// `null`, `true`, `NaN`: fits wherever a name does.
    Word,
    /// `1`, `.5`: a dot after it would be a decimal point.
    Number,
    /// `"..."`: as a statement of its own it might be taken for a directive.
    Text,
    /// `-1`, `!0`, `void 0`: binds weaker than a call.
    Unary,
}

impl<'x, 'a> Scope<'x, 'a> {
    pub(crate) fn new(
        input: &'x LinkInput<'a>,
        survey: &'x Survey<'a>,
        names: &'x Names<'a>,
        entries: &'x IndexVec<ChunkIdx, EntryExports<'a>>,
        aliases: &'x IndexVec<ChunkIdx, ChunkAliases<'a>>,
        files: &'x FileNames,
        chunk: ChunkIdx,
    ) -> Self {
        let format = input.options.format;
        let minify = input.options.minify;
        Self { input, survey, names, own: &names.chunks[chunk], entries, aliases, files, chunk, format, minify }
    }

    pub(crate) fn push_helper(&self, out: &mut String, helper: Helper) {
        self.own.helper(helper).push_to(out);
    }

    pub(crate) fn push_symbol(&self, out: &mut String, symbol: SymbolRef) -> Expression {
        let module = symbol.module;
        let home = self.input.plan.modules[module].chunk;
        if home == Some(self.chunk) {
            self.names.declared(symbol).push_to(out);
            return Expression::Name;
        }
        if let Some(name) = self.own.imported.get(&symbol) {
            name.push_to(out);
            return Expression::Name;
        }
        if let Some(home) = home
            && let Some(variable) = self.own.required.get(&home)
        {
            variable.push_to(out);
            self.push_alias_member(out, home, symbol);
            return Expression::Member;
        }
        debug_assert!(false, "the plan does not import {symbol:?} into {:?}", self.chunk);
        self.names.declared(symbol).push_to(out);
        Expression::Name
    }

    /// `.alias` of a symbol among the exports of `chunk`.
    pub(crate) fn push_alias_member(&self, out: &mut String, chunk: ChunkIdx, symbol: SymbolRef) {
        match self.aliases[chunk].of.get(&symbol) {
            Some(alias) => quote::push_member(out, &alias.to_string()),
            None => {
                debug_assert!(false, "{chunk:?} does not export {symbol:?}");
                quote::push_member(out, &self.names.declared(symbol).to_string());
            }
        }
    }

    pub(crate) fn push_binding(&self, out: &mut String, binding: &Binding) -> Expression {
        match binding {
            Binding::Symbol(symbol) => self.push_symbol(out, *symbol),
            Binding::Property { object, property } => {
                self.push_symbol(out, *object);
                quote::push_member(out, property);
                Expression::Member
            }
            Binding::Constant(value) => push_constant(out, value, self.minify),
            Binding::Undefined => push_constant(out, &ConstantValue::Undefined, self.minify),
        }
    }

    /// A binding where any expression fits, except that a comma or a lower operator would not: arrow bodies, arguments.
    pub(crate) fn binding(&self, binding: &Binding) -> String {
        let mut out = String::new();
        self.push_binding(&mut out, binding);
        out
    }

    /// The text of `module`'s symbol.
    pub(crate) fn symbol(&self, module: ModuleIdx, symbol: SymbolIdx) -> String {
        let mut out = String::new();
        self.push_symbol(&mut out, SymbolRef::new(module, symbol));
        out
    }
}

pub(crate) fn push_constant(out: &mut String, value: &ConstantValue, minify: bool) -> Expression {
    match value {
        ConstantValue::Undefined => {
            out.push_str("void 0");
            Expression::Unary
        }
        ConstantValue::Null => {
            out.push_str("null");
            Expression::Word
        }
        ConstantValue::Boolean(value) if minify => {
            out.push_str(if *value { "!0" } else { "!1" });
            Expression::Unary
        }
        ConstantValue::Boolean(value) => {
            out.push_str(if *value { "true" } else { "false" });
            Expression::Word
        }
        ConstantValue::Number(number) if number.is_nan() => {
            out.push_str("NaN");
            Expression::Word
        }
        ConstantValue::Number(number) => {
            let negative = number.is_sign_negative();
            if negative {
                out.push('-');
            }
            if number.is_infinite() {
                out.push_str("Infinity");
            } else {
                quote::push_number(out, number.abs(), minify);
            }
            match (negative, number.is_infinite()) {
                (true, _) => Expression::Unary,
                (false, true) => Expression::Word,
                (false, false) => Expression::Number,
            }
        }
        ConstantValue::String(text) => {
            quote::push_string(out, text);
            Expression::Text
        }
    }
}

/// Whether an expression put between `before` and `after` must be parenthesised to stay one.
pub(crate) fn needs_parentheses(expression: Expression, before: &str, after: &str) -> bool {
    let last = before.trim_end_matches([' ', '\t', '\n']).bytes().next_back();
    let after = after.trim_start_matches([' ', '\t', '\n']);
    let next = after.bytes().next();
    match expression {
        Expression::Name | Expression::Member | Expression::Word => false,
        Expression::Number => next == Some(b'.'),
        Expression::Text => matches!(last, None | Some(b';' | b'{' | b'}')),
        Expression::Unary => {
            let left_ok = matches!(last, Some(b'(' | b',' | b'=' | b':' | b'[' | b'?' | b'&' | b'|' | b'>'))
                || before.ends_with("return ");
            let right_ok = match next {
                Some(b')' | b',' | b';' | b']' | b'}' | b':' | b'&' | b'|' | b'=' | b'!') => true,
                Some(b'?') => !after.starts_with("?."),
                _ => false,
            };
            !(left_ok && right_ok)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(value: ConstantValue, minify: bool) -> (String, Expression) {
        let mut out = String::new();
        let expression = push_constant(&mut out, &value, minify);
        (out, expression)
    }

    #[test]
    fn constants_keep_their_value_and_say_what_they_are() {
        assert_eq!(constant(ConstantValue::Number(-0.0), false), ("-0".into(), Expression::Unary));
        assert_eq!(constant(ConstantValue::Number(f64::NAN), false), ("NaN".into(), Expression::Word));
        assert_eq!(constant(ConstantValue::Number(f64::NEG_INFINITY), false), ("-Infinity".into(), Expression::Unary));
        assert_eq!(constant(ConstantValue::Boolean(true), true), ("!0".into(), Expression::Unary));
        assert_eq!(constant(ConstantValue::Boolean(true), false), ("true".into(), Expression::Word));
    }

    #[test]
    fn operators_and_members_around_a_constant_ask_for_parentheses() {
        let unary = |before, after| needs_parentheses(Expression::Unary, before, after);
        assert!(unary("a-", ";"), "a--1");
        assert!(unary("x(", " ** 2)"));
        assert!(unary("x(", "?.y)"));
        assert!(unary("class A extends ", "{"));
        assert!(!unary("return ", ";"));
        assert!(!unary("f(a,", ")"));
        assert!(!unary("if (", " && b)"));
        assert!(needs_parentheses(Expression::Number, "x=", ".toFixed()"));
        assert!(needs_parentheses(Expression::Text, "a;", ";"), "not a directive");
        assert!(!needs_parentheses(Expression::Text, "a=", ".length"));
    }
}
