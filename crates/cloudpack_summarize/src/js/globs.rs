//! `import("./pages/" + name + ".js")` and `require(`./pages/${name}.js`)`: which files such a call may mean can be read
//! from its text. Decides the pattern, `./pages/**/*.js`, and makes of the expression a call of the module that the driver
//! writes for it, which holds one `import()` or `require()` a file:
//!
//! ```js
//! import _glob0 from "?glob-import=./pages/**/*.js";
//! _glob0("./pages/" + name + ".js");
//! ```
//!
//! A wildcard right after a `/` may stand for directories too, any other for a part of one name.

use super::specifiers::import_attributes;
use super::template::{Hole, Template, quoted};
use cloudpack_summary::ModuleFormat;
use oxc_allocator::{Allocator, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, SPAN};

/// Whether some `import(` or `require(` begins with a relative text that something is added to. Cost: a search for words.
pub(super) fn may_apply(source: &str) -> bool {
    ["import", "require"].iter().any(|word| {
        memchr::memmem::find_iter(source.as_bytes(), word).any(|at| {
            let after = source.get(at + word.len()..).unwrap_or_default().trim_start();
            let Some(argument) = after.strip_prefix('(') else { return false };
            let argument = argument.trim_start();
            let Some(quote) = argument.chars().next() else { return false };
            match quote {
                '/' => true,
                '`' => argument.starts_with("`."),
                '"' | '\'' if argument.get(1..).is_some_and(|text| text.starts_with('.')) => {
                    let rest = argument.get(1..).unwrap_or_default();
                    let end = rest.find(quote).and_then(|end| rest.get(end + 1..)).unwrap_or_default();
                    end.trim_start().starts_with(['+', '/'])
                }
                _ => false,
            }
        })
    })
}

/// `true` if something was changed, and then scopes are stale. `scoping` fits `program`. Cost: one walk.
pub(super) fn take_globs<'a>(
    allocator: &'a Allocator,
    program: &mut Program<'a>,
    scoping: &Scoping,
    source: &str,
    format: ModuleFormat,
) -> bool {
    let mut walk = Globs {
        allocator,
        builder: AstBuilder::new(allocator),
        template: Template::new(allocator),
        scoping,
        source,
        is_commonjs: format == ModuleFormat::CommonJs,
        requests: Vec::new(),
        next: 0,
        changed: false,
    };
    walk.visit_program(program);
    let Globs { template, is_commonjs, requests, changed, .. } = walk;
    for (specifier, name) in requests {
        let specifier = quoted(&specifier);
        let text = match is_commonjs {
            true => format!("const {name} = require({specifier});"),
            false => format!("import {name} from {specifier};"),
        };
        for statement in template.statements(&text, Vec::new()) {
            program.body.insert(0, statement);
        }
    }
    changed
}

struct Globs<'a, 's> {
    allocator: &'a Allocator,
    builder: AstBuilder<'a>,
    template: Template<'a>,
    scoping: &'s Scoping,
    source: &'s str,
    is_commonjs: bool,
    /// Specifier and the variable for what it gives.
    requests: Vec<(String, String)>,
    next: u32,
    changed: bool,
}

impl<'a> Globs<'a, '_> {
    /// The argument, if its text says which files are meant.
    fn take(&mut self, kind: &str, argument: &mut Expression<'a>) -> Option<Expression<'a>> {
        let specifier = match specifier_of(argument)? {
            Specifier::Text(text) => {
                // `"./" + "a.js"`, as a define makes it: a request like any other.
                let text = self.allocator.alloc_str(&text);
                *argument = Expression::new_string_literal(argument.span(), text, None, &self.builder);
                self.changed = true;
                return None;
            }
            Specifier::Pattern(pattern) => {
                format!("?glob-{kind}{}={pattern}", if self.is_commonjs { "-cjs" } else { "" })
            }
        };
        self.changed = true;
        let name = match self.requests.iter().find(|(known, _)| *known == specifier) {
            Some((_, name)) => name.clone(),
            None => {
                let name = self.fresh();
                self.requests.push((specifier, name.clone()));
                name
            }
        };
        let argument = argument.take_in(&self.builder);
        Some(self.template.expression(&format!("{name}($hole0)"), vec![Hole::Expression(argument)]))
    }

    fn fresh(&mut self) -> String {
        loop {
            let name = format!("_glob{}", self.next);
            self.next += 1;
            if memchr::memmem::find(self.source.as_bytes(), name.as_bytes()).is_none() {
                return name;
            }
        }
    }

    fn replacement(&mut self, expression: &mut Expression<'a>) -> Option<Expression<'a>> {
        match expression {
            Expression::ImportExpression(import) if import.phase.is_none() => {
                // Files say themselves that they are JSON; another type would be another reading of them.
                let is_plain = import.options.as_ref().is_none_or(|options| {
                    import_attributes(options).is_some_and(|attributes| {
                        attributes.iter().all(|(key, value)| &**key == "type" && &**value == "json")
                    })
                });
                let before = import.span.start as usize..import.source.span().start as usize;
                let comment = self.source.get(before).unwrap_or_default();
                let is_left = comment.contains("@vite-ignore") || comment.contains("webpackIgnore: true");
                if !is_plain || is_left { None } else { self.take("import", &mut import.source) }
            }
            Expression::CallExpression(call) if !call.optional => {
                let Expression::Identifier(callee) = &call.callee else { return None };
                let is_free =
                    callee.reference_id.get().is_some_and(|id| self.scoping.get_reference(id).symbol_id().is_none());
                if callee.name != "require" || !is_free {
                    return None;
                }
                let [argument] = call.arguments.as_mut_slice() else { return None };
                self.take("require", argument.as_expression_mut()?)
            }
            _ => None,
        }
    }
}

impl<'a> VisitMut<'a> for Globs<'a, '_> {
    fn visit_expression(&mut self, expression: &mut Expression<'a>) {
        walk_mut::walk_expression(self, expression);
        let span = expression.span();
        if let Some(mut made) = self.replacement(expression) {
            if let Expression::CallExpression(call) = &mut made {
                call.span = if span.is_unspanned() { SPAN } else { span };
            }
            *expression = made;
        }
    }
}

enum Specifier {
    Text(String),
    Pattern(String),
}

/// `None`: an ordinary specifier, or one of which the text says too little.
fn specifier_of(expression: &Expression<'_>) -> Option<Specifier> {
    if matches!(expression, Expression::StringLiteral(_)) {
        return None;
    }
    let mut parts = Vec::new();
    collect_parts(expression, &mut parts)?;
    let mut pattern = String::new();
    let mut is_text = true;
    for part in &parts {
        match part {
            // What these mean in a specifier or in a pattern is another matter.
            Some(text) if text.contains(['*', '?', '#', '\\', '\0']) => return None,
            Some(text) => pattern.push_str(text),
            None if pattern.ends_with('*') => {}
            None => {
                is_text = false;
                pattern.push_str(if pattern.ends_with('/') { "**/*" } else { "*" });
            }
        }
    }
    if is_text {
        // A template without holes is one already.
        return matches!(expression, Expression::BinaryExpression(_)).then_some(Specifier::Text(pattern));
    }
    (pattern.starts_with("./") || pattern.starts_with("../")).then_some(Specifier::Pattern(pattern))
}

/// Pieces of a text that is put together; `None` is one that only a run can tell. Of `a + b` the left side must be text,
/// else it may be a sum.
fn collect_parts<'e>(expression: &'e Expression<'_>, parts: &mut Vec<Option<&'e str>>) -> Option<()> {
    match expression {
        Expression::StringLiteral(text) if !text.lone_surrogates => parts.push(Some(text.value.as_str())),
        Expression::TemplateLiteral(template) => {
            for (index, quasi) in template.quasis.iter().enumerate() {
                if index > 0 {
                    collect_part(template.expressions.get(index - 1)?, parts);
                }
                let text = quasi.value.cooked?;
                if !text.is_empty() {
                    parts.push(Some(text.as_str()));
                }
            }
        }
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            collect_parts(&sum.left, parts)?;
            collect_part(&sum.right, parts);
        }
        _ => return None,
    }
    Some(())
}

/// Something that is added to a text.
fn collect_part<'e>(expression: &'e Expression<'_>, parts: &mut Vec<Option<&'e str>>) {
    let before = parts.len();
    if collect_parts(expression, parts).is_none() {
        parts.truncate(before);
        parts.push(None);
    }
}
