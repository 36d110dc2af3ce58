//! Patterns of the configuration, made ready to match. Expressions are `regex`'s: linear time, no look-around.

use crate::options::{ModuleType, Pattern};
use crate::protocol::{HookFilter, HookTable, HostRequests};
use cloudpack_base::Diagnostic;
use regex::Regex;

pub(crate) enum Matcher {
    Exact(String),
    Regex(Regex),
    Glob(String),
}

impl Matcher {
    pub(crate) fn new(pattern: &Pattern) -> Result<Self, Diagnostic> {
        match pattern {
            Pattern::Exact(text) => Ok(Self::Exact(text.clone())),
            Pattern::Glob(glob) => Ok(Self::Glob(glob.clone())),
            Pattern::Regex { source, flags } => {
                let flags: String = flags.chars().filter(|flag| "ims".contains(*flag)).collect();
                let text = if flags.is_empty() { source.clone() } else { format!("(?{flags}){source}") };
                Regex::new(&text).map(Self::Regex).map_err(|error| {
                    Diagnostic::error("INVALID_OPTION", format!("The expression /{source}/ cannot be used: {error}"))
                        .with_hint("Expressions here run in linear time: no look-around and no back references. Use a function instead")
                })
            }
        }
    }

    pub(crate) fn all(patterns: &[Pattern], faults: &mut Vec<Diagnostic>) -> Vec<Self> {
        patterns.iter().filter_map(|pattern| Self::new(pattern).map_err(|fault| faults.push(fault)).ok()).collect()
    }

    /// For ids and specifiers: a text is compared whole.
    pub(crate) fn matches_id(&self, id: &str) -> bool {
        match self {
            Self::Exact(text) => text == id,
            Self::Regex(regex) => regex.is_match(id),
            Self::Glob(glob) => fast_glob::glob_match(glob, id),
        }
    }

    /// For externals: a package name also stands for its sub-paths.
    pub(crate) fn matches_request(&self, specifier: &str) -> bool {
        match self {
            Self::Exact(text) => specifier.strip_prefix(text.as_str()).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') && !text.starts_with('.') && !text.starts_with('/')
            }),
            _ => self.matches_id(specifier),
        }
    }

    /// For code: a text is searched for.
    fn matches_code(&self, code: &str) -> bool {
        match self {
            Self::Exact(text) | Self::Glob(text) => code.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(code),
        }
    }
}

/// The filters of one kind of hook over all plugins. One that cannot be understood here lets everything through:
/// JavaScript filters again with its own engine.
pub(crate) struct HookFilters(Vec<Filter>);

struct Filter {
    id_include: Vec<Matcher>,
    id_exclude: Vec<Matcher>,
    code_include: Vec<Matcher>,
    code_exclude: Vec<Matcher>,
    module_types: Vec<ModuleType>,
    after_compile: bool,
}

impl HookFilters {
    fn new(filters: &[HookFilter]) -> Self {
        let list = |patterns: &[Pattern]| -> Option<Vec<Matcher>> {
            patterns.iter().map(|pattern| Matcher::new(pattern).ok()).collect()
        };
        Self(
            filters
                .iter()
                .map(|filter| Filter {
                    id_include: list(&filter.id_include).unwrap_or_default(),
                    // An exclusion that cannot be read excludes nothing.
                    id_exclude: list(&filter.id_exclude).unwrap_or_default(),
                    code_include: list(&filter.code_include).unwrap_or_default(),
                    code_exclude: list(&filter.code_exclude).unwrap_or_default(),
                    module_types: filter.module_types.clone(),
                    after_compile: filter.after_compile,
                })
                .collect(),
        )
    }

    pub(crate) fn want_id(&self, id: &str, module_type: Option<ModuleType>) -> bool {
        self.0.iter().any(|filter| filter.wants_id(id, module_type))
    }

    pub(crate) fn want_code(&self, id: &str, module_type: ModuleType, code: &str) -> bool {
        let has_types = matches!(module_type, ModuleType::Ts | ModuleType::Tsx | ModuleType::Jsx);
        self.0.iter().any(|filter| {
            if filter.after_compile && has_types {
                return filter.wants_id(id, None);
            }
            filter.wants_id(id, Some(module_type))
                && (filter.code_include.is_empty() || filter.code_include.iter().any(|it| it.matches_code(code)))
                && !filter.code_exclude.iter().any(|it| it.matches_code(code))
        })
    }
}

impl Filter {
    fn wants_id(&self, id: &str, module_type: Option<ModuleType>) -> bool {
        (self.id_include.is_empty() || self.id_include.iter().any(|it| it.matches_id(id)))
            && !self.id_exclude.iter().any(|it| it.matches_id(id))
            && (self.module_types.is_empty() || module_type.is_none_or(|found| self.module_types.contains(&found)))
    }
}

/// Which hooks exist, ready to be asked.
pub(crate) struct Hooks {
    pub(crate) resolve_id: HookFilters,
    pub(crate) load: HookFilters,
    pub(crate) transform: HookFilters,
    pub(crate) module_parsed: bool,
    pub(crate) host: Option<HostRules>,
    /// Whether any hook may answer: then the time of its answer is not ours.
    pub(crate) decide: bool,
}

/// `HostRequests`, ready to be asked.
pub(crate) struct HostRules {
    alias: Vec<(Matcher, Option<String>)>,
    external: Vec<Matcher>,
}

/// What the aliases of a bundler around us make of a specifier.
pub(crate) enum Aliased {
    /// No alias matches.
    No,
    To(String),
    /// Only JavaScript knows.
    Unknown,
}

impl HostRules {
    /// `None`: some pattern cannot be read here, so that JavaScript decides about every request.
    fn new(requests: &HostRequests) -> Option<Self> {
        let read = |pattern: &Pattern| Matcher::new(pattern).ok();
        let alias = requests.alias.iter().map(|alias| Some((read(&alias.find)?, alias.replacement.clone())));
        Some(Self {
            alias: alias.collect::<Option<_>>()?,
            external: requests.external.iter().map(read).collect::<Option<_>>()?,
        })
    }

    pub(crate) fn alias_of(&self, specifier: &str) -> Aliased {
        for (find, replacement) in &self.alias {
            match find {
                Matcher::Exact(text) => {
                    let Some(rest) = specifier.strip_prefix(text.as_str()) else { continue };
                    if !rest.is_empty() && !rest.starts_with('/') {
                        continue;
                    }
                    return replacement.as_ref().map_or(Aliased::Unknown, |to| Aliased::To(format!("{to}{rest}")));
                }
                _ if find.matches_id(specifier) => return Aliased::Unknown,
                _ => {}
            }
        }
        Aliased::No
    }

    pub(crate) fn may_be_external(&self, name: &str) -> bool {
        self.external.iter().any(|matcher| matcher.matches_request(name))
    }
}

impl Hooks {
    pub(crate) fn new(table: &HookTable) -> Self {
        let host = table.host.as_ref().and_then(HostRules::new);
        let everything = [HookFilter::default()];
        let is_unreadable = table.host.is_some() && host.is_none();
        Self {
            resolve_id: HookFilters::new(if is_unreadable { &everything } else { &table.resolve_id }),
            load: HookFilters::new(&table.load),
            transform: HookFilters::new(&table.transform),
            module_parsed: table.module_parsed,
            host,
            decide: table.is_observed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::HostAlias;

    #[test]
    fn a_package_name_stands_for_its_sub_paths_and_not_for_longer_names() {
        let react = Matcher::new(&Pattern::Exact("react".into())).unwrap();
        assert!(react.matches_request("react") && react.matches_request("react/jsx-runtime"));
        assert!(!react.matches_request("react-dom"));
    }

    #[test]
    fn a_filter_that_rust_cannot_read_lets_everything_through() {
        let filter = HookFilter {
            id_include: vec![Pattern::Regex { source: "(?<!x)y".into(), flags: String::new() }],
            ..HookFilter::default()
        };
        assert!(HookFilters::new(&[filter]).want_id("z", None));
    }

    #[test]
    fn code_with_types_says_nothing_about_what_a_hook_behind_the_compiler_sees() {
        let filter = HookFilter { code_include: vec![Pattern::Exact("x(".into())], ..HookFilter::default() };
        let wants = |filter: &HookFilter, module_type| {
            HookFilters::new(std::slice::from_ref(filter)).want_code("/a.ts", module_type, "x /* : */ ()")
        };
        assert!(!wants(&filter, ModuleType::Ts));
        let behind = HookFilter { after_compile: true, ..filter };
        assert!(wants(&behind, ModuleType::Ts) && !wants(&behind, ModuleType::Js));
    }

    #[test]
    fn the_first_alias_of_a_host_decides() {
        let alias =
            |find: Pattern, replacement: Option<&str>| HostAlias { find, replacement: replacement.map(str::to_owned) };
        let regex = Pattern::Regex { source: "^~".into(), flags: String::new() };
        let alias = vec![
            alias(regex, None),
            alias(Pattern::Exact("@".into()), Some("/app/src")),
            alias(Pattern::Exact("@/x".into()), Some("/y")),
        ];
        let rules = HostRules::new(&HostRequests { alias, external: Vec::new() }).expect("readable patterns");
        assert!(matches!(rules.alias_of("@/x"), Aliased::To(path) if path == "/app/src/x"));
        assert!(matches!(rules.alias_of("@vue/shared"), Aliased::No));
        assert!(matches!(rules.alias_of("~a"), Aliased::Unknown));
    }
}
