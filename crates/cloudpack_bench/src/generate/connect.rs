//! Who uses what of whom, besides the tree of calls: a module takes functions of its neighbours, of modules that many
//! take from, of shared code and of packages, as often as the fingerprint says. Then imports of types.

use super::Options;
use super::plan::{Draft, Group, Part};
use super::random::Random;
use super::tree::{PackageUse, Role, Tree, Use};
use rayon::prelude::*;
use std::ops::Range;

/// What one module takes.
#[derive(Default)]
struct Taken {
    uses: Vec<Use>,
    types: Vec<Use>,
    packages: Vec<PackageUse>,
}

/// A group with its modules weighted by their fan-in.
struct Region {
    part: Part,
    modules: Range<usize>,
    /// Sums of weights up to and with each module.
    sums: Vec<u64>,
}

struct Connector<'c> {
    tree: &'c Tree,
    drafts: &'c [Draft],
    regions: Vec<Region>,
    through: &'c [Option<usize>],
    options: &'c Options<'c>,
}

pub(super) fn connect(
    tree: &mut Tree,
    drafts: &[Draft],
    groups: &[Group],
    through: &[Option<usize>],
    options: &Options<'_>,
) {
    let region = |group: &Group| {
        let sums = group.modules.clone().scan(0, |sum, module| {
            // What is loaded lazily must not be imported otherwise.
            *sum += if drafts[module].is_lazy() { 0 } else { u64::from(drafts[module].fan_in) };
            Some(*sum)
        });
        Region { part: group.part, modules: group.modules.clone(), sums: sums.collect() }
    };
    let regions = groups.iter().map(region).collect();
    let connector = Connector { tree, drafts, regions, through, options };
    let own: Vec<usize> = (0..connector.regions.len())
        .flat_map(|index| connector.regions[index].modules.clone().map(move |_| index))
        .collect();
    let taken: Vec<Taken> = own.par_iter().enumerate().map(|(at, region)| connector.take(at + 2, *region)).collect();
    for (index, taken) in taken.into_iter().enumerate() {
        if let Some(code) = tree.code_mut(index + 2) {
            (code.uses, code.types, code.packages) = (taken.uses, taken.types, taken.packages);
        }
    }
    use_every_file(tree);
}

/// The entry takes what no other module takes of packages, so that as many modules are loaded as were asked for.
fn use_every_file(tree: &mut Tree) {
    let codes = tree.modules.iter().filter_map(|module| match &module.role {
        Role::Code(code) => Some(code),
        _ => None,
    });
    let mut used = vec![false; tree.packages.len()];
    codes.flat_map(|code| &code.packages).for_each(|taken| used[taken.package] = true);
    let unused = (0..tree.packages.len()).filter(|package| !used[*package]);
    let first = |package: usize| match tree.modules.get(tree.packages[package].main).map(|main| &main.role) {
        Some(Role::PackageMain(files)) => files.first().map(|file| PackageUse { package, module: *file, unit: 0 }),
        _ => None,
    };
    let taken: Vec<PackageUse> = unused.filter_map(first).collect();
    if let Some(code) = tree.code_mut(0) {
        code.packages = taken;
    }
}

impl Connector<'_> {
    fn take(&self, module: usize, region: usize) -> Taken {
        let mut random = Random::new(self.options.seed ^ 0xC0DE, module as u64);
        let mut taken = Taken::default();
        let Some(code) = self.tree.code(module) else { return taken };
        let draft = self.drafts[module];
        let known = code.children.len() as u32;
        for _ in known..draft.fan_out.min(known + 60) {
            let Some(target) = self.target(module, region, &mut random) else { continue };
            if taken.uses.iter().any(|used| used.module == target) {
                continue;
            }
            let Some(units) = self.exported(target, &mut random) else { continue };
            let through = self.barrel(module, target, &mut random);
            taken.uses.push(Use { module: target, units, through, renamed: random.chance(10) });
        }
        if random.permille(self.options.fingerprint.circular / 2) {
            self.close_circle(module, &mut taken, &mut random);
        }
        self.take_types(module, region, known, &mut taken, &mut random);
        for _ in 0..self.options.fingerprint.packages.sample(&mut random).min(12) {
            self.take_package(module, &mut taken, &mut random);
        }
        taken
    }

    /// A later module, so that circles are made on purpose only; not deeper than one level.
    fn target(&self, module: usize, own: usize, random: &mut Random) -> Option<usize> {
        let find = |part: Part| self.regions.iter().find(|region| region.part == part);
        for _ in 0..4 {
            let place = random.range(0, 100);
            let here = &self.regions[own];
            let (region, near) = match place {
                0..30 => (here, true),
                30..60 => (here, false),
                60..82 => (find(Part::Shared)?, false),
                _ => (find(Part::Core)?, false),
            };
            let target = if near { module + 1 + random.index(12) } else { region.pick(random)? };
            let known = target > module && region.modules.contains(&target);
            let Some(draft) = self.drafts.get(target).filter(|draft| known && !draft.is_lazy()) else { continue };
            let shallow = region.part != here.part || draft.depth <= self.drafts[module].depth + 1;
            let loadable = !self.tree.is_common_js(module) || self.tree.is_common_js(target);
            if shallow && loadable {
                return Some(target);
            }
        }
        None
    }

    fn exported(&self, target: usize, random: &mut Random) -> Option<Vec<usize>> {
        let units = self.tree.units(target);
        let mut exported: Vec<usize> = (0..units.len()).filter(|unit| units[*unit].exported).collect();
        while exported.len() > 1 && (exported.len() > 4 || random.chance(60)) {
            exported.swap_remove(random.index(exported.len()));
        }
        exported.sort_unstable();
        (!exported.is_empty()).then_some(exported)
    }

    /// Two in five imports from another directory go through its barrel.
    fn barrel(&self, from: usize, target: usize, random: &mut Random) -> Option<usize> {
        let folder = |module: usize| self.tree.modules[module].path.rsplit_once('/').map(|(folder, _)| folder);
        let barrel = self.through.get(target).copied().flatten()?;
        (folder(from) != folder(target) && random.chance(40) && !self.tree.is_common_js(from)).then_some(barrel)
    }

    /// Uses the module that runs this one.
    fn close_circle(&self, module: usize, taken: &mut Taken, random: &mut Random) {
        let before = module.saturating_sub(40).max(2)..module;
        let runs = |parent: &usize| {
            let code = self.tree.code(*parent);
            code.is_some_and(|code| code.children.iter().any(|child| child.module == module))
        };
        let Some(parent) = before.rev().find(runs) else { return };
        let loadable = self.tree.is_common_js(module) == self.tree.is_common_js(parent);
        if !loadable || self.drafts[parent].is_lazy() || taken.uses.iter().any(|used| used.module == parent) {
            return;
        }
        if let Some(units) = self.exported(parent, random) {
            taken.uses.push(Use { module: parent, units, through: None, renamed: false });
        }
    }

    fn take_types(&self, module: usize, region: usize, known: u32, taken: &mut Taken, random: &mut Random) {
        let language = self.tree.modules[module].language;
        if !language.is_typed() {
            return;
        }
        let permille = self.options.fingerprint.type_only_imports.min(800);
        let others = known + taken.uses.len() as u32;
        let wanted = (others * permille + random.range(0, 1_000 - permille)) / (1_000 - permille);
        for _ in 0..wanted.min(20) {
            // Most targets have no type to give: not TypeScript, or a class.
            let found = (0..6).find_map(|_| self.typed(self.target(module, region, random)?, random));
            taken.types.extend(found.filter(|found| taken.types.iter().all(|used| used.module != found.module)));
        }
    }

    fn typed(&self, module: usize, random: &mut Random) -> Option<Use> {
        let (language, units) = (self.tree.modules[module].language, self.tree.units(module));
        let typed: Vec<usize> = (0..units.len()).filter(|unit| units[*unit].options_type(language).is_some()).collect();
        let unit = typed.get(random.index(typed.len())).copied()?;
        Some(Use { module, units: vec![unit], through: None, renamed: false })
    }

    /// The first packages are the favourites.
    fn take_package(&self, module: usize, taken: &mut Taken, random: &mut Random) {
        let count = self.tree.packages.len();
        let package = random.index(count).min(random.index(count));
        let Some(found) = self.tree.packages.get(package) else { return };
        // `require()` of an ES package is not what this measures.
        if self.tree.is_common_js(module) && !found.common_js
            || taken.packages.iter().any(|used| used.package == package)
        {
            return;
        }
        let Some(Role::PackageMain(files)) = self.tree.modules.get(found.main).map(|main| &main.role) else { return };
        if let Some(file) = files.get(random.index(files.len())) {
            taken.packages.push(PackageUse { package, module: *file, unit: random.index(2) });
        }
    }
}

impl Region {
    fn pick(&self, random: &mut Random) -> Option<usize> {
        let total = self.sums.last().copied().filter(|total| *total > 0)?;
        let point = random.next() % total;
        Some(self.modules.start + self.sums.partition_point(|sum| *sum <= point))
    }
}
