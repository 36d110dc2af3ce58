//! The walk over a CommonJS module that is cut: which of its names each section uses, and which of another module's. What is
//! not known to use only some of them uses all.

use super::commonjs::{self, Object};
use super::relocate::Relocator;
use cloudpack_base::{RequestIdx, SymbolIdx};
use cloudpack_summary::{NAMESPACE_SYMBOL, RequestFlags, SymbolFlags, SymbolKind};
use oxc_ast::ast::*;
use oxc_ast_visit::VisitJsMut;
use oxc_syntax::symbol::SymbolId;

impl<'a> Relocator<'a, '_> {
    /// `f` within it does not do with `exports` what is not known of it.
    pub(super) fn quietly(&mut self, f: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.quiet, true);
        f(self);
        self.quiet = before;
    }

    pub(super) fn use_all_exports(&mut self) {
        if self.commonjs.is_some() && !self.quiet {
            self.section.uses.push(NAMESPACE_SYMBOL);
        }
    }

    /// A mention of something that the module declares; of `x` of `const x = require("./x")`, one that may do anything.
    pub(super) fn commonjs_local(&mut self, identifier: &IdentifierReference<'a>) {
        let Some(commonjs) = &mut self.commonjs else { return };
        let Some(reference) = identifier.reference_id.get() else { return };
        let Some(symbol) = self.scoping.get_reference(reference).symbol_id() else { return };
        self.section.uses.extend(commonjs.local(symbol));
        commonjs.escapes(symbol);
    }

    fn is_exports(&self, object: &Expression<'a>) -> bool {
        matches!(object, Expression::ThisExpression(_)) && self.this_depth == 0
            || commonjs::is_exports(object, &self.scoping)
    }

    fn commonjs_method(&mut self, call: &mut CallExpression<'a>) -> bool {
        let is_method = self.commonjs_member(&mut call.callee, true);
        if is_method {
            self.visit_arguments(&mut call.arguments);
        }
        is_method
    }

    /// Walks an expression whose use of `exports` or of a required module is known; false for any other.
    pub(super) fn commonjs_expression(&mut self, expression: &mut Expression<'a>) -> bool {
        match expression {
            Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_) => {
                self.commonjs_member(expression, false)
            }
            Expression::CallExpression(call) => self.commonjs_descriptor(call) || self.commonjs_method(call),
            // `exports.f?.()`
            Expression::ChainExpression(chain) => match &mut chain.expression {
                ChainElement::CallExpression(call) => self.commonjs_method(call),
                _ => false,
            },
            Expression::AssignmentExpression(assignment) => self.commonjs_assignment(assignment),
            _ => false,
        }
    }

    fn commonjs_member(&mut self, expression: &mut Expression<'a>, is_called: bool) -> bool {
        let Some((object, name)) = commonjs::member_of(expression) else { return false };
        let name: Box<str> = name.into();
        if self.is_exports(object) {
            let known = self.commonjs.as_ref().and_then(|commonjs| commonjs.name(&name));
            let may_use_this = known.is_none_or(|symbol| {
                matches!(self.table.symbols[symbol].kind,
                    SymbolKind::Declared { flags, .. } if flags.contains(SymbolFlags::MAY_USE_THIS))
            });
            self.section.uses.extend(known);
            let is_known = !is_called || !may_use_this;
            let Some(object) = object_mut(expression) else { return false };
            if is_known {
                self.quietly(|walk| walk.visit_expression(object));
            } else {
                self.visit_expression(object);
            }
            return true;
        }
        let object = if commonjs::is_require(object, &self.scoping) {
            let Some(object) = object_mut(expression) else { return false };
            let request = self.visit_request(object);
            self.only_members(request);
            request.map(Object::Request)
        } else if let Some(symbol) = self.required_local(object) {
            self.section.uses.extend(self.commonjs.as_ref().and_then(|commonjs| commonjs.local(symbol)));
            Some(Object::Local(symbol))
        } else {
            return false;
        };
        if let (Some(object), Some(commonjs)) = (object, &mut self.commonjs) {
            self.section.uses.push(commonjs.member(&mut self.table, object, &name, is_called));
        }
        true
    }

    /// `exports.a = 1` within a function is nothing that anybody needs who does not read it.
    fn commonjs_assignment(&mut self, assignment: &mut AssignmentExpression<'a>) -> bool {
        let Some((object, name)) = commonjs::assigned_member(&assignment.left) else { return false };
        if !self.is_exports(object) || decides_much(name) {
            return false;
        }
        let known = self.commonjs.as_ref().and_then(|commonjs| commonjs.name(name));
        self.may_use_this(known);
        if assignment.operator != AssignmentOperator::Assign {
            self.section.uses.extend(known);
        }
        self.exports_target(&mut assignment.left);
        self.visit_expression(&mut assignment.right);
        true
    }

    fn exports_target(&mut self, target: &mut AssignmentTarget<'a>) {
        let object = match target {
            AssignmentTarget::StaticMemberExpression(member) => &mut member.object,
            AssignmentTarget::ComputedMemberExpression(member) => &mut member.object,
            _ => return,
        };
        self.quietly(|walk| walk.visit_expression(object));
    }

    /// What is assigned to the name within a function may be anything.
    fn may_use_this(&mut self, name: Option<SymbolIdx>) {
        if let Some(symbol) = name
            && let SymbolKind::Declared { flags, .. } = &mut self.table.symbols[symbol].kind
        {
            flags.insert(SymbolFlags::MAY_USE_THIS);
        }
    }

    /// Walks `exports.a = exports.b = value` or `Object.defineProperty(exports, "a", ...)` at top level.
    pub(super) fn visit_definition(&mut self, expression: &mut Expression<'a>, names: usize) {
        match expression {
            Expression::AssignmentExpression(assignment) if names > 0 => {
                self.exports_target(&mut assignment.left);
                self.visit_definition(&mut assignment.right, names - 1);
            }
            Expression::CallExpression(call) if names > 0 => self.visit_descriptor(call),
            value => self.visit_expression(value),
        }
    }

    fn visit_descriptor(&mut self, call: &mut CallExpression<'a>) {
        let mut arguments = call.arguments.iter_mut().filter_map(Argument::as_expression_mut);
        let (target, descriptor) = (arguments.next(), arguments.nth(1));
        target.into_iter().for_each(|target| self.quietly(|walk| walk.visit_expression(target)));
        descriptor.into_iter().for_each(|descriptor| self.visit_expression(descriptor));
    }

    fn commonjs_descriptor(&mut self, call: &mut CallExpression<'a>) -> bool {
        let Some((name, _)) = commonjs::defined_property(call, &self.scoping) else { return false };
        let is_nested_this = self.this_depth > 0
            && matches!(call.arguments.first().and_then(Argument::as_expression), Some(Expression::ThisExpression(_)));
        if is_nested_this || decides_much(name) {
            return false;
        }
        let known = self.commonjs.as_ref().and_then(|commonjs| commonjs.name(name));
        self.may_use_this(known);
        self.visit_descriptor(call);
        true
    }

    /// `x.a` of `const x = require("./x")`: whatever there is to see of reading it was seen when `x` was required.
    pub(super) fn reads_required(&self, value: &Expression<'a>) -> bool {
        matches!(commonjs::member_of(value), Some((object, _)) if self.required_local(object).is_some())
    }

    fn required_local(&self, object: &Expression<'a>) -> Option<SymbolId> {
        let Expression::Identifier(identifier) = object else { return None };
        let symbol = self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()?;
        self.commonjs.as_ref().filter(|commonjs| commonjs.is_required(symbol)).map(|_| symbol)
    }

    /// Walks `require("./x")`.
    pub(super) fn visit_request(&mut self, expression: &mut Expression<'a>) -> Option<RequestIdx> {
        let before = self.section.requests.len();
        self.visit_expression(expression);
        self.section.requests.get(before).copied()
    }

    pub(super) fn only_members(&mut self, request: Option<RequestIdx>) {
        if let Some(request) = request {
            self.table.requests[request].flags.insert(RequestFlags::MEMBERS);
        }
    }

    /// `const x = require("./x")`, `const { a, b } = require("./x")`
    pub(super) fn visit_required(
        &mut self,
        init: &mut Option<Expression<'a>>,
        local: Option<SymbolId>,
        names: &[Box<str>],
    ) {
        let Some(request) = init.as_mut().and_then(|init| self.visit_request(init)) else { return };
        let Some(commonjs) = &mut self.commonjs else { return };
        match local {
            Some(local) => commonjs.set_request(local, request),
            None => {
                for name in names {
                    let member = commonjs.member(&mut self.table, Object::Request(request), name, false);
                    self.section.uses.push(member);
                }
                self.only_members(Some(request));
            }
        }
    }

    /// Walks `module.exports = require("./x")` at top level, if the module does nothing else with what it exports.
    pub(super) fn forward(&mut self, expression: &mut Expression<'a>) -> Option<RequestIdx> {
        let is_forward = self.commonjs.as_ref().is_some_and(|commonjs| commonjs.forward_of(expression, &self.scoping));
        let Expression::AssignmentExpression(assignment) = expression else { return None };
        if !is_forward {
            return None;
        }
        self.quietly(|walk| walk.visit_assignment_target(&mut assignment.left));
        let request = self.visit_request(&mut assignment.right);
        self.only_members(request);
        request
    }
}

/// What a default import is, or the prototype.
fn decides_much(name: &str) -> bool {
    matches!(name, "__esModule" | "__proto__")
}

fn object_mut<'e, 'a>(expression: &'e mut Expression<'a>) -> Option<&'e mut Expression<'a>> {
    match expression {
        Expression::StaticMemberExpression(member) => Some(&mut member.object),
        Expression::ComputedMemberExpression(member) => Some(&mut member.object),
        _ => None,
    }
}

/// `a` and `b` of `{ a, b: { c } = {} }`; `None` where not all are known.
pub(super) fn pattern_names(pattern: &ObjectPattern<'_>) -> Option<Vec<Box<str>>> {
    if pattern.rest.is_some() {
        return None;
    }
    pattern
        .properties
        .iter()
        .map(|property| if property.computed { None } else { property.key.static_name().map(|name| Box::from(&*name)) })
        .collect()
}
