//! Modules -> directories, of the sizes and depths of the fingerprint; and which directories get a barrel.

use super::Options;
use super::plan::{Draft, Group, Part};
use super::random::Random;
use super::tree::Language;
use super::words::{ADJECTIVES, NOUNS};

pub(super) struct Places {
    folders: Vec<Folder>,
    /// Of each module.
    of: Vec<usize>,
}

struct Folder {
    path: String,
    level: u32,
    /// Modules that a barrel can pass on.
    members: Vec<usize>,
    /// How many a barrel would, if there were one.
    passed_on: usize,
}

pub(super) struct Barrel {
    pub(super) folder: String,
    pub(super) members: Vec<usize>,
}

impl Places {
    pub(super) fn new(
        groups: &[Group],
        drafts: &[Draft],
        languages: &[Language],
        options: &Options<'_>,
        random: &mut Random,
    ) -> Self {
        let root = Folder { path: "src".to_owned(), level: 1, members: Vec::new(), passed_on: 0 };
        let mut places = Self { folders: vec![root], of: vec![0; drafts.len()] };
        for (number, group) in groups.iter().enumerate() {
            let base = match group.part {
                Part::Core => "src/core".to_owned(),
                Part::Shared => "src/shared".to_owned(),
                Part::Feature => {
                    format!("src/features/{}-{}{number}", random.word(ADJECTIVES), random.word(NOUNS))
                }
            };
            places.fill(group, base, options, random);
            for module in group.modules.clone() {
                if !drafts[module].is_lazy() && languages[module] != Language::Cjs {
                    let folder = places.of[module];
                    places.folders[folder].members.push(module);
                }
            }
        }
        places
    }

    fn fill(&mut self, group: &Group, base: String, options: &Options<'_>, random: &mut Random) {
        let fingerprint = options.fingerprint;
        let (first, level) = (self.folders.len(), base.matches('/').count() as u32 + 1);
        let mut path = Some((base, level));
        let mut modules = group.modules.clone().peekable();
        while modules.peek().is_some() {
            let (path, level) = path.take().unwrap_or_else(|| {
                let wanted = fingerprint.directory_depth.sample(random).clamp(level + 1, 9);
                let known = &self.folders[first..];
                let above: Vec<&Folder> = known.iter().filter(|folder| folder.level + 1 == wanted).collect();
                let parent = above.get(random.index(above.len())).copied().or(known.last());
                let number = self.folders.len();
                parent.map_or_else(
                    || (format!("src/{number}"), 1),
                    |parent| (format!("{}/{}{number}", parent.path, random.word(NOUNS)), parent.level + 1),
                )
            });
            let size = fingerprint.directory_files.sample(random).max(1) as usize;
            for module in modules.by_ref().take(size) {
                self.of[module] = self.folders.len();
            }
            let passed_on = fingerprint.barrel_members.sample(random).max(2) as usize;
            self.folders.push(Folder { path, level, members: Vec::new(), passed_on });
        }
    }

    pub(super) fn folder(&self, module: usize) -> &str {
        self.of.get(module).and_then(|folder| self.folders.get(*folder)).map_or("src", |folder| &folder.path)
    }

    /// At most `count`, evenly spread over the directories that have something to pass on.
    pub(super) fn choose_barrels(&mut self, count: usize, random: &mut Random) -> Vec<Barrel> {
        let mut fit: Vec<usize> =
            (0..self.folders.len()).filter(|folder| self.folders[*folder].members.len() > 1).collect();
        while fit.len() > count {
            fit.swap_remove(random.index(fit.len()));
        }
        fit.sort_unstable();
        let barrel = |folder: usize| {
            let Folder { path, members, passed_on, .. } = &self.folders[folder];
            Barrel { folder: path.clone(), members: members.iter().copied().take(*passed_on).collect() }
        };
        fit.into_iter().map(barrel).collect()
    }
}
