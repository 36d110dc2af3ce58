//! Which modules there are and who imports whom: a seed and a count -> the tree of an application. A fifth of the
//! modules is shared code, a quarter of that is loaded with the entry; the rest belongs to features, each behind one
//! lazy route. Directories have barrels. Imports lead to earlier modules, but for one module in forty, which imports a
//! later neighbour: real applications have cycles.

use super::Language;
use super::random::Random;
use super::unit::Unit;
use super::words::{ADJECTIVES, NOUNS, VERBS, capitalized};
use rustc_hash::FxHashSet;

/// Modules of a directory, its barrel not counted.
const DIRECTORY: usize = 11;
const SHARED_DIRECTORY: usize = 9;
/// Bytes of a unit on average, and of everything else in a module: imports and the function that calls all. They only
/// steer how close modules come to their size.
const UNIT_BYTES: usize = 1_000;
const OTHER_BYTES: usize = 2_100;

pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
    /// Barrels that the entry imports statically.
    pub(super) core: Vec<usize>,
    pub(super) routes: Vec<usize>,
}

pub(super) struct Module {
    /// Relative to the application, with extension.
    pub(super) path: String,
    pub(super) language: Language,
    pub(super) role: Role,
}

pub(super) enum Role {
    Entry,
    /// `h` for JSX.
    Runtime,
    Code(Code),
    /// `export *` of these.
    Barrel(Vec<usize>),
    /// Calls the code behind these barrels.
    Route(Vec<usize>),
}

pub(super) struct Code {
    /// The function that calls everything else in the module.
    pub(super) run: String,
    pub(super) units: Vec<Unit>,
    pub(super) imports: Vec<Import>,
}

pub(super) struct Import {
    pub(super) module: usize,
    /// Exported units of `module`.
    pub(super) units: Vec<usize>,
    pub(super) through: Option<usize>,
    pub(super) renamed: bool,
    /// Also the type of the first unit's options.
    pub(super) with_type: bool,
}

/// Modules a directory holds: where they stand in the list, and its barrel.
struct Directory {
    members: Vec<usize>,
    barrel: usize,
}

pub(super) fn plan(count: usize, seed: u64, average_bytes: usize) -> Tree {
    let mut random = Random::new(seed, 0);
    let shared_directories = (count / (5 * (SHARED_DIRECTORY + 1))).max(1);
    let features = (count / 100).max(1);
    let fixed = 2 + shared_directories * (SHARED_DIRECTORY + 1) + features;
    let of_features = count.saturating_sub(fixed);
    let directories_of = |feature: usize| {
        let own = of_features / features + usize::from(feature < of_features % features);
        (own, own.div_ceil(DIRECTORY + 1))
    };
    let barrels = shared_directories + (0..features).map(|feature| directories_of(feature).1).sum::<usize>();
    let code = count.saturating_sub(2 + features + barrels).max(1);
    let mut builder = Builder { modules: Vec::with_capacity(count), seed, code_bytes: average_bytes * count / code };
    builder.modules.push(Module { path: "src/main.ts".to_owned(), language: Language::Ts, role: Role::Entry });
    builder.modules.push(Module { path: "src/runtime.ts".to_owned(), language: Language::Ts, role: Role::Runtime });

    let mut shared: Vec<Directory> = Vec::new();
    for index in 0..shared_directories {
        let folder = format!("src/shared/{}{index}", random.word(NOUNS));
        let directory = builder.directory(&folder, SHARED_DIRECTORY, &[], &shared);
        shared.push(directory);
    }
    let core = shared_directories.div_ceil(4);
    let mut routes = Vec::new();
    for feature in 0..features {
        let folder = format!("src/features/{}-{}{feature}", random.word(ADJECTIVES), random.word(NOUNS));
        let (mut left, count) = directories_of(feature);
        let mut own: Vec<Directory> = Vec::new();
        for index in 0..count {
            let take = left.div_ceil(count - index);
            left -= take;
            let folder = format!("{folder}/{}{index}", random.word(NOUNS));
            let directory = builder.directory(&folder, take.saturating_sub(1), &own, &shared);
            own.push(directory);
        }
        let owned = (core..shared_directories).filter(|index| index % features == feature);
        let barrels = own.iter().chain(owned.filter_map(|index| shared.get(index))).map(|found| found.barrel);
        let role = Role::Route(barrels.collect());
        routes.push(builder.modules.len());
        builder.modules.push(Module { path: format!("{folder}/route.ts"), language: Language::Ts, role });
    }
    let core = shared.iter().take(core).map(|directory| directory.barrel).collect();
    Tree { modules: builder.modules, core, routes }
}

struct Builder {
    modules: Vec<Module>,
    seed: u64,
    /// Bytes of a module with code, on average.
    code_bytes: usize,
}

impl Builder {
    fn directory(&mut self, folder: &str, count: usize, near: &[Directory], shared: &[Directory]) -> Directory {
        let first = self.modules.len();
        let members: Vec<usize> = (first..first + count).collect();
        for index in members.iter().copied() {
            let mut random = Random::new(self.seed, index as u64);
            let language = match random.range(0, 100) {
                0..15 => Language::Js,
                15..30 => Language::Tsx,
                _ => Language::Ts,
            };
            let noun = random.word(NOUNS);
            let units = self.units(&mut random, index, language);
            let imports = self.imports(&mut random, first, near, shared);
            let run = format!("run{}{index}", capitalized(noun));
            let path = format!("{folder}/{noun}{index}.{}", language.extension());
            let role = Role::Code(Code { run, units, imports });
            self.modules.push(Module { path, language, role });
        }
        for pair in members.windows(2).filter(|pair| pair[0] % 40 == 7) {
            self.import_later(pair[0], pair[1]);
        }
        let barrel = self.modules.len();
        let role = Role::Barrel(members.clone());
        self.modules.push(Module { path: format!("{folder}/index.ts"), language: Language::Ts, role });
        Directory { members, barrel }
    }

    fn units(&self, random: &mut Random, module: usize, language: Language) -> Vec<Unit> {
        let average = self.code_bytes as u32;
        let wanted = match random.range(0, 10) {
            0..6 => random.range(average * 4 / 10, average),
            6..9 => random.range(average, average * 16 / 10),
            _ => random.range(average * 14 / 10, average * 24 / 10),
        } as usize;
        let (mut units, mut names, mut text) = (Vec::new(), FxHashSet::default(), String::new());
        while units.is_empty() || text.len() + UNIT_BYTES / 2 + OTHER_BYTES < wanted {
            let base = format!("{}{}", random.word(VERBS), capitalized(random.word(NOUNS)));
            if !names.insert(base.clone()) {
                continue;
            }
            let exported = units.is_empty() || random.chance(65);
            let name = if exported { format!("{base}{module}") } else { base };
            let unit = Unit::new(random, name, exported, language);
            unit.write(&mut text, language);
            units.push(unit);
        }
        units
    }

    fn imports(&self, random: &mut Random, first: usize, near: &[Directory], shared: &[Directory]) -> Vec<Import> {
        let here: Vec<usize> = (first..self.modules.len()).collect();
        let (mut imports, mut taken) = (Vec::new(), FxHashSet::default());
        for _ in 0..random.range(4, 9) {
            let place = random.range(0, 100);
            let (module, barrel) = if place < 45 && !here.is_empty() {
                (here[random.index(here.len())], None)
            } else {
                let directories = if place < 70 && !near.is_empty() { near } else { shared };
                let Some(directory) = directories.get(random.index(directories.len())) else { continue };
                let Some(module) = directory.members.get(random.index(directory.members.len())) else { continue };
                (*module, Some(directory.barrel))
            };
            let through = barrel.filter(|_| random.chance(40));
            if !taken.insert(module) {
                continue;
            }
            let Some(Module { role: Role::Code(code), .. }) = self.modules.get(module) else { continue };
            let mut units: Vec<usize> = (0..code.units.len()).filter(|unit| code.units[*unit].exported).collect();
            while units.len() > 1 && random.chance(60) {
                units.remove(random.index(units.len()));
            }
            let (renamed, with_type) = (random.chance(10), random.chance(30));
            imports.push(Import { module, units, through, renamed, with_type });
        }
        imports
    }

    fn import_later(&mut self, module: usize, later: usize) {
        let import = Import { module: later, units: vec![0], through: None, renamed: false, with_type: false };
        if let Some(Module { role: Role::Code(code), .. }) = self.modules.get_mut(module) {
            code.imports.push(import);
        }
    }
}
