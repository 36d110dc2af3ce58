//! A fingerprint, a count and a seed -> the modules of an application and the tree of who runs whom.
//!
//! The entry runs the core and defers to routes, one in a hundred modules, each behind `import()`. A route's feature and
//! the code that features share are trees of calls too; every module is run once. What else modules use of each other
//! comes after that, in `connect`.

use super::place::Places;
use super::random::Random;
use super::tree::{Child, Code, Language, Member, Module, Package, Role, Tree};
use super::unit::Unit;
use super::words::{ADJECTIVES, NOUNS, VERBS, capitalized};
use super::{Options, connect};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Fewest modules that an application can have.
pub(super) const FEWEST: usize = 60;
/// Bytes of imports and of `run` beside the units, about.
const OTHER_BYTES: usize = 420;
/// A unit, about.
const UNIT_BYTES: usize = 900;

/// What a part of the application is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Loaded with the entry.
    Core,
    /// Behind one `import()`; begins with the route.
    Feature,
    /// Used by several features, run by one of them.
    Shared,
}

pub(super) struct Group {
    pub(super) part: Part,
    /// Modules with code, those of lower depth first.
    pub(super) modules: Range<usize>,
}

/// What is known of a module with code before it has any.
#[derive(Clone, Copy, Default)]
pub(super) struct Draft {
    pub(super) depth: u32,
    pub(super) fan_out: u32,
    pub(super) fan_in: u32,
    parent: Option<usize>,
    pub(super) children: u32,
    is_lazy: bool,
}

/// How many files of each kind.
struct Counts {
    code: usize,
    barrels: usize,
    css: usize,
    json: usize,
    packages: Vec<usize>,
}

pub(super) fn plan(options: &Options<'_>) -> Tree {
    let mut random = Random::new(options.seed, 0);
    let fingerprint = options.fingerprint;
    let mut counts = Counts::new(options, &mut random);
    let groups = groups(counts.code, options.modules);
    let mut drafts = vec![Draft::default(); 2 + counts.code];
    for draft in &mut drafts {
        draft.fan_out = fingerprint.fan_out.sample(&mut random).min(400);
        draft.fan_in = fingerprint.fan_in.sample(&mut random).max(1);
    }
    for group in &groups {
        hang(group, &groups, &mut drafts, options, &mut random);
    }
    defer(&mut drafts, &groups, options, &mut random);
    let languages = languages(&drafts, options);
    let mut places = Places::new(&groups, &drafts, &languages, options, &mut random);
    let barrels = places.choose_barrels(counts.barrels, &mut random);
    // What directories had no room for becomes files of the last package.
    if let Some(files) = counts.packages.last_mut() {
        *files += counts.barrels - barrels.len();
    }

    let mut modules: Vec<Module> = Vec::with_capacity(options.modules);
    modules.push(Module::new("src/main.ts".to_owned(), Language::Ts, Role::Code(Code::default())));
    modules.push(Module::new("src/runtime.ts".to_owned(), Language::Ts, Role::Runtime));
    let code: Vec<Module> = (2..2 + counts.code)
        .into_par_iter()
        .map(|index| code_module(index, places.folder(index), languages[index], options))
        .collect();
    modules.extend(code);
    let mut through: Vec<Option<usize>> = vec![None; modules.len()];
    for barrel in barrels {
        let members: Vec<Member> = barrel
            .members
            .iter()
            .map(|module| Member { module: *module, star: random.permille(fingerprint.star_exports) })
            .collect();
        barrel.members.iter().for_each(|module| through[*module] = Some(modules.len()));
        let typed = random.permille(fingerprint.files.ts + fingerprint.files.tsx);
        let language = if typed { Language::Ts } else { Language::Js };
        let path = format!("{}/index.{}", barrel.folder, language.extension());
        modules.push(Module::new(path, language, Role::Barrel(members)));
    }
    let mut tree = Tree { modules, packages: Vec::new(), seed: options.seed, comments: fingerprint.comments };
    adopt(&mut tree, &drafts, &places, &through);
    add_assets(&mut tree, &counts, options, &mut random);
    add_packages(&mut tree, &counts, &mut random);
    connect::connect(&mut tree, &drafts, &groups, &through, options);
    tree
}

impl Module {
    pub(super) fn new(path: String, language: Language, role: Role) -> Self {
        Self { path, language, role, removed: false }
    }
}

impl Counts {
    fn new(options: &Options<'_>, random: &mut Random) -> Self {
        let (total, files) = (options.modules, &options.fingerprint.files);
        let share = |permille: u32| total * permille as usize / 1_000;
        // Style sheets and data of a codebase that is little else would leave no code.
        let (css, json) = (share(files.css.min(250)), share(files.json.min(150)));
        let mut packages = Vec::new();
        for _ in 0..(total / 250).clamp(2, 60) {
            packages.push(random.range(1, 6) as usize);
        }
        let of_packages = packages.iter().sum::<usize>() + packages.len();
        let rest = total.saturating_sub(2 + css + json + of_packages);
        let barrels = rest * options.fingerprint.barrels.min(200) as usize / 1_000;
        Self { code: rest - barrels, barrels, css, json, packages }
    }
}

/// A tenth core, a tenth shared, the rest in features: one in a hundred modules is a route.
fn groups(code: usize, modules: usize) -> Vec<Group> {
    let routes = (modules / 100).max(1);
    let (core, shared) = ((code / 10).max(4), (code / 10).max(4));
    let of_features = code - core - shared;
    let mut start = 2;
    let mut next = |part: Part, len: usize| {
        let modules = start..start + len;
        start += len;
        Group { part, modules }
    };
    let mut groups: Vec<Group> = (0..routes)
        .map(|route| next(Part::Feature, of_features / routes + usize::from(route < of_features % routes)))
        .collect();
    groups.push(next(Part::Shared, shared));
    groups.push(next(Part::Core, core));
    groups
}

/// Gives each module of a group a depth and the module that runs it, one level above.
fn hang(group: &Group, groups: &[Group], drafts: &mut [Draft], options: &Options<'_>, random: &mut Random) {
    let lowest = if group.part == Part::Feature { 2 } else { 1 };
    let depths = group.modules.clone().map(|_| options.fingerprint.depth.sample(random).max(lowest));
    let mut depths: Vec<u32> = depths.collect();
    depths.sort_unstable();
    if let (Part::Feature, Some(first)) = (group.part, depths.first_mut()) {
        *first = 1;
    }
    // Modules of the level above, and of the one that is being filled.
    let (mut above, mut level) = (0..0, group.modules.start..group.modules.start);
    let mut depth_of_level = 0;
    for (module, wanted) in group.modules.clone().zip(depths) {
        if wanted > depth_of_level && !level.is_empty() {
            (above, level) = (level, module..module);
        }
        depth_of_level = depth_of_level.max(wanted);
        let parent = if above.is_empty() {
            match group.part {
                Part::Shared => {
                    let features: Vec<&Group> = groups.iter().filter(|group| group.part == Part::Feature).collect();
                    features.get(random.index(features.len())).map(|feature| pick(&feature.modules, drafts, random))
                }
                _ => Some(0),
            }
        } else {
            Some(pick(&above, drafts, random))
        };
        level.end = module + 1;
        let depth = parent.and_then(|parent| drafts.get(parent)).map_or(1, |parent| parent.depth + 1);
        if let Some(parent) = parent {
            drafts[parent].children += 1;
        }
        let is_lazy = group.part == Part::Feature && module == group.modules.start;
        drafts[module] = Draft { depth, parent, is_lazy, ..drafts[module] };
    }
}

/// Of three modules the one that may import most.
fn pick(among: &Range<usize>, drafts: &[Draft], random: &mut Random) -> usize {
    let tries: [usize; 3] = std::array::from_fn(|_| among.start + random.index(among.len()));
    let room = |module: usize| i64::from(drafts[module].fan_out) - i64::from(drafts[module].children);
    tries.into_iter().max_by_key(|module| (room(*module), usize::MAX - module)).unwrap_or(among.start)
}

/// Turns calls inside of features into `import()`, as many as the fingerprint has beyond routes.
fn defer(drafts: &mut [Draft], groups: &[Group], options: &Options<'_>, random: &mut Random) {
    let edges: u64 = drafts.iter().map(|draft| u64::from(draft.fan_out)).sum();
    let routes = groups.iter().filter(|group| group.part == Part::Feature).count() as u64;
    let wanted = (edges * u64::from(options.fingerprint.dynamic_imports) / 1_000).min(drafts.len() as u64 / 10);
    let features = groups.iter().take(routes as usize).map(|group| group.modules.end).max().unwrap_or(2);
    for _ in routes..wanted {
        let module = 2 + random.index(features - 2);
        drafts[module].is_lazy |= drafts[module].depth > 1;
    }
}

/// By the shares of the fingerprint; CommonJS only where everything below is CommonJS too, because `require()` of an ES
/// module is not what this measures.
fn languages(drafts: &[Draft], options: &Options<'_>) -> Vec<Language> {
    let files = &options.fingerprint.files;
    let mut languages = vec![Language::Ts; drafts.len()];
    let mut only_common_js = vec![true; drafts.len()];
    for (index, draft) in drafts.iter().enumerate().skip(2).rev() {
        let mut random = Random::new(options.seed, index as u64);
        let lazy = draft.is_lazy || draft.parent == Some(0);
        let common_js = random.permille(options.fingerprint.common_js) && !lazy && only_common_js[index];
        languages[index] = if common_js {
            Language::Cjs
        } else {
            let known = (files.ts + files.tsx + files.js + files.jsx).max(1);
            // Files of CommonJS are among those of JavaScript.
            match random.range(0, known) {
                at if at < files.ts => Language::Ts,
                at if at < files.ts + files.tsx => Language::Tsx,
                at if at < files.ts + files.tsx + files.jsx => Language::Jsx,
                _ => Language::Js,
            }
        };
        if let (false, Some(parent)) = (common_js, draft.parent) {
            only_common_js[parent] = false;
        }
        // `import()` stays in ES modules.
        if let (true, Some(parent)) = (draft.is_lazy, draft.parent) {
            only_common_js[parent] = false;
        }
    }
    languages
}

fn code_module(index: usize, folder: &str, language: Language, options: &Options<'_>) -> Module {
    let fingerprint = options.fingerprint;
    let mut random = Random::new(options.seed ^ 0x5EED, index as u64);
    let noun = random.word(NOUNS);
    let bytes = options.scaled(fingerprint.bytes.sample(&mut random)) as usize;
    let exports = fingerprint.exports.sample(&mut random).clamp(2, 300) as usize - 1;
    let units = units(&mut random, index, language, bytes.min(400_000), exports, fingerprint.comments);
    let mut registers = Vec::new();
    if language != Language::Cjs && random.permille(fingerprint.side_effect_modules) {
        let sections = fingerprint.sections.sample(&mut random);
        let share = fingerprint.side_effect_sections * 1_000 / fingerprint.side_effect_modules.max(1);
        let count = (sections * share / 1_000).clamp(1, 6);
        registers.extend((0..count).map(|_| random.range(1, 1 << 30)));
    }
    let run = format!("run{}{index}", capitalized(noun));
    let path = format!("{folder}/{noun}{index}.{}", language.extension());
    Module::new(path, language, Role::Code(Code { run, units, registers, ..Code::default() }))
}

fn units(
    random: &mut Random,
    module: usize,
    language: Language,
    bytes: usize,
    exports: usize,
    comments: u32,
) -> Vec<Unit> {
    let (mut units, mut names, mut text) = (Vec::<Unit>::new(), FxHashSet::default(), String::new());
    let wanted = bytes.saturating_sub(OTHER_BYTES);
    let mut exported = 0;
    while exported < exports || text.len() + UNIT_BYTES / 2 < wanted {
        let mut name = format!("{}{}", random.word(VERBS), capitalized(random.word(NOUNS)));
        while !names.insert(name.clone()) {
            name = format!("{name}{}", capitalized(random.word(NOUNS)));
        }
        let room = wanted.saturating_sub(text.len()) / (exports - exported.min(exports)).max(1);
        let is_exported = exported < exports && (units.is_empty() || random.chance(75));
        if is_exported {
            name = format!("{name}{module}");
            exported += 1;
        }
        // At most this many exports can be met without growing beyond the size that was asked for.
        let unit = match room {
            0..150 => Unit::constant(random, name, is_exported),
            150..450 => Unit::small(random, name, is_exported),
            _ => Unit::new(random, name, is_exported, language),
        };
        unit.write(&mut text, language, comments);
        units.push(unit);
    }
    units
}

/// Makes every module the child of the one that runs it.
fn adopt(tree: &mut Tree, drafts: &[Draft], places: &Places, through: &[Option<usize>]) {
    if let Some(main) = tree.code_mut(0) {
        main.run = "run".to_owned();
    }
    for (module, draft) in drafts.iter().enumerate().skip(2) {
        let Some(parent) = draft.parent else { continue };
        let is_common_js = tree.is_common_js(parent);
        let near = parent != 0 && places.folder(parent) == places.folder(module);
        let through = through[module].filter(|_| !near && !is_common_js && module % 5 < 2);
        let Some(code) = tree.code_mut(parent) else { continue };
        if draft.is_lazy {
            code.lazy.push(module);
        } else {
            code.children.push(Child { module, through });
        }
    }
}

/// Style sheets and JSON, each in the folder of the module that imports it.
fn add_assets(tree: &mut Tree, counts: &Counts, options: &Options<'_>, random: &mut Random) {
    let fingerprint = options.fingerprint;
    for number in 0..counts.css + counts.json {
        let is_css = number < counts.css;
        let mut owner = 2 + random.index(counts.code);
        // Style sheets are imported; JSON is for everybody.
        for _ in 0..20 {
            if !is_css || !tree.is_common_js(owner) {
                break;
            }
            owner = 2 + random.index(counts.code);
        }
        let index = tree.modules.len();
        let owner = if is_css && tree.is_common_js(owner) { 0 } else { owner };
        let folder = tree.modules[owner].path.rsplit_once('/').map_or("src", |(folder, _)| folder).to_owned();
        let stem = format!("{folder}/{}{index}", random.word(NOUNS));
        let (path, role) = if is_css {
            let bytes = fingerprint.css_bytes.sample(random).clamp(80, 60_000);
            (format!("{stem}.css"), Role::Css(bytes as usize))
        } else {
            let bytes = fingerprint.json_bytes.sample(random).clamp(60, 60_000);
            let values = (0..bytes / 9 + 3).map(|_| random.range(1, 1 << 24)).collect();
            (format!("{stem}.json"), Role::Json { values })
        };
        tree.modules.push(Module::new(path, Language::Js, role));
        if let Some(code) = tree.code_mut(owner) {
            if is_css { code.css.push(index) } else { code.json.push(index) }
        }
    }
}

/// Every other one is CommonJS; every second of the others says that it has no side effects.
fn add_packages(tree: &mut Tree, counts: &Counts, random: &mut Random) {
    for (number, files) in counts.packages.iter().enumerate() {
        let common_js = number % 2 == 1;
        let name = format!("{}-{}-{number}", random.word(ADJECTIVES), random.word(NOUNS));
        let folder = format!("node_modules/{name}");
        // Its package.json says which system `.js` is.
        let language = if common_js { Language::Cjs } else { Language::Js };
        let first = tree.modules.len();
        for index in first..first + files {
            let exported = format!("{}{}{index}", random.word(VERBS), capitalized(random.word(NOUNS)));
            let other = format!("{}{}Of{index}", random.word(VERBS), capitalized(random.word(NOUNS)));
            let units = vec![Unit::new(random, exported, true, language), Unit::new(random, other, true, language)];
            let path = format!("{folder}/lib/{}{index}.js", random.word(NOUNS));
            tree.modules.push(Module::new(path, language, Role::PackageCode(units)));
        }
        let main = tree.modules.len();
        let role = Role::PackageMain((first..main).collect());
        tree.modules.push(Module::new(format!("{folder}/index.js"), language, role));
        tree.packages.push(Package { name, common_js, side_effect_free: number % 4 == 0, version: 0, main });
    }
}

/// A module that an edit adds.
pub(super) fn edited_module(index: usize, folder: &str, language: Language, seed: u64, comments: u32) -> Module {
    let mut random = Random::new(seed ^ 0x5EED, index as u64);
    let noun = random.word(NOUNS);
    let units = units(&mut random, index, language, 2_000, 2, comments);
    let run = format!("run{}{index}", capitalized(noun));
    let path = format!("{folder}/{noun}{index}.{}", language.extension());
    Module::new(path, language, Role::Code(Code { run, units, ..Code::default() }))
}

impl Draft {
    /// Whether it may be passed on by a barrel, or used by others: what is loaded lazily must not be loaded otherwise.
    pub(super) fn is_lazy(&self) -> bool {
        self.is_lazy
    }
}
