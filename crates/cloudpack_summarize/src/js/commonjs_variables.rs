//! `var exports` and `var module` at the top of a CommonJS module declare nothing new: they are the parameters of the
//! function that Node puts around it. Decides which declarations to drop, so that the names are free and mean what the
//! linker hands in:
//!
//! ```js
//! if (typeof exports === "undefined") var exports = {};   // -> exports = {};
//! exports.a = 1;
//! ```

use super::template::{Hole, Template};
use oxc_allocator::{Allocator, ArenaBox, ArenaVec};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_semantic::Scoping;
use oxc_span::SPAN;
use oxc_syntax::scope::ScopeFlags;

/// Cost: two look-ups in the table of the root scope.
pub(super) fn may_apply(scoping: &Scoping) -> bool {
    ["exports", "module"].into_iter().any(|name| {
        scoping.get_root_binding(name.into()).is_some_and(|symbol| {
            let flags = scoping.symbol_flags(symbol);
            flags.is_function_scoped_declaration() && !flags.is_function()
        })
    })
}

/// Scopes are stale afterwards. Cost: one walk, outside of functions.
pub(super) fn drop_declarations<'a>(allocator: &'a Allocator, program: &mut Program<'a>) {
    let mut walk = Variables { builder: AstBuilder::new(allocator), template: Template::new(allocator) };
    walk.visit_program(program);
}

struct Variables<'a> {
    builder: AstBuilder<'a>,
    template: Template<'a>,
}

impl<'a> Variables<'a> {
    /// The statements in place of a declaration, if it declares one of the names.
    fn split(&self, statement: &mut Statement<'a>) -> Option<ArenaVec<'a, Statement<'a>>> {
        let Statement::VariableDeclaration(declaration) = statement else { return None };
        if declaration.kind != VariableDeclarationKind::Var || !declaration.declarations.iter().any(is_parameter) {
            return None;
        }
        let span = declaration.span;
        let mut statements = ArenaVec::new_in(&self.builder);
        for mut declarator in declaration.declarations.drain(..) {
            if !is_parameter(&declarator) {
                let list = ArenaVec::from_iter_in([declarator], &self.builder);
                let kind = VariableDeclarationKind::Var;
                let made = VariableDeclaration::new(span, kind, list, false, &self.builder);
                statements.push(Statement::VariableDeclaration(ArenaBox::new_in(made, &self.builder)));
            } else if let Some(init) = declarator.init.take()
                && let BindingPattern::BindingIdentifier(id) = &declarator.id
            {
                let text = format!("{} = $hole0;", id.name);
                statements.extend(self.template.statements(&text, vec![Hole::Expression(init)]));
            }
        }
        Some(statements)
    }
}

fn is_parameter(declarator: &VariableDeclarator<'_>) -> bool {
    matches!(&declarator.id, BindingPattern::BindingIdentifier(id) if id.name == "exports" || id.name == "module")
}

impl<'a> VisitMut<'a> for Variables<'a> {
    fn visit_statements(&mut self, statements: &mut ArenaVec<'a, Statement<'a>>) {
        let mut all = ArenaVec::new_in(&self.builder);
        for mut statement in statements.drain(..) {
            match self.split(&mut statement) {
                Some(instead) => all.extend(instead),
                None => {
                    walk_mut::walk_statement(self, &mut statement);
                    all.push(statement);
                }
            }
        }
        *statements = all;
    }

    /// The body of an `if` or a loop; lists of statements do not come here.
    fn visit_statement(&mut self, statement: &mut Statement<'a>) {
        match self.split(statement) {
            Some(instead) => *statement = Statement::new_block_statement(SPAN, instead, &self.builder),
            None => walk_mut::walk_statement(self, statement),
        }
    }

    fn visit_expression(&mut self, _: &mut Expression<'a>) {}
    fn visit_function(&mut self, _: &mut Function<'a>, _: ScopeFlags) {}
    fn visit_class(&mut self, _: &mut Class<'a>) {}
}
