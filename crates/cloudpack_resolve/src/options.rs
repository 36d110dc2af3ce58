//! What the user may ask of resolution, and what stands where they asked nothing. The defaults are Rolldown's where it
//! has one: a project must mean the same files under both.

use oxc_resolver::ResolveOptions;

use crate::adapter::PathForm;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Platform {
    #[default]
    Browser,
    Node,
    Neutral,
}

/// `None` means the platform's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolverOptions {
    /// Absolute; where `/src/main.ts` of an HTML file starts.
    pub cwd: String,
    pub platform: Platform,
    /// `(from, to)`: `from` is a whole specifier or a prefix up to `/`; with a trailing `$` only the whole; one `*`
    /// stands for any text. Targets are tried in order; `None` is an empty module. A target `./x` starts at `cwd`.
    pub alias: Vec<(String, Vec<Option<String>>)>,
    /// In place of the platform's conditions. `import`, `require` or `style` and `default` are always there.
    pub condition_names: Option<Vec<String>>,
    /// Besides whatever `condition_names` says: `production` or `development`.
    pub extra_conditions: Vec<String>,
    pub extensions: Option<Vec<String>>,
    /// `None`: `./a.js` may mean `./a.ts`, for TypeScript importers only. Given, it holds for every importer.
    pub extension_alias: Option<Vec<(String, Vec<String>)>>,
    pub main_fields: Option<Vec<String>>,
    pub main_files: Option<Vec<String>>,
    pub modules: Option<Vec<String>>,
    /// `false`: the id of a linked package is the link's path.
    pub symlinks: Option<bool>,
    /// One file for every importer outside `node_modules`, from `cwd`. `None`: the nearest of each importer.
    pub tsconfig_filename: Option<String>,
}

const EXTENSIONS: [&str; 10] = [".tsx", ".ts", ".jsx", ".js", ".mjs", ".cjs", ".mts", ".cts", ".json", ".css"];

const TYPESCRIPT_ALIAS: [(&str, &[&str]); 4] = [
    // A file that is really there wins, as in Vite and esbuild.
    (".js", &[".js", ".ts", ".tsx"]),
    (".jsx", &[".jsx", ".tsx"]),
    (".mjs", &[".mjs", ".mts"]),
    (".cjs", &[".cjs", ".cts"]),
];

/// Requests of one kind share conditions and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Import,
    Require,
    Css,
}

/// What one kind of request looks for.
#[derive(Clone, Debug)]
pub(crate) struct KindRules {
    pub(crate) conditions: Vec<String>,
    pub(crate) extensions: Vec<String>,
    main_fields: Vec<String>,
}

/// The options with every default filled in.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) cwd: String,
    pub(crate) platform: Platform,
    kinds: [KindRules; 3],
    pub(crate) extension_alias: Vec<(String, Vec<String>)>,
    pub(crate) alias_for_every_importer: bool,
    pub(crate) main_files: Vec<String>,
    pub(crate) modules: Vec<String>,
    pub(crate) symlinks: bool,
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Rules {
    pub(crate) fn new(options: &ResolverOptions) -> Self {
        let platform_conditions = options.condition_names.clone().unwrap_or_else(|| match options.platform {
            Platform::Browser => owned(&["browser", "module"]),
            Platform::Node => owned(&["node", "module"]),
            Platform::Neutral => Vec::new(),
        });
        let main_fields = options.main_fields.clone().unwrap_or_else(|| match options.platform {
            Platform::Browser => owned(&["browser", "module", "main"]),
            Platform::Node => owned(&["main", "module"]),
            Platform::Neutral => Vec::new(),
        });
        let given = options.extensions.as_ref().map(|extensions| {
            // `js` means `.js`; an empty one would mean the bare name, which is always tried first.
            let dotted = |name: &String| if name.starts_with('.') { name.clone() } else { format!(".{name}") };
            extensions.iter().filter(|name| !name.is_empty()).map(dotted).collect()
        });
        let extensions: Vec<String> = given.unwrap_or_else(|| owned(&EXTENSIONS));
        let kind = |condition: &str, main_fields: Vec<String>, extensions: Vec<String>| {
            let mut conditions = vec![condition.to_owned()];
            conditions.extend(platform_conditions.iter().chain(&options.extra_conditions).cloned());
            conditions.push("default".to_owned());
            KindRules { conditions, extensions, main_fields }
        };
        let kinds = [
            kind("import", main_fields.clone(), extensions.clone()),
            kind("require", main_fields, extensions),
            // `"style"` is where packages of before `exports` name their sheet; `"main"` for those that hold one only.
            kind("style", owned(&["style", "main"]), owned(&[".css"])),
        ];
        let typescript = || {
            let pairs = TYPESCRIPT_ALIAS.iter();
            pairs.map(|(from, to)| ((*from).to_owned(), owned(to))).collect()
        };
        Self {
            cwd: cloudpack_base::path::normalize(&options.cwd),
            platform: options.platform,
            kinds,
            extension_alias: options.extension_alias.clone().unwrap_or_else(typescript),
            alias_for_every_importer: options.extension_alias.is_some(),
            main_files: options.main_files.clone().unwrap_or_else(|| owned(&["index"])),
            modules: options.modules.clone().unwrap_or_else(|| owned(&["node_modules"])),
            symlinks: options.symlinks.unwrap_or(true),
        }
    }

    pub(crate) fn kind(&self, kind: Kind) -> &KindRules {
        let [import, require, css] = &self.kinds;
        match kind {
            Kind::Import => import,
            Kind::Require => require,
            Kind::Css => css,
        }
    }

    /// `oxc_resolver` gets no aliases and no tsconfig: both are applied before it is asked.
    pub(crate) fn for_packages(&self, kind: Kind, extension_alias: bool, form: PathForm) -> ResolveOptions {
        let rules = self.kind(kind);
        ResolveOptions {
            cwd: Some(form.to_oxc(&self.cwd)),
            alias_fields: match self.platform {
                Platform::Browser => vec![owned(&["browser"])],
                Platform::Node | Platform::Neutral => Vec::new(),
            },
            condition_names: rules.conditions.clone(),
            extensions: rules.extensions.clone(),
            extension_alias: if extension_alias { self.extension_alias.clone() } else { Vec::new() },
            main_fields: rules.main_fields.clone(),
            main_files: self.main_files.clone(),
            modules: self.modules.clone(),
            symlinks: self.symlinks,
            // NODE_PATH is ambient state: a build must not depend on the shell it was started from.
            node_path: false,
            builtin_modules: self.platform == Platform::Node,
            allow_package_exports_in_directory_resolve: true,
            ..ResolveOptions::default()
        }
    }
}
