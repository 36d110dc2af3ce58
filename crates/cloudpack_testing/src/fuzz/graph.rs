//! A random program as data: modules with items that refer to each other by number, so that any item or module can be
//! taken away again and what is left still prints. Printing is the only place that knows JavaScript.

use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub modules: Vec<Module>,
    /// Loaded in this order, each after the one before.
    pub entries: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    pub is_commonjs: bool,
    pub items: Vec<Item>,
}

/// One statement of a module, or two.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `import "./m1.mjs"`, `require("./m1.cjs")`
    Bare(usize),
    /// `import { name as i0 } from`, read at once and from a function that the program calls when all is loaded.
    Named { from: usize, name: String },
    /// `import * as i0 from`, whose property is read at once.
    Namespace { from: usize, name: String },
    /// `export * from`
    Star(usize),
    /// `export * as name from`
    StarAs { from: usize, name: String },
    /// `export { name as to } from`
    ReExport { from: usize, name: String, to: String },
    /// `export let name`, `exports.name =`
    Variable { name: String, changes: bool },
    /// `export function name`: there before the module runs.
    Function { name: String },
    /// `export class name` with a static block that can be observed.
    Class { name: String },
    /// `export default`
    Default,
    /// `await 0`
    Await,
    /// `import()` once everything else is loaded.
    Later(usize),
    /// `throw` at this place.
    Throw,
}

impl Item {
    pub fn target(&self) -> Option<usize> {
        match self {
            Self::Bare(to) | Self::Star(to) | Self::Later(to) => Some(*to),
            Self::Named { from, .. }
            | Self::Namespace { from, .. }
            | Self::StarAs { from, .. }
            | Self::ReExport { from, .. } => Some(*from),
            _ => None,
        }
    }

    /// The same after modules were renumbered; `None` when its target is gone.
    fn renumbered(&self, number_of: &dyn Fn(usize) -> Option<usize>) -> Option<Self> {
        let mut item = self.clone();
        match &mut item {
            Self::Bare(to) | Self::Star(to) | Self::Later(to) => *to = number_of(*to)?,
            Self::Named { from, .. }
            | Self::Namespace { from, .. }
            | Self::StarAs { from, .. }
            | Self::ReExport { from, .. } => *from = number_of(*from)?,
            _ => {}
        }
        Some(item)
    }
}

impl Graph {
    pub fn file_name(&self, module: usize) -> String {
        let extension = if self.modules.get(module).is_some_and(|module| module.is_commonjs) { "cjs" } else { "mjs" };
        format!("m{module}.{extension}")
    }

    /// `(file, text)` of each module.
    pub fn files(&self) -> Vec<(String, String)> {
        (0..self.modules.len()).map(|module| (self.file_name(module), self.text(module))).collect()
    }

    pub fn awaits(&self) -> bool {
        self.modules.iter().any(|module| module.items.contains(&Item::Await))
    }

    pub fn throws(&self) -> bool {
        self.modules.iter().any(|module| module.items.contains(&Item::Throw))
    }

    /// Programs that are one step smaller, the boldest steps first.
    pub fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        for at in 0..self.modules.len() {
            found.extend(self.without_module(at));
        }
        for at in 0..self.entries.len() {
            if self.entries.len() > 1 {
                let mut graph = self.clone();
                graph.entries.remove(at);
                found.push(graph);
            }
        }
        for (at, module) in self.modules.iter().enumerate() {
            for item in 0..module.items.len() {
                let mut graph = self.clone();
                if let Some(module) = graph.modules.get_mut(at) {
                    module.items.remove(item);
                }
                found.push(graph);
            }
        }
        found
    }

    fn without_module(&self, gone: usize) -> Option<Self> {
        let number_of = |old: usize| (old != gone).then(|| old - usize::from(old > gone));
        let entries: Vec<usize> = self.entries.iter().filter_map(|entry| number_of(*entry)).collect();
        if entries.is_empty() {
            return None;
        }
        let modules = self.modules.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, module)| Module {
            is_commonjs: module.is_commonjs,
            items: module.items.iter().filter_map(|item| item.renumbered(&number_of)).collect(),
        });
        Some(Self { modules: modules.collect(), entries })
    }

    fn text(&self, number: usize) -> String {
        let Some(module) = self.modules.get(number) else { return String::new() };
        let mut print = Print { graph: self, number, head: String::new(), body: String::new(), imports: 0 };
        let mut declared = BTreeSet::new();
        for item in &module.items {
            // Taking items away must not make two of one name.
            let name = match item {
                Item::StarAs { name, .. } | Item::ReExport { to: name, .. } => Some(name.as_str()),
                Item::Variable { name, .. } | Item::Function { name } | Item::Class { name } => Some(name.as_str()),
                Item::Default => Some("default"),
                _ => None,
            };
            if name.is_some_and(|name| !declared.insert(name.to_owned())) {
                continue;
            }
            if module.is_commonjs { print.commonjs(item) } else { print.es(item) }
        }
        // With an export of its own an entry point has an interface, to which a bundler may add nothing.
        let own =
            if module.is_commonjs { String::new() } else { format!("export const own{number} = [{number}].join()\n") };
        format!("{}log('m{number} starts')\n{own}{}log('m{number} ends')\n", print.head, print.body)
    }
}

struct Print<'g> {
    graph: &'g Graph,
    number: usize,
    /// Imports, which run first wherever they stand.
    head: String,
    body: String,
    imports: usize,
}

impl Print<'_> {
    fn import_name(&mut self) -> String {
        self.imports += 1;
        format!("i{}", self.imports)
    }

    fn es(&mut self, item: &Item) {
        let number = self.number;
        let path = item.target().map(|to| format!("./{}", self.graph.file_name(to))).unwrap_or_default();
        match item {
            Item::Bare(_) => self.head += &format!("import '{path}'\n"),
            Item::Named { name, .. } => {
                let local = self.import_name();
                self.head += &format!("import {{ {name} as {local} }} from '{path}'\n");
                self.body += &format!(
                    "log('m{number} {local}', read(() => {local}))\nlater(() => log('m{number} {local} later', read(() => {local}), read(() => {local}())))\n"
                );
            }
            Item::Namespace { name, .. } => {
                let local = self.import_name();
                self.head += &format!("import * as {local} from '{path}'\n");
                self.body += &format!(
                    "log('m{number} {local}', read(() => {local}.{name}))\nlater(() => log('m{number} {local} later', read(() => {local}.{name}), keys({local})))\n"
                );
            }
            Item::Star(_) => self.head += &format!("export * from '{path}'\n"),
            Item::StarAs { name, .. } => self.head += &format!("export * as {name} from '{path}'\n"),
            Item::ReExport { name, to, .. } => self.head += &format!("export {{ {name} as {to} }} from '{path}'\n"),
            Item::Variable { name, changes: false } => {
                self.body += &format!("export const {name} = ['m{number}.{name}'].join()\n")
            }
            Item::Variable { name, changes: true } => {
                self.body += &format!(
                    "export let {name} = ['m{number}.{name}'].join()\nlater(() => {{ {name} += ' changed' }})\n"
                );
            }
            Item::Function { name } => {
                self.body += &format!("export function {name}() {{ return 'm{number}.{name}()' }}\n")
            }
            Item::Class { name } => {
                self.body += &format!(
                    "export class {name} {{ static kind = 'm{number}.{name}'; static {{ log('m{number} class', {name}.kind) }} }}\n"
                );
            }
            Item::Default => self.body += &format!("export default ['m{number}.default'].concat()\n"),
            Item::Await => self.body += &format!("await 0\nlog('m{number} goes on')\n"),
            Item::Later(_) => {
                self.body += &format!(
                    "later(async () => {{ const ns = await import('{path}'); log('m{number} loaded', keys(ns)) }})\n"
                )
            }
            Item::Throw => self.body += &format!("if (log) throw new Error('m{number} fails')\n"),
        }
    }

    fn commonjs(&mut self, item: &Item) {
        let number = self.number;
        let path = item.target().map(|to| format!("./{}", self.graph.file_name(to))).unwrap_or_default();
        match item {
            Item::Bare(_) => self.body += &format!("require('{path}')\n"),
            Item::Named { name, .. } | Item::Namespace { name, .. } => {
                let local = self.import_name();
                self.body += &match number % 3 {
                    0 => format!(
                        "const {{ {name}: {local} }} = require('{path}')\nlog('m{number} {local}', read(() => {local}))\n"
                    ),
                    1 => format!(
                        "require('{path}')\nlog('m{number} {local}', read(() => require('{path}').{name}))\nlater(() => log('m{number} {local} later', read(() => require('{path}').{name}())))\n"
                    ),
                    _ => format!(
                        "const {local} = require('{path}')\nlog('m{number} {local}', read(() => {local}.{name}))\nlater(() => log('m{number} {local} later', read(() => {local}.{name}), read(() => {local}.{name}())))\n"
                    ),
                };
            }
            Item::Star(_) | Item::StarAs { .. } | Item::ReExport { .. } | Item::Await => {}
            Item::Variable { name, .. } => {
                let value = format!("'m{number}.{name}'");
                self.body += &match number % 5 {
                    0 => format!("exports.{name} = {value}\n"),
                    1 => format!(
                        "exports.{name} = void 0\nvar v_{name} = {value}, w_{name} = v_{name}\nexports.{name} = w_{name}\n"
                    ),
                    2 => format!("Object.defineProperty(exports, '{name}', {{ enumerable: true, value: {value} }})\n"),
                    3 => format!(
                        "exports.{name} = this.{name} = {value}, exports.{name} = exports.{name} + typeof exports\n"
                    ),
                    _ => format!("module.exports.{name} = log(exports.{name}) || {value}\n"),
                };
            }
            Item::Function { name } => {
                let value = format!("'m{number}.{name}()'");
                self.body += &match number % 4 {
                    0 => format!("exports.{name} = function () {{ return {value} }}\n"),
                    1 => format!(
                        "exports.{name} = f_{name}\nfunction f_{name}() {{ return h_{name}() }}\nfunction h_{name}() {{ return {value} + exports.{name}.added }}\nf_{name}.added = 'added'\n"
                    ),
                    2 => format!("exports.{name} = function () {{ return {value} + Object.keys(exports).join() }}\n"),
                    _ => format!(
                        "exports.{name} = function () {{ return {value} + g_{name}() }}\nvar g_{name} = () => exports.{name}.added\nexports.{name}.added = 'g'\n"
                    ),
                };
            }
            Item::Class { name } => {
                self.body += &format!("exports.{name} = class {{ static kind = 'm{number}.{name}' }}\n")
            }
            Item::Default => self.body += &format!("exports.default = 'm{number}.default'\n"),
            Item::Later(_) => {
                self.body += &format!(
                    "later(async () => {{ const ns = await import('{path}'); log('m{number} loaded', keys(ns)) }})\n"
                )
            }
            Item::Throw => self.body += &format!("if (log) throw new Error('m{number} fails')\n"),
        }
    }
}
