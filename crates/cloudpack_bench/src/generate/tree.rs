//! What a generated application is, before it has text: modules, who calls whom, and how.

use super::unit::Unit;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Js,
    Jsx,
    Ts,
    Tsx,
    /// JavaScript in a `.cjs` file.
    Cjs,
}

impl Language {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Js => "js",
            Self::Jsx => "jsx",
            Self::Ts => "ts",
            Self::Tsx => "tsx",
            Self::Cjs => "cjs",
        }
    }

    pub(super) fn is_typed(self) -> bool {
        matches!(self, Self::Ts | Self::Tsx)
    }

    pub(super) fn has_elements(self) -> bool {
        matches!(self, Self::Jsx | Self::Tsx)
    }
}

pub(crate) struct Tree {
    /// Number 0 is the entry, number 1 the runtime; then code, barrels, style sheets, JSON, packages.
    pub(crate) modules: Vec<Module>,
    pub(crate) packages: Vec<Package>,
    pub(super) seed: u64,
    /// Bytes in comments, in permille.
    pub(super) comments: u32,
}

pub(crate) struct Module {
    /// Relative to the application, with extension.
    pub(crate) path: String,
    pub(super) language: Language,
    pub(super) role: Role,
    /// An edit took it away; its number stays.
    pub(super) removed: bool,
}

#[allow(clippy::large_enum_variant, reason = "nearly every module is code")]
pub(super) enum Role {
    /// `defer` and `register`.
    Runtime,
    /// The entry too.
    Code(Code),
    Barrel(Vec<Member>),
    /// Bytes wanted.
    Css(usize),
    Json {
        values: Vec<u32>,
    },
    /// A package's main file: passes on all exports of these.
    PackageMain(Vec<usize>),
    /// A file of a package: functions, no `run`.
    PackageCode(Vec<Unit>),
}

pub(super) struct Member {
    pub(super) module: usize,
    pub(super) star: bool,
}

#[derive(Default)]
pub(super) struct Code {
    /// The function that calls everything else in the module.
    pub(super) run: String,
    pub(super) units: Vec<Unit>,
    /// Modules whose `run` is called here and nowhere else; so every module runs once.
    pub(super) children: Vec<Child>,
    /// As children, behind `import()`.
    pub(super) lazy: Vec<usize>,
    /// Functions of other modules that are called here.
    pub(super) uses: Vec<Use>,
    pub(super) types: Vec<Use>,
    /// Main files of packages, with one function of a file of each.
    pub(super) packages: Vec<PackageUse>,
    pub(super) json: Vec<usize>,
    pub(super) css: Vec<usize>,
    /// Numbers that are registered when the module is evaluated: its side effects.
    pub(super) registers: Vec<u32>,
    /// What edits of bodies and of comments changed; 0 in the beginning.
    pub(super) salt: u32,
    pub(super) note: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Child {
    pub(super) module: usize,
    /// A barrel.
    pub(super) through: Option<usize>,
}

#[derive(Clone)]
pub(super) struct Use {
    pub(super) module: usize,
    /// Exported units of `module`.
    pub(super) units: Vec<usize>,
    pub(super) through: Option<usize>,
    pub(super) renamed: bool,
}

#[derive(Clone, Copy)]
pub(super) struct PackageUse {
    pub(super) package: usize,
    pub(super) module: usize,
    pub(super) unit: usize,
}

pub(crate) struct Package {
    pub(super) name: String,
    pub(super) common_js: bool,
    pub(super) side_effect_free: bool,
    pub(super) version: u32,
    pub(super) main: usize,
}

impl Package {
    pub(super) fn folder(&self) -> String {
        format!("node_modules/{}", self.name)
    }
}

impl Tree {
    pub(super) fn code(&self, module: usize) -> Option<&Code> {
        match &self.modules.get(module)?.role {
            Role::Code(code) => Some(code),
            _ => None,
        }
    }

    pub(super) fn code_mut(&mut self, module: usize) -> Option<&mut Code> {
        match &mut self.modules.get_mut(module)?.role {
            Role::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Of code, and of files of packages.
    pub(super) fn units(&self, module: usize) -> &[Unit] {
        match self.modules.get(module).map(|module| &module.role) {
            Some(Role::Code(code)) => &code.units,
            Some(Role::PackageCode(units)) => units,
            _ => &[],
        }
    }

    pub(super) fn is_common_js(&self, module: usize) -> bool {
        self.modules.get(module).is_some_and(|module| module.language == Language::Cjs)
    }
}
