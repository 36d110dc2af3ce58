//! Decorators of ECMAScript (the 2023-11 text) and `accessor` members, which no engine runs as written, in words that
//! engines run. Comes before everything else that changes the tree, so that what is made here is lowered with the rest.
//!
//! ```js
//! class C { @dec m() {} @dec x = 1 }
//! // becomes
//! let _dec0 = [dec], _dec1 = [dec], _proto, _init, _extra;
//! class C {
//!   static { ({ e: [_init, _extra, _proto] } = applyDecs(this, [], [[_dec0, 2, "m"], [_dec1, 0, "x"]], 0)); }
//!   #run0 = _proto(this); m() {} x = _init(this, 1); #run1 = _extra(this)
//! }
//! ```
//!
//! The helper (`@oxc-project/runtime/helpers/applyDecs2311`) holds the rules; what it takes and the order of what it gives
//! are described at `Member` and `results_in_order`. New code is written as text with holes (`template`).
//!
//! Known to differ: a decorator is evaluated before the class unless a computed key stands before or behind it, so it
//! cannot name private members; static fields of a class that its decorator replaces stay on the class it replaced.

use super::class_members::{self, Member, MemberKind};
use super::template::{Hole, Template, quoted};
use cloudpack_summary::ModuleFormat;
use oxc_allocator::{Allocator, ArenaVec, GetAllocator, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_span::GetSpan;

/// Whether there is anything here for this file, by its text alone: `@` and `accessor` are rare in code without them.
pub(super) fn may_apply(source: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some();
    has("@") || has("accessor")
}

/// Rewrites classes in place; `true` if there were any, and then scopes are stale. With `legacy`, decorators are those of
/// TypeScript's experiment and are somebody else's work. Cost: one walk.
pub(super) fn lower_decorators<'a>(
    allocator: &'a Allocator,
    program: &mut Program<'a>,
    source: &str,
    format: ModuleFormat,
    legacy: bool,
) -> bool {
    let mut lowering = Lowering {
        builder: AstBuilder::new(allocator),
        template: Template::new(allocator),
        source,
        legacy,
        next: 0,
        used_helpers: Vec::new(),
        inferred: None,
        changed: false,
    };
    lowering.visit_program(program);
    let Lowering { template, used_helpers, changed, .. } = lowering;
    let mut head = String::new();
    for (helper, local) in &used_helpers {
        let specifier = format!("@oxc-project/runtime/helpers/{helper}");
        head.push_str(&match format {
            ModuleFormat::CommonJs => format!("var {local} = require(\"{specifier}\");"),
            _ => format!("import {local} from \"{specifier}\";"),
        });
    }
    if !head.is_empty() {
        if format != ModuleFormat::CommonJs {
            program.source_type = program.source_type.with_module(true);
        }
        let mut body = template.statements(&head, Vec::new());
        body.extend(program.body.drain(..));
        program.body = body;
    }
    changed
}

pub(super) struct Lowering<'a, 's> {
    pub(super) builder: AstBuilder<'a>,
    pub(super) template: Template<'a>,
    source: &'s str,
    legacy: bool,
    next: u32,
    /// `(helper, local name)`
    used_helpers: Vec<(&'static str, String)>,
    /// The name that the class expression at hand gets from where it stands.
    inferred: Option<String>,
    changed: bool,
}

/// What a lowered class needs around it.
struct Around<'a> {
    /// Variables, some with values that are evaluated in this order before the class.
    variables: Vec<(String, Option<Expression<'a>>)>,
    /// Its decorators give the class another value: this variable, which is not declared yet, holds it.
    replaced_by: Option<String>,
}

impl<'a> Lowering<'a, '_> {
    /// A name that stands nowhere in the file.
    pub(super) fn fresh(&mut self, stem: &str) -> String {
        loop {
            let name = format!("_{stem}{}", self.next);
            self.next += 1;
            if memchr::memmem::find(self.source.as_bytes(), name.as_bytes()).is_none() {
                return name;
            }
        }
    }

    /// Calls a helper by the text that stands for it.
    pub(super) fn helper(&mut self, helper: &'static str) -> String {
        let known = self.used_helpers.iter().find(|(name, _)| *name == helper).map(|(_, local)| local.clone());
        let local = known.unwrap_or_else(|| {
            let local = self.fresh(helper);
            self.used_helpers.push((helper, local.clone()));
            local
        });
        // `require` of a helper gives the function, which has itself as `default` too.
        local
    }

    fn wants(&self, class: &Class<'a>) -> bool {
        let decorated = |decorators: &ArenaVec<'a, Decorator<'a>>| !self.legacy && !decorators.is_empty();
        !class.declare
            && (decorated(&class.decorators)
                || class.body.body.iter().any(|element| match element {
                    ClassElement::MethodDefinition(method) => decorated(&method.decorators),
                    ClassElement::PropertyDefinition(property) => decorated(&property.decorators),
                    ClassElement::AccessorProperty(accessor) => {
                        accessor.r#type == AccessorPropertyType::AccessorProperty
                            && (accessor.decorators.is_empty() || !self.legacy)
                    }
                    _ => false,
                }))
    }

    /// Decorators as one array, with the object of `@object.method` before each where one has it: then the flag 16.
    pub(super) fn decorator_list(
        &mut self,
        decorators: &mut ArenaVec<'a, Decorator<'a>>,
        variables: &mut Vec<(String, Option<Expression<'a>>)>,
    ) -> (Expression<'a>, bool) {
        let has_this = decorators.iter().any(|decorator| decorator.expression.is_member_expression());
        let mut text = String::from("[");
        let mut holes = Vec::new();
        for mut decorator in decorators.drain(..) {
            if has_this {
                let object = match &mut decorator.expression {
                    Expression::StaticMemberExpression(member) => Some(&mut member.object),
                    Expression::ComputedMemberExpression(member) => Some(&mut member.object),
                    Expression::PrivateFieldExpression(member) => Some(&mut member.object),
                    _ => None,
                };
                match object.filter(|object| !matches!(object, Expression::Super(_))) {
                    Some(object) => {
                        let variable = self.fresh("object");
                        let name = self.builder.allocator().alloc_str(&variable);
                        let mention = Expression::new_identifier(object.span(), name, &self.builder);
                        holes.push(Hole::Expression(std::mem::replace(object, mention)));
                        text.push_str(&format!("{variable} = $hole{},", holes.len() - 1));
                        variables.push((variable, None));
                    }
                    None => text.push_str("void 0,"),
                }
            }
            holes.push(Hole::Expression(decorator.expression));
            text.push_str(&format!("$hole{},", holes.len() - 1));
        }
        text.push(']');
        (self.template.expression(&text, holes), has_this)
    }

    /// `name` is for `.name`; mentions of `class.id` inside of a class that is replaced mean what replaces it.
    fn lower_class(&mut self, class: &mut Class<'a>, name: Option<&str>) -> Around<'a> {
        self.changed = true;
        let mut around = Around { variables: Vec::new(), replaced_by: None };
        let mut class_decorators = ArenaVec::new_in(&self.builder);
        if !self.legacy {
            std::mem::swap(&mut class_decorators, &mut class.decorators);
        }
        let is_decorated = !class_decorators.is_empty();
        let mut hoisted: Vec<(String, Expression<'a>)> = Vec::new();
        let mut classes = String::from("[]");
        let mut classes_have_this = false;
        if is_decorated {
            let (list, has_this) = self.decorator_list(&mut class_decorators, &mut around.variables);
            classes = self.fresh("dec");
            classes_have_this = has_this;
            hoisted.push((classes.clone(), list));
        }
        let mut of_members = Vec::new();
        let (elements, members) =
            class_members::lower_members(self, class, &mut around.variables, &mut of_members, self.legacy);
        match &mut class.heritage {
            Some(heritage) if !of_members.is_empty() => {
                self.behind_heritage(heritage, of_members, &mut around.variables)
            }
            _ => hoisted.extend(of_members),
        }
        if !is_decorated && members.is_empty() {
            class.body.body = elements;
            around.variables.extend(hoisted.into_iter().map(|(name, value)| (name, Some(value))));
            return around;
        }

        let apply = self.helper("applyDecs2311");
        let mut holes = Vec::new();
        let mut block = String::from("static { ");
        let mut tail = String::new();
        let mut replaced = String::new();
        if is_decorated {
            if let Some(name) = name {
                block.push_str(&format!("{}(this, {});", self.helper("setFunctionName"), quoted(name)));
            }
            let own = class.id.as_ref().map(|id| id.name.to_string());
            let (variable, initialize) = (own.unwrap_or_else(|| self.fresh("class")), self.fresh("init"));
            replaced = format!(", c: [{variable}, {initialize}]");
            tail = format!("static {{ {initialize}(); }}");
            around.variables.push((initialize, None));
            around.replaced_by = Some(variable);
        }
        let (results, prototype, statics) = self.results_in_order(&members, &mut around.variables);
        let mut list = String::new();
        for member in &members {
            list.push_str(&format!("[{}, {}, {}", member.decorators, member.flags(), member.name));
            for access in &member.access {
                list.push_str(&format!(", {access}"));
            }
            list.push_str("],");
        }
        for member in members.iter() {
            holes.extend(member.function.borrow_mut().take().map(|function| Hole::Method(member.hole(), function)));
        }
        let brand = members.iter().find(|member| member.is_private && !member.is_static);
        let brand = brand.map_or("void 0".to_owned(), |member| format!("(o) => #{} in o", member.private_name));
        let parent = if class.heritage.is_some() { "Object.getPrototypeOf(this)" } else { "void 0" };
        block.push_str(&format!(
            "({{ e: [{results}]{replaced} }} = {apply}(this, {classes}, [{list}], {}, {brand}, {parent}));",
            u8::from(classes_have_this)
        ));
        if let Some(statics) = statics {
            block.push_str(&format!("{statics}(this);"));
        }
        block.push('}');
        if let Some(prototype) = prototype {
            let run = self.fresh("run");
            block.push_str(&format!("#{run} = {prototype}(this);"));
        }
        let mut body = self.template.elements(&block, holes);
        body.extend(elements);
        body.extend(self.template.elements(&tail, Vec::new()));
        class.body.body = body;
        let hoisted = hoisted.into_iter().map(|(name, value)| (name, Some(value)));
        around.variables.extend(hoisted);
        around
    }

    /// `extends Base` -> `extends (_base = Base, _dec = [...], _base)`: that is when they are evaluated.
    fn behind_heritage(
        &mut self,
        heritage: &mut ClassHeritage<'a>,
        of_members: Vec<(String, Expression<'a>)>,
        variables: &mut Vec<(String, Option<Expression<'a>>)>,
    ) {
        let base = self.fresh("base");
        let mut text = format!("({base} = $hole0");
        let mut holes = vec![Hole::Expression(heritage.expression.take_in(&self.builder))];
        for (variable, list) in of_members {
            text.push_str(&format!(", {variable} = $hole{}", holes.len()));
            holes.push(Hole::Expression(list));
            variables.push((variable, None));
        }
        text.push_str(&format!(", {base})"));
        heritage.expression = self.template.expression(&text, holes);
        variables.push((base, None));
    }

    /// The helper gives an array: for methods and accessors what they brought, static ones first, then for fields, static
    /// ones first; behind them the function that runs what the decorators of methods added, if there are such methods, and
    /// the same for static ones. Returns the names as a pattern, and the last two.
    fn results_in_order(
        &mut self,
        members: &[Member<'a>],
        variables: &mut Vec<(String, Option<Expression<'a>>)>,
    ) -> (String, Option<String>, Option<String>) {
        let mut names: Vec<String> = Vec::new();
        for (is_field, is_static) in [(false, true), (false, false), (true, true), (true, false)] {
            let of_kind =
                |member: &&Member<'a>| (member.kind == MemberKind::Field) == is_field && member.is_static == is_static;
            names.extend(members.iter().filter(of_kind).flat_map(|member| member.results.iter().cloned()));
        }
        let mut extra = |is_static: bool| {
            let is_method = |member: &Member<'a>| {
                !matches!(member.kind, MemberKind::Field | MemberKind::Accessor) && member.is_static == is_static
            };
            members.iter().any(is_method).then(|| {
                let name = self.fresh("init");
                names.push(name.clone());
                name
            })
        };
        let (prototype, statics) = (extra(false), extra(true));
        variables.extend(names.iter().map(|name| (name.clone(), None)));
        (names.join(", "), prototype, statics)
    }

    /// `let _dec0 = [...], _init1;`
    fn variable_statement(&self, around: &mut Around<'a>) -> ArenaVec<'a, Statement<'a>> {
        // Those without a value first: the others may assign to them.
        let mut text = Vec::new();
        let mut holes = Vec::new();
        let (plain, valued): (Vec<_>, Vec<_>) = around.variables.drain(..).partition(|(_, value)| value.is_none());
        for (name, value) in plain.into_iter().chain(valued) {
            match value {
                Some(value) => {
                    text.push(format!("{name} = $hole{}", holes.len()));
                    holes.push(Hole::Expression(value));
                }
                None => text.push(name),
            }
        }
        if text.is_empty() {
            return ArenaVec::new_in(&self.builder);
        }
        self.template.statements(&format!("let {};", text.join(", ")), holes)
    }

    /// A class declaration, with what has to stand around it. `export_as`: the name under which a class that is replaced is
    /// exported.
    fn declaration(
        &mut self,
        class: &mut Class<'a>,
        export_as: Option<&str>,
        out: &mut ArenaVec<'a, Statement<'a>>,
    ) -> bool {
        let name = class.id.as_ref().map(|id| id.name.to_string());
        let shown = name.or_else(|| export_as.map(str::to_owned));
        let mut around = self.lower_class(class, shown.as_deref());
        out.extend(self.variable_statement(&mut around));
        let Some(local) = around.replaced_by else { return false };
        let export = match export_as {
            Some(exported) => format!("export {{ {local} as {exported} }};"),
            None => String::new(),
        };
        // Mentions of the class in its own body mean what the decorators made of it.
        class.id = None;
        class.r#type = ClassType::ClassExpression;
        let class =
            Expression::ClassExpression(oxc_allocator::ArenaBox::new_in(class.take_in(&self.builder), &self.builder));
        out.extend(
            self.template.statements(&format!("let {local}; ($hole0); {export}"), vec![Hole::Expression(class)]),
        );
        true
    }
}

impl<'a> VisitMut<'a> for Lowering<'a, '_> {
    fn visit_statements(&mut self, list: &mut ArenaVec<'a, Statement<'a>>) {
        let wants = |statement: &Statement<'a>| match statement {
            Statement::ClassDeclaration(class) => self.wants(class),
            Statement::ExportDeclaration(export) => {
                matches!(&export.declaration, Declaration::ClassDeclaration(class) if self.wants(class))
            }
            Statement::ExportDefaultDeclaration(export) => {
                matches!(&export.declaration, ExportDefaultDeclarationKind::ClassDeclaration(class) if self.wants(class))
            }
            _ => false,
        };
        let wanted: Vec<bool> = list.iter().map(wants).collect();
        walk_mut::walk_statements(self, list);
        if !wanted.contains(&true) {
            return;
        }
        let mut out = ArenaVec::new_in(&self.builder);
        for (mut statement, wanted) in list.drain(..).zip(wanted) {
            let is_replaced = wanted
                && match &mut statement {
                    Statement::ClassDeclaration(class) => self.declaration(class, None, &mut out),
                    Statement::ExportDeclaration(export) => match &mut export.declaration {
                        Declaration::ClassDeclaration(class) => {
                            let name = class.id.as_ref().map(|id| id.name.to_string());
                            self.declaration(class, name.as_deref(), &mut out)
                        }
                        _ => false,
                    },
                    Statement::ExportDefaultDeclaration(export) => match &mut export.declaration {
                        ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                            self.declaration(class, Some("default"), &mut out)
                        }
                        _ => false,
                    },
                    _ => false,
                };
            if !is_replaced {
                out.push(statement);
            }
        }
        *list = out;
    }

    fn visit_variable_declarator(&mut self, declarator: &mut VariableDeclarator<'a>) {
        if let (BindingPattern::BindingIdentifier(id), Some(Expression::ClassExpression(_))) =
            (&declarator.id, &declarator.init)
        {
            self.inferred = Some(id.name.to_string());
        }
        walk_mut::walk_variable_declarator(self, declarator);
        self.inferred = None;
    }

    fn visit_expression(&mut self, expression: &mut Expression<'a>) {
        let inferred = self.inferred.take();
        walk_mut::walk_expression(self, expression);
        let Expression::ClassExpression(class) = expression else { return };
        if !self.wants(class) {
            return;
        }
        let own = class.id.as_ref().map(|id| id.name.to_string());
        let name = own.clone().or(inferred);
        let mut around = self.lower_class(class, Some(name.as_deref().unwrap_or("")));
        let mut text = String::from("(() => {");
        let replaced = around.replaced_by.clone();
        let variables = self.variable_statement(&mut around);
        if variables.is_empty() {
            return;
        }
        match &replaced {
            Some(value) => text.push_str(&format!("let {value}; return $hole0, {value};")),
            None => text.push_str("return $hole0;"),
        }
        text.push_str("})()");
        if replaced.is_some() {
            class.id = None;
        } else if let (None, Some(name)) = (&own, &name) {
            // A name for `.name` only: where it stands it would have got it.
            let binding = BindingIdentifier::new(class.span, self.builder.allocator().alloc_str(name), &self.builder);
            class.id = is_identifier(name).then_some(binding);
        }
        let inner = expression.take_in(&self.builder);
        *expression = self.template.expression_after(&text, variables, vec![Hole::Expression(inner)]);
    }
}

fn is_identifier(name: &str) -> bool {
    oxc_syntax::identifier::is_identifier_name(name)
}
