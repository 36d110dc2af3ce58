//! Live modules as files below a directory that does not exist. Rolldown asks for them through a plugin: it reads nothing
//! from disk and resolves nothing but ways between these files.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use cloudpack_engine::{EngineError, EngineModule, EnginePlan, Format, LiveModules};
use rolldown_common::side_effects::HookSideEffects;
use rolldown_common::{ModuleType, ResolvedExternal};
use rolldown_plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn,
    HookUsage, Plugin, PluginContext, SharedLoadPluginContext,
};

/// No file of a user lies here.
pub(crate) const ROOT: &str = "/__cloudpack_modules__/";

/// Between the ids of modules and what they are called here.
pub(crate) struct ModuleFiles {
    files: HashMap<String, String>,
    ids: HashMap<String, String>,
    /// External modules that a module may hand on whole, in a format where that needs a word of ours.
    handed_on: HashMap<String, Vec<String>>,
}

impl ModuleFiles {
    pub(crate) fn new(plan: &EnginePlan) -> Self {
        let files = plan.modules.iter().map(|module| (module.id.clone(), format!("{ROOT}{}", module.file)));
        let files = files.collect::<HashMap<_, _>>();
        let ids = files.iter().map(|(id, file)| (file.clone(), id.clone())).collect();
        let own = plan.modules.iter().map(|module| module.file.as_str()).collect::<HashSet<_>>();
        let externals = |module: &EngineModule| {
            let list = module.imports.iter().filter(|import| !own.contains(import.as_str()));
            (module.id.clone(), list.cloned().collect())
        };
        let handed_on = match plan.format {
            Format::Iife => plan.modules.iter().map(externals).collect(),
            Format::Es | Format::Cjs | Format::Umd => HashMap::new(),
        };
        Self { files, ids, handed_on }
    }

    /// An iife is given the external modules of which something is used; `export *` is none of Rolldown's uses, though its
    /// code for that reads the module. A property that any module may be asked for is one, where nobody can leave it out.
    fn uses_of_stars(&self, id: &str, code: &str) -> String {
        let externals = self.handed_on.get(id).into_iter().flatten().enumerate();
        let stars = externals.filter(|(_, external)| {
            ["export * from ", "export*from"].iter().any(|words| code.contains(&format!("{words}{external:?}")))
        });
        let uses = stars.map(|(at, external)| {
            format!(
                "import {{ __esModule as __cloudpack_star_{at} }} from {external:?};\n[].push(__cloudpack_star_{at});\n"
            )
        });
        uses.collect()
    }

    pub(crate) fn file(&self, id: &str) -> Result<&str, EngineError> {
        self.files.get(id).map(String::as_str).ok_or_else(|| EngineError::NotLive(id.to_owned()))
    }

    pub(crate) fn id(&self, file: &str) -> Option<&str> {
        self.ids.get(file).map(String::as_str)
    }

    /// `EngineModule::file` of what a source map calls it: a way there from anywhere.
    pub(crate) fn file_of(source: &str) -> &str {
        source.rfind(ROOT).and_then(|at| source.get(at + ROOT.len()..)).unwrap_or(source)
    }

    /// The file that `specifier` leads to from `importer`; none for what is not ours.
    fn resolved(&self, specifier: &str, importer: &str) -> Option<String> {
        if !specifier.starts_with("./") && !specifier.starts_with("../") {
            return None;
        }
        let mut way = importer.split('/').collect::<Vec<_>>();
        way.pop();
        for part in specifier.split('/') {
            match part {
                "" | "." => {}
                ".." if way.len() > 1 => drop(way.pop()),
                ".." => {}
                part => way.push(part),
            }
        }
        Some(way.join("/")).filter(|file| self.ids.contains_key(file))
    }
}

pub(crate) struct LivePlugin {
    files: Arc<ModuleFiles>,
    modules: Arc<dyn LiveModules>,
}

impl LivePlugin {
    pub(crate) fn new(files: Arc<ModuleFiles>, modules: Arc<dyn LiveModules>) -> Self {
        Self { files, modules }
    }
}

impl fmt::Debug for LivePlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LivePlugin")
    }
}

impl Plugin for LivePlugin {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("cloudpack")
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load
    }

    async fn resolve_id(&self, _: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        let Some(importer) = args.importer else { return Ok(Some(HookResolveIdOutput::from_id(args.specifier))) };
        Ok(Some(match self.files.resolved(args.specifier, importer) {
            Some(file) => HookResolveIdOutput::from_id(file),
            None => HookResolveIdOutput {
                external: Some(ResolvedExternal::Bool(true)),
                ..HookResolveIdOutput::from_id(args.specifier)
            },
        }))
    }

    async fn load(&self, _: SharedLoadPluginContext, args: &HookLoadArgs<'_>) -> HookLoadReturn {
        let Some(id) = self.files.id(args.id) else { return Ok(None) };
        let code = self.modules.code(id)?;
        let uses = self.files.uses_of_stars(id, &code);
        Ok(Some(HookLoadOutput {
            // A module that exports nothing could be taken for CommonJS when it asks for `typeof module`.
            code: format!("{code}\n{uses}export {{}};").into(),
            // Everything that is given is live, and runs.
            side_effects: Some(HookSideEffects::True),
            module_type: Some(ModuleType::Js),
            ..HookLoadOutput::default()
        }))
    }
}
