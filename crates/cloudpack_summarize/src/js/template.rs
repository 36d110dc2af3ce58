//! Syntax trees from text with holes, for passes that make more than a node or two: `($hole0); let x = $hole1;` and the
//! trees that belong there. What the text makes has no place in the source; what fills a hole keeps its own.

use oxc_allocator::{Allocator, ArenaBox, ArenaVec, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_parser::Parser;
use oxc_span::{SPAN, SourceType, Span};

pub(super) struct Template<'a> {
    allocator: &'a Allocator,
    builder: AstBuilder<'a>,
}

/// What stands in place of something in the text.
pub(super) enum Hole<'a> {
    /// Of `$hole<N>`, an identifier, where `N` counts all holes.
    Expression(Expression<'a>),
    /// The key of the members called `$hole<N>`.
    Key(PropertyKey<'a>, bool),
    /// The function of the method with this name.
    Method(String, ArenaBox<'a, Function<'a>>),
}

/// A JavaScript string literal.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'a> Template<'a> {
    pub(super) fn new(allocator: &'a Allocator) -> Self {
        Self { allocator, builder: AstBuilder::new(allocator) }
    }

    pub(super) fn statements(&self, text: &str, holes: Vec<Hole<'a>>) -> ArenaVec<'a, Statement<'a>> {
        let text = self.allocator.alloc_str(text);
        let mut program = Parser::new(self.allocator, text, SourceType::mjs()).parse().program;
        let mut fill = Fill { builder: &self.builder, holes: holes.into_iter().map(Some).collect() };
        fill.visit_program(&mut program);
        let mut body = ArenaVec::new_in(&self.builder);
        std::mem::swap(&mut body, &mut program.body);
        body
    }

    pub(super) fn expression(&self, text: &str, holes: Vec<Hole<'a>>) -> Expression<'a> {
        match self.statements(&format!("({text})"), holes).drain(..).next() {
            Some(Statement::ExpressionStatement(mut statement)) => {
                unparenthesized(statement.expression.take_in(&self.builder))
            }
            _ => Expression::new_void_0(SPAN, &self.builder),
        }
    }

    /// `(() => { BODY })()` with `first` at the head of the body.
    pub(super) fn expression_after(
        &self,
        text: &str,
        first: ArenaVec<'a, Statement<'a>>,
        holes: Vec<Hole<'a>>,
    ) -> Expression<'a> {
        let mut whole = self.expression(text, holes);
        if let Expression::CallExpression(call) = &mut whole
            && let Expression::ArrowFunctionExpression(arrow) = &mut call.callee
            && let ArrowFunctionBody::FunctionBody(inside) = &mut arrow.body
        {
            let mut body = first;
            body.extend(inside.statements.drain(..));
            inside.statements = body;
        }
        whole
    }

    pub(super) fn elements(&self, text: &str, holes: Vec<Hole<'a>>) -> ArenaVec<'a, ClassElement<'a>> {
        let mut elements = ArenaVec::new_in(&self.builder);
        if let Expression::ClassExpression(class) = &mut self.expression(&format!("class {{ {text} }}"), holes) {
            std::mem::swap(&mut elements, &mut class.body.body);
        }
        elements
    }
}

fn unparenthesized(expression: Expression<'_>) -> Expression<'_> {
    match expression {
        Expression::ParenthesizedExpression(inner) => unparenthesized(inner.unbox().expression),
        other => other,
    }
}

struct Fill<'a, 'b> {
    builder: &'b AstBuilder<'a>,
    holes: Vec<Option<Hole<'a>>>,
}

impl<'a> Fill<'a, '_> {
    fn number(name: &str) -> Option<usize> {
        name.strip_prefix("$hole")?.parse().ok()
    }

    fn key(&mut self, key: &mut PropertyKey<'a>, computed: &mut bool) {
        let PropertyKey::StaticIdentifier(name) = key else { return };
        let Some(slot) = Self::number(name.name.as_str()).and_then(|number| self.holes.get_mut(number)) else { return };
        if let Some(Hole::Key(given, is_computed)) = slot.take() {
            *key = given;
            *computed = is_computed;
        }
    }
}

impl<'a> VisitMut<'a> for Fill<'a, '_> {
    fn visit_span(&mut self, span: &mut Span) {
        *span = SPAN;
    }

    fn visit_expression(&mut self, expression: &mut Expression<'a>) {
        if let Expression::ParenthesizedExpression(inner) = expression {
            *expression = inner.expression.take_in(self.builder);
            return self.visit_expression(expression);
        }
        if let Expression::Identifier(identifier) = expression
            && let Some(slot) = Self::number(identifier.name.as_str()).and_then(|number| self.holes.get_mut(number))
            && let Some(Hole::Expression(given)) = slot.take()
        {
            *expression = given;
            return;
        }
        walk_mut::walk_expression(self, expression);
    }

    fn visit_object_property(&mut self, property: &mut ObjectProperty<'a>) {
        if property.method
            && let PropertyKey::StaticIdentifier(name) = &property.key
            && let Some(slot) = self
                .holes
                .iter_mut()
                .find(|slot| matches!(slot, Some(Hole::Method(method, _)) if *method == name.name.as_str()))
            && let Some(Hole::Method(_, function)) = slot.take()
        {
            self.visit_property_key(&mut property.key);
            self.visit_span(&mut property.span);
            property.value = Expression::FunctionExpression(function);
            return;
        }
        walk_mut::walk_object_property(self, property);
    }

    fn visit_method_definition(&mut self, method: &mut MethodDefinition<'a>) {
        walk_mut::walk_method_definition(self, method);
        self.key(&mut method.key, &mut method.computed);
    }
}
