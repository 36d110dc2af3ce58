//! Paths, extensions, aliases, queries, links.

use cloudpack_resolve::{Outcome, RequestFlavor, ResolverOptions};

use crate::project::in_both_forms;

fn options() -> ResolverOptions {
    ResolverOptions::default()
}

#[test]
fn relative_and_absolute_paths_are_completed_with_extensions_and_index_files() {
    let files = [
        ("/app/src/a.tsx", ""),
        ("/app/src/a.js", ""),
        ("/app/src/b.css", ""),
        ("/app/src/dir/index.ts", ""),
        ("/app/src/both.ts", ""),
        ("/app/src/both/index.ts", ""),
        ("/app/other.mjs", ""),
        ("/app/src/index.ts", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("./a"), "/app/src/a.tsx");
        assert_eq!(project.import("./a.js"), "/app/src/a.js", "a file that is there wins over a.ts(x)");
        assert_eq!(project.import("./b"), "/app/src/b.css");
        assert_eq!(project.import("./dir"), "/app/src/dir/index.ts");
        assert_eq!(project.import("./dir/"), "/app/src/dir/index.ts");
        assert_eq!(project.import("./both"), "/app/src/both.ts");
        assert_eq!(project.import("./both/"), "/app/src/both/index.ts");
        assert_eq!(project.import("../other.mjs"), "/app/other.mjs");
        assert_eq!(project.import("./dir/../../other"), "/app/other.mjs");
        assert_eq!(project.import("."), "/app/src/index.ts");
        assert_eq!(project.import("./"), "/app/src/index.ts");
        assert_eq!(project.ask("/app/src/dir/x.ts", "..", RequestFlavor::Import), "/app/src/index.ts");
        assert_eq!(project.import(&project.rooted("/app/other")), "/app/other.mjs");
        assert_eq!(project.import("./nothing"), "missing");
        assert_eq!(project.import("./A"), "missing", "names are case-sensitive everywhere");
        assert_eq!(project.import(""), "missing");
    });
}

#[test]
fn only_typescript_importers_read_js_as_ts() {
    let files = [
        ("/app/src/a.ts", ""),
        ("/app/src/m.mts", ""),
        ("/app/src/x.tsx", ""),
        ("/app/src/both.js", ""),
        ("/app/src/both.ts", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("./a.js"), "/app/src/a.ts");
        assert_eq!(project.import("./m.mjs"), "/app/src/m.mts");
        assert_eq!(project.import("./x.jsx"), "/app/src/x.tsx");
        assert_eq!(project.import("./both.js"), "/app/src/both.js");
        let from_js = |specifier| project.ask("/app/src/main.js", specifier, RequestFlavor::Import);
        assert_eq!(from_js("./a.js"), "missing");
        assert_eq!(from_js("./both.js"), "/app/src/both.js");
        let from_vue = project.ask("/app/src/App.vue?vue&type=script&lang.ts", "./a.js", RequestFlavor::Import);
        assert_eq!(from_vue, "/app/src/a.ts");
    });
    let given = ResolverOptions { extension_alias: Some(vec![(".js".into(), vec![".ts".into()])]), ..options() };
    in_both_forms(&files, &given, |project| {
        assert_eq!(project.ask("/app/src/main.js", "./both.js", RequestFlavor::Import), "/app/src/both.ts");
        assert_eq!(project.import("./m.mjs"), "missing");
    });
}

#[test]
fn queries_and_fragments_stay_in_the_id() {
    let files = [("/app/src/a.svg", ""), ("/app/src/we#ird.js", ""), ("/app/src/q?x.js", ""), ("/app/src/w.ts", "")];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("./a.svg?raw"), "/app/src/a.svg?raw");
        assert_eq!(project.import("./a.svg?url#part"), "/app/src/a.svg?url#part");
        assert_eq!(project.import("./a.svg#part"), "/app/src/a.svg#part");
        assert_eq!(project.import("./w?worker"), "/app/src/w.ts?worker");
        assert_eq!(project.import("./we#ird"), "/app/src/we#ird.js");
        assert_eq!(project.import("./q?x.js"), "/app/src/q?x.js");
        let module = |specifier| match project.resolution("/app/src/main.ts", specifier, RequestFlavor::Import).outcome
        {
            Outcome::Module(module) => (project.unrooted(module.path()), module.suffix().to_owned()),
            other => panic!("{other:?}"),
        };
        assert_eq!(module("./q?x.js"), ("/app/src/q?x.js".to_owned(), String::new()));
        assert_eq!(module("./a.svg?raw#x"), ("/app/src/a.svg".to_owned(), "?raw#x".to_owned()));
    });
}

#[test]
fn aliases_match_whole_prefixes_and_patterns() {
    let files = [
        ("/app/src/a.ts", ""),
        ("/app/src/lib/x.ts", ""),
        ("/app/theme/x.ts", ""),
        ("/app/shims/react.ts", ""),
        ("/app/src/we#ird.ts", ""),
        ("/app/node_modules/react/index.js", ""),
        ("/app/node_modules/react/jsx-runtime.js", ""),
        ("/app/node_modules/preact/compat/index.js", ""),
        ("/app/src/logo.svg", ""),
    ];
    let to = |target: &str| vec![Some(target.to_owned())];
    let aliased = ResolverOptions {
        alias: vec![
            ("@".into(), to("/app/src")),
            ("~/".into(), to("./src/")),
            ("react$".into(), to("/app/shims/react.ts")),
            ("react-dom".into(), to("preact/compat")),
            ("#lib/*.js".into(), to("/app/src/lib/*")),
            ("theme".into(), vec![Some("/app/nothing".into()), Some("/app/theme".into())]),
            ("nothing".into(), vec![None]),
            ("broken".into(), to("./src/no.ts")),
            ("a".into(), to("b")),
            ("b".into(), to("a")),
            ("fs".into(), to("/app/src/a.ts")),
        ],
        ..options()
    };
    in_both_forms(&files, &aliased, |project| {
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        assert_eq!(project.import("@/logo.svg?raw"), "/app/src/logo.svg?raw");
        assert_eq!(project.import("@/we#ird"), "/app/src/we#ird.ts");
        assert_eq!(project.import("~/a"), "/app/src/a.ts");
        assert_eq!(project.import("react"), "/app/shims/react.ts");
        assert_eq!(project.import("react/jsx-runtime"), "/app/node_modules/react/jsx-runtime.js");
        assert_eq!(project.import("react-dom"), "/app/node_modules/preact/compat/index.js");
        assert_eq!(project.import("#lib/x.js"), "/app/src/lib/x.ts");
        assert_eq!(project.import("theme/x"), "/app/theme/x.ts");
        assert_eq!(project.import("nothing"), "ignored");
        assert_eq!(project.import("nothing/at/all"), "ignored");
        assert_eq!(project.import("broken"), "missing");
        assert_eq!(project.import("a"), "missing", "aliases in a circle end");
        assert_eq!(project.import("fs"), "/app/src/a.ts");
    });
}

#[test]
fn an_alias_of_a_file_holds_however_the_file_was_reached() {
    let files = [("/app/src/a.ts", ""), ("/app/src/b.ts", "")];
    for drive in ["", "C:"] {
        let key = format!("{drive}/app/src/a.ts");
        let aliased = ResolverOptions { alias: vec![(key, vec![Some("/app/src/b.ts".into())])], ..options() };
        in_both_forms(&files, &aliased, |project| {
            let own_form = project.rooted("").is_empty() == drive.is_empty();
            let expected = if own_form { "/app/src/b.ts?q" } else { "/app/src/a.ts?q" };
            assert_eq!(project.import("./a?q"), expected);
        });
    }
}

#[test]
fn links_lead_to_real_paths_unless_preserved() {
    let files = [
        ("/app/node_modules/pkg", "->/store/pkg@1/node_modules/pkg"),
        ("/store/pkg@1/node_modules/pkg/package.json", r#"{"name":"pkg","main":"main.js"}"#),
        ("/store/pkg@1/node_modules/pkg/main.js", ""),
        ("/store/pkg@1/node_modules/dep/index.js", ""),
        ("/shared/lib/x.ts", ""),
        ("/app/src/lib", "->../../shared/lib"),
        ("/app/src/file.ts", "->/shared/lib/x.ts"),
        ("/app/src/gone.ts", "->/shared/none.ts"),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("pkg"), "/store/pkg@1/node_modules/pkg/main.js");
        assert_eq!(project.import("dep"), "missing", "pnpm keeps it out of reach");
        let from_package = project.ask("/store/pkg@1/node_modules/pkg/main.js", "dep", RequestFlavor::Import);
        assert_eq!(from_package, "/store/pkg@1/node_modules/dep/index.js");
        assert_eq!(project.import("./lib/x"), "/shared/lib/x.ts");
        assert_eq!(project.import("./file"), "/shared/lib/x.ts");
        assert_eq!(project.import("./gone"), "missing");
    });
    let preserved = ResolverOptions { symlinks: Some(false), ..options() };
    in_both_forms(&files, &preserved, |project| {
        assert_eq!(project.import("pkg"), "/app/node_modules/pkg/main.js");
        assert_eq!(project.import("./lib/x"), "/app/src/lib/x.ts");
        assert_eq!(project.import("./file"), "/app/src/file.ts");
    });
}

#[test]
fn file_urls_are_paths() {
    in_both_forms(&[("/app/src/a b.ts", "")], &options(), |project| {
        let url = format!("file:///{}", project.rooted("/app/src/a%20b.ts").trim_start_matches('/'));
        assert_eq!(project.import(&url), "/app/src/a b.ts");
        assert_eq!(project.import("./a%20b"), "/app/src/a b.ts", "as Node reads it");
    });
}

#[test]
fn own_extensions_and_main_files_replace_the_defaults() {
    let own = ResolverOptions {
        extensions: Some(vec![".web.ts".into(), "".into(), "ts".into()]),
        main_files: Some(vec!["main".into()]),
        ..options()
    };
    let files = [("/app/src/a.ts", ""), ("/app/src/a.web.ts", ""), ("/app/src/b.js", ""), ("/app/src/d/main.ts", "")];
    in_both_forms(&files, &own, |project| {
        assert_eq!(project.import("./a"), "/app/src/a.web.ts");
        assert_eq!(project.import("./b"), "missing");
        assert_eq!(project.import("./d"), "/app/src/d/main.ts");
    });
}

#[test]
fn virtual_modules_stand_where_the_build_does() {
    let files = [("/app/src/a.ts", ""), ("/app/node_modules/dep/index.js", ""), ("/app/tsconfig.json", "{}")];
    in_both_forms(&files, &options(), |project| {
        let ask = |directory: &str, importer: Option<&str>, specifier: &str| {
            let resolution = project.resolver.resolve(specifier, directory, importer, RequestFlavor::Import);
            match resolution.outcome {
                Outcome::Module(module) => project.unrooted(&module.id),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(ask(".", Some("\0virtual:x"), "dep"), "/app/node_modules/dep/index.js");
        assert_eq!(ask("", None, "./src/a"), "/app/src/a.ts");
        let nowhere = project.rooted("/app/no/such/place");
        assert_eq!(ask(&nowhere, None, "dep"), "/app/node_modules/dep/index.js");
        assert_eq!(ask(&nowhere, None, "../../../src/a"), "/app/src/a.ts");
        assert!(project.resolver.tsconfig_for("\0virtual:x").is_some());
    });
}
