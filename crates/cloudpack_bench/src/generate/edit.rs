//! Edits of a generated application, as people make them. An edit changes the tree, not texts, so the checksum of the
//! edited application is known too. `turn` makes repeated edits of one kind differ.

use super::plan::edited_module;
use super::random::Random;
use super::tree::{Child, Code, Language, Role, Tree, Use};
use super::unit::Unit;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    pub kind: EditKind,
    pub turn: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditKind {
    /// A statement in a module that imports no other.
    BodyLeaf,
    /// A statement in the module that most others import.
    BodyHub,
    /// A comment: no output changes.
    Comment,
    /// A function of another module, imported and called.
    NewImport,
    /// A function that is exported, and used by nobody yet.
    NewExport,
    /// A module, imported and called.
    NewFile,
    /// A module that imports no other, with all its uses.
    Delete,
    /// A file's name, with all imports of it.
    Rename,
    /// A statement in one module of twenty: another branch.
    Many,
    /// A package's version, with a function in it.
    Dependency,
}

impl EditKind {
    pub const ALL: [(&'static str, Self); 10] = [
        ("body-leaf", Self::BodyLeaf),
        ("body-hub", Self::BodyHub),
        ("comment", Self::Comment),
        ("new-import", Self::NewImport),
        ("new-export", Self::NewExport),
        ("new-file", Self::NewFile),
        ("delete", Self::Delete),
        ("rename", Self::Rename),
        ("many", Self::Many),
        ("dependency", Self::Dependency),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

impl FromStr for EditKind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        found.ok_or_else(|| {
            format!("there is no edit \"{word}\"; there are {}", Self::ALL.map(|(word, _)| word).join(", "))
        })
    }
}

impl Tree {
    pub(super) fn edit(&mut self, edit: Edit) {
        let mut random = Random::new(self.seed ^ 0xED17, u64::from(edit.turn) << 8 | edit.kind as u64);
        let salt = random.range(1, 1 << 24);
        match edit.kind {
            EditKind::BodyLeaf => self.change(&mut random, Tree::is_leaf, |code| code.salt = salt),
            EditKind::BodyHub => {
                let hub = self.hub();
                self.code_mut(hub).into_iter().for_each(|code| code.salt = salt);
            }
            EditKind::Comment => self.change(&mut random, |_, _| true, |code| code.note = edit.turn + 1),
            EditKind::NewImport => self.new_import(&mut random),
            EditKind::NewExport => self.new_export(&mut random, edit.turn),
            EditKind::NewFile => self.new_file(&mut random),
            EditKind::Delete => self.delete(&mut random),
            EditKind::Rename => self.rename(&mut random, edit.turn),
            EditKind::Many => {
                for module in
                    self.code_modules().filter(|module| module % 20 == edit.turn as usize % 20).collect::<Vec<_>>()
                {
                    self.code_mut(module).into_iter().for_each(|code| code.salt = salt ^ module as u32);
                }
            }
            EditKind::Dependency => self.new_version(&mut random),
        }
    }

    /// Modules with code, the entry not among them.
    fn code_modules(&self) -> impl Iterator<Item = usize> + '_ {
        (2..self.modules.len()).filter(|module| !self.modules[*module].removed && self.code(*module).is_some())
    }

    fn is_leaf(&self, module: usize) -> bool {
        let imports_none = |code: &Code| {
            code.children.is_empty()
                && code.lazy.is_empty()
                && code.json.is_empty()
                && code.css.is_empty()
                && code.uses.is_empty()
        };
        self.code(module).is_some_and(imports_none)
    }

    fn some(&self, random: &mut Random, fits: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let fit: Vec<usize> = self.code_modules().filter(|module| fits(self, *module)).collect();
        fit.get(random.index(fit.len())).copied()
    }

    fn change(&mut self, random: &mut Random, fits: impl Fn(&Self, usize) -> bool, change: impl FnOnce(&mut Code)) {
        let found = self.some(random, fits).or_else(|| self.code_modules().last());
        if let Some(code) = found.and_then(|module| self.code_mut(module)) {
            change(code);
        }
    }

    /// The module that most others take functions from.
    fn hub(&self) -> usize {
        let mut counts = vec![0u32; self.modules.len()];
        for used in self.code_modules().filter_map(|module| self.code(module)).flat_map(|code| &code.uses) {
            counts[used.module] += 1;
        }
        (2..counts.len()).max_by_key(|module| (counts[*module], usize::MAX - module)).unwrap_or(2)
    }

    fn new_import(&mut self, random: &mut Random) {
        let hub = self.hub();
        let Some(unit) = self.units(hub).iter().position(|unit| unit.exported) else { return };
        let fits = |tree: &Self, module: usize| {
            let knows = tree.code(module).is_some_and(|code| code.uses.iter().any(|used| used.module == hub));
            module != hub && !knows && !tree.is_common_js(module)
        };
        let Some(module) = self.some(random, fits) else { return };
        if let Some(code) = self.code_mut(module) {
            code.uses.push(Use { module: hub, units: vec![unit], through: None, renamed: false });
        }
    }

    fn new_export(&mut self, random: &mut Random, turn: u32) {
        let Some(module) = self.some(random, |_, _| true) else { return };
        let mut unit = Unit::small(random, format!("added{turn}To{module}"), true);
        unit.called = false;
        if let Some(code) = self.code_mut(module) {
            code.units.push(unit);
        }
    }

    fn new_file(&mut self, random: &mut Random) {
        let Some(parent) = self.some(random, |tree, module| !tree.is_common_js(module)) else { return };
        let index = self.modules.len();
        let (path, language) = (self.modules[parent].path.clone(), self.modules[parent].language);
        let folder = path.rsplit_once('/').map_or("src", |(folder, _)| folder);
        let language = if language == Language::Cjs { Language::Js } else { language };
        self.modules.push(edited_module(index, folder, language, self.seed, self.comments));
        if let Some(code) = self.code_mut(parent) {
            code.children.push(Child { module: index, through: None });
        }
    }

    fn delete(&mut self, random: &mut Random) {
        let fits = |tree: &Self, module: usize| {
            let is_child = |code: &Code| code.children.iter().any(|child| child.module == module);
            tree.is_leaf(module)
                && tree.modules.iter().any(|parent| matches!(&parent.role, Role::Code(code) if is_child(code)))
        };
        // Asking every leaf for its parent would be slow: begin with a sample.
        let leaves: Vec<usize> = self.code_modules().filter(|module| self.is_leaf(*module)).collect();
        let start = random.index(leaves.len());
        let Some(module) =
            leaves.iter().cycle().skip(start).take(leaves.len().min(50)).copied().find(|leaf| fits(self, *leaf))
        else {
            return;
        };
        self.modules[module].removed = true;
        for other in &mut self.modules {
            match &mut other.role {
                Role::Code(code) => {
                    code.children.retain(|child| child.module != module);
                    code.uses.retain(|used| used.module != module);
                    code.types.retain(|used| used.module != module);
                }
                Role::Barrel(members) => members.retain(|member| member.module != module),
                _ => {}
            }
        }
    }

    fn rename(&mut self, random: &mut Random, turn: u32) {
        let Some(module) = self.some(random, |_, _| true) else { return };
        let path = &mut self.modules[module].path;
        if let Some((stem, extension)) = path.rsplit_once('.') {
            *path = format!("{stem}r{turn}.{extension}");
        }
    }

    fn new_version(&mut self, random: &mut Random) {
        let package = random.index(self.packages.len());
        let Some(package) = self.packages.get_mut(package) else { return };
        package.version += 1;
        let main = package.main;
        let Some(Role::PackageMain(files)) = self.modules.get(main).map(|module| &module.role) else { return };
        let Some(file) = files.get(random.index(files.len())).copied() else { return };
        if let Some(Role::PackageCode(units)) = self.modules.get_mut(file).map(|module| &mut module.role) {
            units.iter_mut().for_each(|unit| unit.rewrite(random));
        }
    }
}
