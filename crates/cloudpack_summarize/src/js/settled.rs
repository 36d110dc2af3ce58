//! Which variables of the top level nobody can have seen before they got their values: what runs before does not mention
//! them, nor any function or variable that leads to them.
//!
//! ```js
//! const now = () => Date.now();
//! start();                        // leads to `pause`, which is there too early
//! const pause = "pause";
//! const go = "go";                // settled
//! function start() { return pause; }
//! ```

use oxc_ast::ast::*;
use oxc_ast_visit::Visit;
use oxc_semantic::Scoping;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};

/// Cost: one walk, and each mention of the top level once more.
pub(super) fn settled_variables(program: &Program<'_>, scoping: &Scoping) -> FxHashSet<SymbolId> {
    let parts = parts_of(program, scoping);
    let mut made_by: FxHashMap<SymbolId, Vec<usize>> = FxHashMap::default();
    for (index, part) in parts.iter().enumerate() {
        for symbol in &part.declares {
            made_by.entry(*symbol).or_default().push(index);
        }
    }
    // Another chunk may call what this one exports before this one has run, if they import each other.
    let imports = program.body.iter().any(|statement| matches!(statement, Statement::ImportDeclaration(_)));
    let mut work: Vec<SymbolId> = parts
        .iter()
        .filter(|part| imports && part.is_export)
        .flat_map(|part| part.mentions.iter().chain(&part.declares))
        .copied()
        .collect();
    let mut reached: FxHashSet<SymbolId> = FxHashSet::default();
    let mut settled = FxHashSet::default();
    for part in &parts {
        while let Some(symbol) = work.pop() {
            if reached.insert(symbol) {
                let made_by = made_by.get(&symbol).into_iter().flatten();
                work.extend(made_by.filter_map(|index| parts.get(*index)).flat_map(|part| &part.mentions));
            }
        }
        settled.extend(part.declares.iter().filter(|symbol| !reached.contains(*symbol)));
        if part.runs {
            work.extend(&part.mentions);
        }
    }
    settled
}

/// A statement of the top level, or one of several declarations in it.
struct Part {
    declares: Vec<SymbolId>,
    /// Names of the top level, in functions too.
    mentions: Vec<SymbolId>,
    /// More than that a function is made.
    runs: bool,
    is_export: bool,
}

fn parts_of(program: &Program<'_>, scoping: &Scoping) -> Vec<Part> {
    let mut parts = Vec::new();
    for statement in &program.body {
        let mut part = |is_export: bool, runs: bool, visit: &dyn Fn(&mut Mentions<'_>)| {
            let mut mentions = Mentions { scoping, declares: Vec::new(), found: FxHashSet::default() };
            visit(&mut mentions);
            let mut found: Vec<SymbolId> = mentions.found.into_iter().collect();
            found.sort_unstable();
            parts.push(Part { declares: mentions.declares, mentions: found, runs, is_export });
        };
        match statement {
            Statement::VariableDeclaration(declaration) => {
                for declarator in &declaration.declarations {
                    let is_function = matches!(
                        declarator.init,
                        Some(Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_))
                    ) && declarator.id.is_binding_identifier();
                    part(false, !is_function, &|mentions| mentions.visit_variable_declarator(declarator));
                }
            }
            statement => {
                let is_export = statement.is_module_declaration();
                let runs = !matches!(statement, Statement::FunctionDeclaration(_));
                part(is_export, runs, &|mentions| mentions.visit_statement(statement));
            }
        }
    }
    parts
}

struct Mentions<'s> {
    scoping: &'s Scoping,
    declares: Vec<SymbolId>,
    found: FxHashSet<SymbolId>,
}

impl Mentions<'_> {
    fn is_top_level(&self, symbol: SymbolId) -> bool {
        self.scoping.symbol_scope_id(symbol) == self.scoping.root_scope_id()
    }
}

impl<'a> Visit<'a> for Mentions<'_> {
    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        self.declares.extend(id.symbol_id.get().filter(|symbol| self.is_top_level(*symbol)));
    }

    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        let symbol = identifier.reference_id.get().and_then(|id| self.scoping.get_reference(id).symbol_id());
        self.found.extend(symbol.filter(|symbol| self.is_top_level(*symbol)));
    }
}
