//! The members of a class whose decorators or `accessor`s are lowered: each without them, and what the helper has to be
//! told about it. See `decorators`.

use super::decorators::Lowering;
use super::template::{Hole, quoted};
use oxc_allocator::{ArenaBox, ArenaVec, CloneIn, GetAllocator, TakeIn};
use oxc_ast::ast::*;
use std::cell::RefCell;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberKind {
    Field = 0,
    Accessor = 1,
    Method = 2,
    Getter = 3,
    Setter = 4,
}

/// A decorated member as the helper is told of it: `[decorators, flags, name, ...access]`.
pub(super) struct Member<'a> {
    pub(super) kind: MemberKind,
    pub(super) is_static: bool,
    pub(super) is_private: bool,
    /// Without `#`; empty for public ones.
    pub(super) private_name: String,
    have_this: bool,
    /// The variable with the array of decorators.
    pub(super) decorators: String,
    /// An expression: the name of a private member, the key of a public one.
    pub(super) name: String,
    /// Of private members: functions that read and write, or the method itself.
    pub(super) access: Vec<String>,
    /// The function of a private method, getter or setter, which goes into `access`.
    pub(super) function: RefCell<Option<ArenaBox<'a, Function<'a>>>>,
    /// Variables for what the helper gives: of fields and accessors the function that runs the initial value through the
    /// decorators and the one to run after it, with getter and setter of a private accessor between; of private methods
    /// what stands for them.
    pub(super) results: Vec<String>,
}

impl Member<'_> {
    /// The kind; 8 for static ones; 16 where the array of decorators holds an object before each.
    pub(super) fn flags(&self) -> u32 {
        self.kind as u32 + if self.is_static { 8 } else { 0 } + if self.have_this { 16 } else { 0 }
    }

    /// Name of the method in the text that `function` replaces.
    pub(super) fn hole(&self) -> String {
        format!("{}_method", self.decorators)
    }
}

type Variables<'a> = Vec<(String, Option<Expression<'a>>)>;

/// The elements of the class without decorators and accessors, and what was decorated. Values of `hoisted` are to be
/// evaluated in front of the class.
pub(super) fn lower_members<'a>(
    lowering: &mut Lowering<'a, '_>,
    class: &mut Class<'a>,
    variables: &mut Variables<'a>,
    hoisted: &mut Vec<(String, Expression<'a>)>,
    legacy: bool,
) -> (ArenaVec<'a, ClassElement<'a>>, Vec<Member<'a>>) {
    let mut elements = ArenaVec::new_in(&lowering.builder);
    std::mem::swap(&mut elements, &mut class.body.body);
    let mut walk = Walk {
        lowering,
        variables,
        waiting: Vec::new(),
        out: Vec::new(),
        last_computed: None,
        members: Vec::new(),
        legacy,
    };
    for element in elements.drain(..) {
        walk.element(element);
    }
    walk.finish(hoisted);
    let Walk { out, members, .. } = walk;
    for part in out {
        elements.extend(part);
    }
    (elements, members)
}

struct Walk<'a, 'l, 's, 'v> {
    lowering: &'l mut Lowering<'a, 's>,
    variables: &'v mut Variables<'a>,
    /// Arrays of decorators that no computed key has taken in yet.
    waiting: Vec<(String, Expression<'a>)>,
    out: Vec<ArenaVec<'a, ClassElement<'a>>>,
    /// Where in `out` the last member with a computed key lies: `(part, element)`.
    last_computed: Option<(usize, usize)>,
    members: Vec<Member<'a>>,
    legacy: bool,
}

impl<'a> Walk<'a, '_, '_, '_> {
    fn element(&mut self, element: ClassElement<'a>) {
        match element {
            ClassElement::AccessorProperty(accessor)
                if accessor.r#type == AccessorPropertyType::AccessorProperty
                    && (accessor.decorators.is_empty() || !self.legacy) =>
            {
                self.accessor(accessor.unbox());
            }
            ClassElement::PropertyDefinition(property) if !self.legacy && !property.decorators.is_empty() => {
                self.field(property.unbox());
            }
            ClassElement::MethodDefinition(method) if !self.legacy && !method.decorators.is_empty() => {
                self.method(method.unbox());
            }
            ClassElement::PropertyDefinition(mut property) => {
                self.key(&mut property.key, false);
                let is_computed = property.computed;
                self.push(ClassElement::PropertyDefinition(property), is_computed);
            }
            ClassElement::MethodDefinition(mut method) => {
                self.key(&mut method.key, false);
                let is_computed = method.computed;
                self.push(ClassElement::MethodDefinition(method), is_computed);
            }
            other => self.push(other, false),
        }
    }

    fn push(&mut self, element: ClassElement<'a>, is_computed: bool) {
        let mut part = ArenaVec::new_in(&self.lowering.builder);
        part.push(element);
        self.push_part(part, is_computed.then_some(0));
    }

    fn push_part(&mut self, part: ArenaVec<'a, ClassElement<'a>>, computed: Option<usize>) {
        if let Some(at) = computed {
            self.last_computed = Some((self.out.len(), at));
        }
        self.out.push(part);
    }

    fn push_text(&mut self, text: &str, holes: Vec<Hole<'a>>) {
        let part = self.lowering.template.elements(text, holes);
        self.push_part(part, None);
    }

    /// Notes the decorators of a member; `None` when it has none.
    fn decorators(&mut self, decorators: &mut ArenaVec<'a, Decorator<'a>>) -> Option<(String, bool)> {
        if decorators.is_empty() {
            return None;
        }
        let (list, have_this) = self.lowering.decorator_list(decorators, self.variables);
        let variable = self.lowering.fresh("dec");
        self.waiting.push((variable.clone(), list));
        Some((variable, have_this))
    }

    /// A computed key takes in the decorators that wait, so that all are evaluated in the order of the text. With `keep`
    /// it is also put into a variable, whose name comes back. Of other keys comes back their text.
    fn key(&mut self, key: &mut PropertyKey<'a>, keep: bool) -> String {
        if let Some(name) = key.private_name() {
            return quoted(name.as_str());
        }
        if let Some(name) = key.static_name() {
            return quoted(&name);
        }
        let mut text = String::from("(");
        let mut holes = Vec::new();
        for (variable, list) in self.waiting.drain(..) {
            text.push_str(&format!("{variable} = $hole{},", holes.len()));
            holes.push(Hole::Expression(list));
            self.variables.push((variable, None));
        }
        if !keep && holes.is_empty() {
            return String::new();
        }
        let Some(own) = key.as_expression_mut() else { return String::new() };
        let own = own.take_in(&self.lowering.builder);
        let mut name = String::new();
        if keep {
            name = self.lowering.fresh("key");
            let to_key = self.lowering.helper("toPropertyKey");
            text.push_str(&format!("{name} = {to_key}($hole{})", holes.len()));
            self.variables.push((name.clone(), None));
        } else {
            text.push_str(&format!("$hole{}", holes.len()));
        }
        text.push(')');
        holes.push(Hole::Expression(own));
        *key = PropertyKey::from(self.lowering.template.expression(&text, holes));
        name
    }

    fn member(
        &self,
        kind: MemberKind,
        is_static: bool,
        key: &PropertyKey<'a>,
        name: String,
        (decorators, have_this): (String, bool),
    ) -> Member<'a> {
        let private_name = key.private_name().map(|name| name.to_string());
        Member {
            kind,
            is_static,
            is_private: private_name.is_some(),
            private_name: private_name.unwrap_or_default(),
            have_this,
            decorators,
            name,
            access: Vec::new(),
            function: RefCell::new(None),
            results: Vec::new(),
        }
    }

    /// `#name` is read and written by functions that stand inside of the class.
    fn access_to(name: &str) -> Vec<String> {
        vec![format!("(o) => o.#{name}"), format!("(o, v) => o.#{name} = v")]
    }

    /// The call that runs the initial value through the decorators: `_init(this, value)`, of static members `_init(value)`.
    fn initial(&mut self, init: &str, is_static: bool, value: Option<Expression<'a>>) -> Expression<'a> {
        let mut arguments = Vec::new();
        if !is_static {
            arguments.push("this");
        }
        let mut holes = Vec::new();
        if let Some(value) = value {
            arguments.push("$hole0");
            holes.push(Hole::Expression(value));
        }
        self.lowering.template.expression(&format!("{init}({})", arguments.join(", ")), holes)
    }

    /// Runs what the decorators of a field or an accessor added, right behind it.
    fn run_extra(&mut self, extra: &str, is_static: bool) {
        if is_static {
            self.push_text(&format!("static {{ {extra}(this); }}"), Vec::new());
        } else {
            let run = self.lowering.fresh("run");
            self.push_text(&format!("#{run} = {extra}(this);"), Vec::new());
        }
    }

    fn field(&mut self, mut property: PropertyDefinition<'a>) {
        if property.declare || property.r#type != PropertyDefinitionType::PropertyDefinition {
            return;
        }
        let Some(decorators) = self.decorators(&mut property.decorators) else { return };
        let is_computed = property.computed;
        let name = self.key(&mut property.key, true);
        let mut member = self.member(MemberKind::Field, property.r#static, &property.key, name, decorators);
        if member.is_private {
            member.access = Self::access_to(&member.private_name);
        }
        let (init, extra) = (self.lowering.fresh("init"), self.lowering.fresh("extra"));
        let value = property.value.take();
        property.value = Some(self.initial(&init, property.r#static, value));
        let element = ArenaBox::new_in(property, &self.lowering.builder);
        self.push(ClassElement::PropertyDefinition(element), is_computed);
        self.run_extra(&extra, member.is_static);
        member.results = vec![init, extra];
        self.members.push(member);
    }

    fn method(&mut self, mut method: MethodDefinition<'a>) {
        // A signature of TypeScript.
        if method.value.body.is_none() {
            return;
        }
        let kind = match method.kind {
            MethodDefinitionKind::Get => MemberKind::Getter,
            MethodDefinitionKind::Set => MemberKind::Setter,
            MethodDefinitionKind::Method | MethodDefinitionKind::Constructor => MemberKind::Method,
        };
        let Some(decorators) = self.decorators(&mut method.decorators) else { return };
        let is_computed = method.computed;
        let name = self.key(&mut method.key, true);
        let mut member = self.member(kind, method.r#static, &method.key, name, decorators);
        if !member.is_private {
            let element = ArenaBox::new_in(method, &self.lowering.builder);
            self.push(ClassElement::MethodDefinition(element), is_computed);
            self.members.push(member);
            return;
        }
        // An object's method knows `super`, and is no constructor.
        let home = if member.is_static { "this" } else { "this.prototype" };
        let hole = member.hole();
        member.access = vec![format!("({{ __proto__: Object.getPrototypeOf({home}), {hole}() {{}} }}).{hole}")];
        member.function = RefCell::new(Some(method.value.take_in_box(&self.lowering.builder)));
        let result = self.lowering.fresh("call");
        let (name, word) = (&member.private_name, if member.is_static { "static " } else { "" });
        let text = match kind {
            MemberKind::Getter => format!("{word}get #{name}() {{ return {result}(this); }}"),
            MemberKind::Setter => format!("{word}set #{name}(v) {{ {result}(this, v); }}"),
            _ => format!("{word}get #{name}() {{ return {result}; }}"),
        };
        self.push_text(&text, Vec::new());
        member.results = vec![result];
        self.members.push(member);
    }

    /// `accessor x = 1` -> `#storage = 1; get x() { return this.#storage } set x(v) { this.#storage = v }`
    fn accessor(&mut self, mut accessor: AccessorProperty<'a>) {
        let decorators = self.decorators(&mut accessor.decorators);
        let is_static = accessor.r#static;
        let word = if is_static { "static " } else { "" };
        let is_dynamic = accessor.key.private_name().is_none() && accessor.key.static_name().is_none();
        let name = self.key(&mut accessor.key, is_dynamic || decorators.is_some());
        let stem = accessor.key.name().filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let storage = self.lowering.fresh(stem.as_deref().unwrap_or("accessor"));
        let mut value = accessor.value.take();
        let mut member = decorators
            .map(|decorators| self.member(MemberKind::Accessor, is_static, &accessor.key, name.clone(), decorators));
        let mut read = format!("this.#{storage}");
        let mut write = format!("this.#{storage} = v");
        if let Some(member) = &mut member {
            let (init, extra) = (self.lowering.fresh("init"), self.lowering.fresh("extra"));
            value = Some(self.initial(&init, is_static, value));
            member.results = vec![init, extra];
            if member.is_private {
                let (get, set) = (self.lowering.fresh("get"), self.lowering.fresh("set"));
                let receiver = if is_static { "" } else { "this" };
                read = format!("{get}({receiver})");
                write = format!("{set}({})", if is_static { "v" } else { "this, v" });
                member.access = Self::access_to(&storage);
                member.results.splice(1..1, [get, set]);
            }
        }
        let holes = match value {
            Some(value) => vec![Hole::Expression(value)],
            None => Vec::new(),
        };
        let initial = if holes.is_empty() { "" } else { " = $hole0" };
        self.push_text(&format!("{word}#{storage}{initial};"), holes);
        // The key is evaluated once, with the getter; the setter takes what came out.
        let second = if is_dynamic {
            PropertyKey::from(self.lowering.template.expression(&name, Vec::new()))
        } else {
            accessor.key.clone_in(self.lowering.builder.allocator())
        };
        let computed = accessor.computed;
        let text = format!("{word}get $hole0() {{ return {read}; }} {word}set $hole1(v) {{ {write}; }}");
        let holes = vec![Hole::Key(accessor.key, computed), Hole::Key(second, computed)];
        let part = self.lowering.template.elements(&text, holes);
        self.push_part(part, is_dynamic.then_some(0));
        if let Some(member) = member {
            let extra = member.results.last().cloned().unwrap_or_default();
            self.run_extra(&extra, is_static);
            self.members.push(member);
        }
    }

    /// Decorators behind the last computed key belong into it; without one they stand in front of the class.
    fn finish(&mut self, hoisted: &mut Vec<(String, Expression<'a>)>) {
        let waiting = std::mem::take(&mut self.waiting);
        let element = self.last_computed.and_then(|(part, at)| self.out.get_mut(part)?.get_mut(at));
        let key = match element {
            Some(ClassElement::MethodDefinition(method)) => method.key.as_expression_mut(),
            Some(ClassElement::PropertyDefinition(property)) => property.key.as_expression_mut(),
            _ => None,
        };
        let Some(key) = key.filter(|_| !waiting.is_empty()) else { return hoisted.extend(waiting) };
        let last = self.lowering.fresh("key");
        let mut text = format!("({last} = $hole0");
        let mut holes = vec![Hole::Expression(key.take_in(&self.lowering.builder))];
        for (variable, list) in waiting {
            text.push_str(&format!(", {variable} = $hole{}", holes.len()));
            holes.push(Hole::Expression(list));
            self.variables.push((variable, None));
        }
        text.push_str(&format!(", {last})"));
        *key = self.lowering.template.expression(&text, holes);
        self.variables.push((last, None));
    }
}
