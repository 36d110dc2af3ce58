//! Two places of `...rest` in an object pattern that the transformer gets wrong, in a form that it gets right:
//!
//! - `for (var { a, ...rest } of list) body` leaves `rest` undeclared: the pattern goes into the body,
//!   `for (var _item of list) { var { a, ...rest } = _item; body }`;
//! - `var { x: z, ...rest } = z` reads `z` twice, and the second time it is another: it becomes `= (0, z)`, which is put into
//!   a variable first.

use super::template::{Hole, Template};
use oxc_allocator::{Allocator, ArenaVec, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_span::{GetSpan, SPAN};

pub(super) fn may_apply(source: &str) -> bool {
    memchr::memmem::find(source.as_bytes(), b"...").is_some()
}

/// `true` if something was changed, and then scopes are stale. Cost: one walk.
pub(super) fn prepare_rest_patterns<'a>(allocator: &'a Allocator, program: &mut Program<'a>, source: &str) -> bool {
    let mut walk = RestPatterns {
        builder: AstBuilder::new(allocator),
        template: Template::new(allocator),
        source,
        next: 0,
        changed: false,
    };
    walk.visit_program(program);
    walk.changed
}

struct RestPatterns<'a, 's> {
    builder: AstBuilder<'a>,
    template: Template<'a>,
    source: &'s str,
    next: u32,
    changed: bool,
}

impl<'a> RestPatterns<'a, '_> {
    fn fresh(&mut self) -> String {
        loop {
            let name = format!("_item{}", self.next);
            self.next += 1;
            if memchr::memmem::find(self.source.as_bytes(), name.as_bytes()).is_none() {
                return name;
            }
        }
    }

    fn loop_head(&mut self, left: &mut ForStatementLeft<'a>, body: &mut Statement<'a>) {
        let ForStatementLeft::VariableDeclaration(declaration) = left else { return };
        let is_var = declaration.kind == VariableDeclarationKind::Var;
        let [declarator] = declaration.declarations.as_mut_slice() else { return };
        if !is_var || !has_object_rest(&declarator.id) {
            return;
        }
        let name = self.fresh();
        let mut head = self.template.statements(&format!("for (var {name} in 0);"), Vec::new());
        let Some(Statement::ForInStatement(made)) = head.first_mut() else { return };
        declarator.init = Some(self.template.expression(&name, Vec::new()));
        std::mem::swap(left, &mut made.left);
        let ForStatementLeft::VariableDeclaration(declaration) = &mut made.left else { return };
        let mut statements = ArenaVec::new_in(&self.builder);
        statements.push(Statement::VariableDeclaration(declaration.take_in_box(&self.builder)));
        statements.push(body.take_in(&self.builder));
        *body = Statement::new_block_statement(SPAN, statements, &self.builder);
        self.changed = true;
    }
}

impl<'a> VisitMut<'a> for RestPatterns<'a, '_> {
    fn visit_for_in_statement(&mut self, statement: &mut ForInStatement<'a>) {
        self.loop_head(&mut statement.left, &mut statement.body);
        walk_mut::walk_for_in_statement(self, statement);
    }

    fn visit_for_of_statement(&mut self, statement: &mut ForOfStatement<'a>) {
        self.loop_head(&mut statement.left, &mut statement.body);
        walk_mut::walk_for_of_statement(self, statement);
    }

    fn visit_variable_declarator(&mut self, declarator: &mut VariableDeclarator<'a>) {
        walk_mut::walk_variable_declarator(self, declarator);
        let Some(init @ Expression::Identifier(_)) = &mut declarator.init else { return };
        let Expression::Identifier(identifier) = &*init else { return };
        let span = declarator.id.span();
        let pattern = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        if has_object_rest(&declarator.id) && pattern.contains(identifier.name.as_str()) {
            let read = init.take_in(&self.builder);
            *init = self.template.expression("(0, $hole0)", vec![Hole::Expression(read)]);
            self.changed = true;
        }
    }
}

fn has_object_rest(pattern: &BindingPattern<'_>) -> bool {
    match pattern {
        BindingPattern::ObjectPattern(object) => {
            object.rest.is_some() || object.properties.iter().any(|property| has_object_rest(&property.value))
        }
        BindingPattern::ArrayPattern(array) => array.elements.iter().flatten().any(has_object_rest),
        BindingPattern::AssignmentPattern(with_default) => has_object_rest(&with_default.left),
        BindingPattern::BindingIdentifier(_) => false,
    }
}
