//! tsconfig: paths, baseUrl, rootDirs, extends, references, facts, faults.

use cloudpack_base::Severity;
use cloudpack_resolve::{RequestFlavor, ResolverOptions, TsconfigJsx};

use crate::project::in_both_forms;

fn options() -> ResolverOptions {
    ResolverOptions::default()
}

#[test]
fn paths_and_base_url_of_the_nearest_tsconfig_hold_for_every_kind_of_importer() {
    let files = [
        (
            "/app/tsconfig.json",
            "// comment\n{\"compilerOptions\":{\"baseUrl\":\".\",\"paths\":{\"@/*\":[\"nothing/*\",\"src/*\"],\"types\":[\"src/types.d.ts\"],},}}",
        ),
        ("/app/src/a.ts", ""),
        ("/app/src/logo.svg", ""),
        ("/app/src/types.d.ts", ""),
        ("/app/node_modules/types/index.js", ""),
        (
            "/app/packages/ui/tsconfig.json",
            r#"{"extends":"../../tsconfig.json","compilerOptions":{"baseUrl":".","paths":{"@/*":["./lib/*"]}}}"#,
        ),
        ("/app/packages/ui/lib/a.ts", ""),
        ("/app/node_modules/dep/index.js", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        assert_eq!(project.import("@/a.js"), "/app/src/a.ts");
        assert_eq!(project.import("@/logo.svg?url"), "/app/src/logo.svg?url");
        assert_eq!(project.import("src/a"), "/app/src/a.ts", "baseUrl");
        assert_eq!(project.import("types"), "/app/node_modules/types/index.js", "not the declarations");
        assert_eq!(project.import("dep"), "/app/node_modules/dep/index.js");
        for importer in ["/app/src/x.jsx", "/app/src/x.css", "/app/src/x.vue", "/app/vite.config.js"] {
            assert_eq!(project.ask(importer, "@/a", RequestFlavor::Import), "/app/src/a.ts", "{importer}");
        }
        let in_ui = project.ask("/app/packages/ui/lib/b.ts", "@/a", RequestFlavor::Import);
        assert_eq!(in_ui, "/app/packages/ui/lib/a.ts");
        let in_package = project.ask("/app/node_modules/dep/index.js", "@/a", RequestFlavor::Import);
        assert_eq!(in_package, "missing");
    });
}

#[test]
fn a_solution_tsconfig_hands_each_file_to_the_project_that_includes_it() {
    let files = [
        (
            "/app/tsconfig.json",
            r#"{"files":[],"references":[{"path":"./tsconfig.app.json"},{"path":"./tsconfig.node.json"}]}"#,
        ),
        (
            "/app/tsconfig.app.json",
            r#"{"include":["src"],"compilerOptions":{"jsx":"react-jsx","jsxImportSource":"preact","paths":{"@/*":["./src/*"]}}}"#,
        ),
        (
            "/app/tsconfig.node.json",
            r#"{"include":["vite.config.ts"],"compilerOptions":{"target":"ES2020","paths":{"@/*":["./tools/*"]}}}"#,
        ),
        ("/app/src/a.ts", ""),
        ("/app/tools/a.ts", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        assert_eq!(project.ask("/app/src/x.jsx", "@/a", RequestFlavor::Import), "/app/src/a.ts");
        assert_eq!(project.ask("/app/vite.config.ts", "@/a", RequestFlavor::Import), "/app/tools/a.ts");
        let facts = |path: &str| project.resolver.tsconfig_for(&project.rooted(path)).unwrap();
        assert_eq!(facts("/app/src/x.tsx").jsx, Some(TsconfigJsx::ReactJsx));
        assert_eq!(facts("/app/src/x.tsx").jsx_import_source.as_deref(), Some("preact"));
        assert_eq!(facts("/app/vite.config.ts").target.as_deref(), Some("es2020"));
        assert_eq!(project.resolver.diagnostics(), []);
    });
}

#[test]
fn extends_may_be_a_list_or_a_package_and_later_bases_win() {
    let files = [
        (
            "/app/tsconfig.json",
            r#"{"extends":["@base/config/tsconfig.json","./tsconfig.base.json"],"compilerOptions":{"experimentalDecorators":true}}"#,
        ),
        ("/app/tsconfig.base.json", r#"{"compilerOptions":{"jsx":"preserve","paths":{"@/*":["${configDir}/src/*"]}}}"#),
        (
            "/app/node_modules/@base/config/tsconfig.json",
            r#"{"compilerOptions":{"jsx":"react","jsxFactory":"h","target":"es2019","verbatimModuleSyntax":true}}"#,
        ),
        ("/app/src/a.ts", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        let facts = project.resolver.tsconfig_for(&project.rooted("/app/src/a.ts")).unwrap();
        assert_eq!(facts.jsx, Some(TsconfigJsx::Preserve));
        assert_eq!(facts.jsx_factory.as_deref(), Some("h"));
        assert_eq!(facts.experimental_decorators, Some(true));
        assert_eq!(facts.verbatim_module_syntax, Some(true));
        assert!(!facts.use_define_for_class_fields, "es2019 has no class fields");
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        assert_eq!(project.resolver.diagnostics(), []);
    });
}

#[test]
fn class_fields_follow_the_target() {
    for (json, expected) in [
        ("{}", true),
        (r#"{"compilerOptions":{"target":"ES2022"}}"#, true),
        (r#"{"compilerOptions":{"target":"ESNext"}}"#, true),
        (r#"{"compilerOptions":{"target":"es6"}}"#, false),
        (r#"{"compilerOptions":{"target":"ES5","useDefineForClassFields":true}}"#, true),
    ] {
        in_both_forms(&[("/app/tsconfig.json", json)], &options(), |project| {
            let facts = project.resolver.tsconfig_for(&project.rooted("/app/src/a.ts")).unwrap();
            assert_eq!(facts.use_define_for_class_fields, expected, "{json}");
        });
    }
}

#[test]
fn a_missing_base_is_a_warning_and_keeps_the_rest() {
    let files = [
        (
            "/app/tsconfig.json",
            "{ /* c */ \"extends\":\"@gone/config\",\"compilerOptions\":{\"paths\":{\"@/*\":[\"./src/*\"],}}}",
        ),
        ("/app/src/a.ts", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        let told = project.resolver.diagnostics();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].code.as_str(), told[0].severity), ("TSCONFIG_NOT_FOUND", Severity::Warning));
        assert!(told[0].message.contains("@gone/config"), "{}", told[0].message);
        assert_eq!(told[0].id.as_deref().map(|id| project.unrooted(id)).as_deref(), Some("/app/tsconfig.json"));
    });
}

#[test]
fn a_broken_or_circular_tsconfig_is_an_error_with_its_name() {
    for (json, expected) in [("{ nonsense", "/app/tsconfig.json"), (r#"{"extends":"./tsconfig.json"}"#, "ircular")] {
        in_both_forms(&[("/app/tsconfig.json", json), ("/app/src/a.ts", "")], &options(), |project| {
            assert_eq!(project.import("react"), "missing");
            let told = project.resolver.diagnostics();
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!((told[0].code.as_str(), told[0].severity), ("INVALID_TSCONFIG", Severity::Error));
            assert!(told[0].message.contains(expected), "{}", told[0].message);
        });
    }
}

#[test]
fn one_given_tsconfig_holds_for_all() {
    let given = ResolverOptions { tsconfig_filename: Some("tsconfig.build.json".into()), ..options() };
    let files = [
        ("/app/tsconfig.json", r#"{"compilerOptions":{"paths":{"@/*":["./wrong/*"]}}}"#),
        ("/app/tsconfig.build.json", r#"{"compilerOptions":{"jsx":"react","paths":{"@/*":["./src/*"]}}}"#),
        ("/app/src/a.ts", ""),
    ];
    in_both_forms(&files, &given, |project| {
        assert_eq!(project.import("@/a"), "/app/src/a.ts");
        let facts = project.resolver.tsconfig_for(&project.rooted("/app/src/a.ts")).unwrap();
        assert_eq!(facts.jsx, Some(TsconfigJsx::React));
    });
    in_both_forms(&[], &given, |project| {
        let told = project.resolver.diagnostics();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].code.as_str(), told[0].severity), ("TSCONFIG_NOT_FOUND", Severity::Error));
    });
}

#[test]
fn root_dirs_overlay_each_other_and_jsconfig_counts() {
    let files = [
        ("/app/tsconfig.json", r#"{"compilerOptions":{"rootDirs":["./src","./generated"]}}"#),
        ("/app/src/a.ts", ""),
        ("/app/generated/routes/b.ts", ""),
        ("/app/legacy/jsconfig.json", r#"{"compilerOptions":{"baseUrl":"./lib"}}"#),
        ("/app/legacy/lib/c.js", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert_eq!(project.import("./routes/b"), "/app/generated/routes/b.ts");
        assert_eq!(project.import("./a"), "/app/src/a.ts");
        assert_eq!(project.ask("/app/legacy/x.js", "c", RequestFlavor::Import), "/app/legacy/lib/c.js");
    });
}

#[test]
fn there_is_no_tsconfig_inside_node_modules() {
    let files = [
        ("/app/tsconfig.json", "{}"),
        ("/app/node_modules/p/tsconfig.json", "{ broken"),
        ("/app/node_modules/p/index.ts", ""),
    ];
    in_both_forms(&files, &options(), |project| {
        assert!(project.resolver.tsconfig_for(&project.rooted("/app/node_modules/p/index.ts")).is_none());
        assert_eq!(project.resolver.diagnostics(), []);
    });
}
