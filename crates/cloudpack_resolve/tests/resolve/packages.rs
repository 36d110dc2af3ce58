//! Packages: exports, imports, self reference, main fields, the browser map, facts, built-ins.

use cloudpack_resolve::{Outcome, PackageType, Platform, RequestFlavor, ResolverOptions, SideEffects};

use crate::project::{Project, in_both_forms};

fn on(platform: Platform) -> ResolverOptions {
    ResolverOptions { platform, ..ResolverOptions::default() }
}

const DUAL: [(&str, &str); 8] = [
    (
        "/app/node_modules/dual/package.json",
        r#"{"name":"dual","version":"1.2.3","exports":{
            ".":{"style":"./d.css","browser":{"import":"./b.mjs","require":"./b.cjs"},
                 "node":{"import":"./n.mjs","require":"./n.cjs"},"development":"./dev.js","default":"./d.js"},
            "./features/*":"./src/features/*.js","./features/internal/*":null,
            "./q":"./d.js?raw"}}"#,
    ),
    ("/app/node_modules/dual/b.mjs", ""),
    ("/app/node_modules/dual/b.cjs", ""),
    ("/app/node_modules/dual/n.mjs", ""),
    ("/app/node_modules/dual/n.cjs", ""),
    ("/app/node_modules/dual/d.js", ""),
    ("/app/node_modules/dual/d.css", ""),
    ("/app/node_modules/dual/src/features/x.js", ""),
];

fn ask(project: &Project, specifier: &str, flavor: RequestFlavor) -> String {
    let answer = project.ask("/app/src/main.js", specifier, flavor);
    answer.strip_prefix("/app/node_modules/").map(str::to_owned).unwrap_or(answer)
}

#[test]
fn conditions_follow_platform_and_flavor() {
    in_both_forms(&DUAL, &on(Platform::Browser), |project| {
        assert_eq!(ask(project, "dual", RequestFlavor::Import), "dual/b.mjs");
        assert_eq!(ask(project, "dual", RequestFlavor::DynamicImport), "dual/b.mjs");
        assert_eq!(ask(project, "dual", RequestFlavor::Require), "dual/b.cjs");
        assert_eq!(ask(project, "dual", RequestFlavor::Css), "dual/d.css");
        assert_eq!(ask(project, "dual/features/x", RequestFlavor::Import), "dual/src/features/x.js");
        assert_eq!(ask(project, "dual/features/internal/x", RequestFlavor::Import), "missing");
        assert_eq!(ask(project, "dual/b.mjs", RequestFlavor::Import), "missing");
        assert_eq!(ask(project, "dual/q", RequestFlavor::Import), "dual/d.js?raw");
    });
    in_both_forms(&DUAL, &on(Platform::Node), |project| {
        assert_eq!(ask(project, "dual", RequestFlavor::Import), "dual/n.mjs");
        assert_eq!(ask(project, "dual", RequestFlavor::Require), "dual/n.cjs");
    });
    in_both_forms(&DUAL, &on(Platform::Neutral), |project| {
        assert_eq!(ask(project, "dual", RequestFlavor::Import), "dual/d.js");
    });
    let own = ResolverOptions { condition_names: Some(vec!["node".into()]), ..on(Platform::Browser) };
    in_both_forms(&DUAL, &own, |project| {
        assert_eq!(ask(project, "dual", RequestFlavor::Import), "dual/n.mjs");
    });
    let mut files = DUAL.to_vec();
    files.push(("/app/node_modules/dual/dev.js", ""));
    let development = ResolverOptions { extra_conditions: vec!["development".into()], ..on(Platform::Neutral) };
    in_both_forms(&files, &development, |project| {
        assert_eq!(ask(project, "dual", RequestFlavor::Import), "dual/dev.js");
    });
}

#[test]
fn main_fields_follow_the_platform() {
    let files = [
        (
            "/app/node_modules/old/package.json",
            r#"{"main":"./main.js","module":"./module.js","browser":"./browser.js"}"#,
        ),
        ("/app/node_modules/old/main.js", ""),
        ("/app/node_modules/old/module.js", ""),
        ("/app/node_modules/old/browser.js", ""),
        ("/app/node_modules/old/index.js", ""),
        ("/app/node_modules/bare/index.js", ""),
        ("/app/node_modules/sheet/package.json", r#"{"main":"x.js","style":"dist/x.css"}"#),
        ("/app/node_modules/sheet/dist/x.css", ""),
        ("/app/node_modules/sheet/x.js", ""),
        ("/app/node_modules/dir/package.json", r#"{"main":"lib"}"#),
        ("/app/node_modules/dir/lib/index.js", ""),
    ];
    in_both_forms(&files, &on(Platform::Browser), |project| {
        assert_eq!(ask(project, "old", RequestFlavor::Import), "old/browser.js");
        assert_eq!(ask(project, "old", RequestFlavor::Require), "old/browser.js");
        assert_eq!(ask(project, "bare", RequestFlavor::Import), "bare/index.js");
        assert_eq!(ask(project, "sheet", RequestFlavor::Css), "sheet/dist/x.css");
        assert_eq!(ask(project, "~sheet", RequestFlavor::Css), "sheet/dist/x.css");
        assert_eq!(ask(project, "dir", RequestFlavor::Import), "dir/lib/index.js");
        assert_eq!(ask(project, "old/module.js", RequestFlavor::Import), "old/module.js");
    });
    in_both_forms(&files, &on(Platform::Node), |project| {
        assert_eq!(ask(project, "old", RequestFlavor::Import), "old/main.js");
    });
    in_both_forms(&files, &on(Platform::Neutral), |project| {
        assert_eq!(ask(project, "old", RequestFlavor::Import), "old/index.js");
    });
    let own = ResolverOptions { main_fields: Some(vec!["module".into()]), ..on(Platform::Node) };
    in_both_forms(&files, &own, |project| {
        assert_eq!(ask(project, "old", RequestFlavor::Import), "old/module.js");
    });
}

#[test]
fn the_browser_map_remaps_files_and_packages_on_the_browser_only() {
    let files = [
        (
            "/app/node_modules/mapped/package.json",
            r#"{"name":"mapped","main":"./main.js","browser":{"./node.js":"./web.js","fs":false,"ws":"./ws.js",
                "./gone.js":false,"node:net":false,"./virtual.js":"./web.js"}}"#,
        ),
        ("/app/node_modules/mapped/main.js", ""),
        ("/app/node_modules/mapped/node.js", ""),
        ("/app/node_modules/mapped/web.js", ""),
        ("/app/node_modules/mapped/ws.js", ""),
        ("/app/node_modules/mapped/gone.js", ""),
        ("/app/node_modules/ws/index.js", ""),
    ];
    let from = |project: &Project, specifier: &str| {
        project.ask("/app/node_modules/mapped/main.js", specifier, RequestFlavor::Require)
    };
    in_both_forms(&files, &on(Platform::Browser), |project| {
        assert_eq!(ask(project, "mapped", RequestFlavor::Import), "mapped/main.js");
        assert_eq!(from(project, "./node"), "/app/node_modules/mapped/web.js");
        assert_eq!(from(project, "./node.js"), "/app/node_modules/mapped/web.js");
        assert_eq!(from(project, "./virtual.js"), "/app/node_modules/mapped/web.js");
        assert_eq!(from(project, "./main"), "/app/node_modules/mapped/main.js");
        assert_eq!(from(project, "fs"), "ignored");
        assert_eq!(from(project, "node:net"), "ignored");
        assert_eq!(from(project, "./gone"), "ignored");
        assert_eq!(from(project, "ws"), "/app/node_modules/mapped/ws.js");
        assert_eq!(ask(project, "ws", RequestFlavor::Import), "ws/index.js");
    });
    in_both_forms(&files, &on(Platform::Node), |project| {
        assert_eq!(from(project, "./node"), "/app/node_modules/mapped/node.js");
        assert_eq!(from(project, "fs"), "builtin fs");
        assert_eq!(from(project, "ws"), "/app/node_modules/ws/index.js");
    });
}

#[test]
fn self_reference_and_package_imports() {
    let files = [
        (
            "/app/package.json",
            r##"{"name":"shop","exports":{".":"./src/index.ts","./ui/*":"./src/ui/*.ts"},
                "imports":{"#ui/*.js":"./src/ui/*.js","#dep":"dep","#sys":{"node":"fs","default":"./src/index.ts"}}}"##,
        ),
        ("/app/src/index.ts", ""),
        ("/app/src/ui/button.ts", ""),
        ("/app/node_modules/dep/index.js", ""),
    ];
    in_both_forms(&files, &on(Platform::Browser), |project| {
        assert_eq!(project.import("shop"), "/app/src/index.ts");
        assert_eq!(project.import("shop/ui/button"), "/app/src/ui/button.ts");
        assert_eq!(project.import("#ui/button.js"), "/app/src/ui/button.ts", "sources of a TypeScript project");
        assert_eq!(project.import("#dep"), "/app/node_modules/dep/index.js");
        assert_eq!(project.import("#sys"), "/app/src/index.ts");
        assert_eq!(project.import("#nothing"), "missing");
    });
    in_both_forms(&files, &on(Platform::Node), |project| {
        assert!(project.import("#sys").starts_with("builtin"), "{}", project.import("#sys"));
    });
}

#[test]
fn node_built_ins_yield_to_installed_packages_on_the_browser() {
    let files = [
        ("/app/node_modules/events/index.js", ""),
        ("/app/node_modules/buffer/package.json", r#"{"main":"index.js"}"#),
        ("/app/node_modules/buffer/index.js", ""),
    ];
    in_both_forms(&files, &on(Platform::Browser), |project| {
        assert_eq!(project.import("fs"), "builtin fs");
        assert_eq!(project.import("fs/promises"), "builtin fs/promises");
        assert_eq!(project.import("node:events"), "builtin node:events");
        assert_eq!(project.import("events"), "/app/node_modules/events/index.js");
        assert_eq!(project.import("buffer/"), "/app/node_modules/buffer/index.js");
    });
    in_both_forms(&files, &on(Platform::Node), |project| {
        assert_eq!(project.import("events"), "builtin events");
        assert_eq!(project.import("node:sqlite"), "builtin node:sqlite");
        assert_eq!(project.import("buffer/"), "/app/node_modules/buffer/index.js");
    });
}

#[test]
fn an_installed_js_file_is_not_swapped_for_the_ts_beside_it() {
    let files = [
        ("/app/node_modules/pkg/package.json", r#"{"exports":"./index.js"}"#),
        ("/app/node_modules/pkg/index.js", ""),
        ("/app/node_modules/pkg/index.ts", ""),
    ];
    in_both_forms(&files, &on(Platform::Browser), |project| {
        assert_eq!(project.import("pkg"), "/app/node_modules/pkg/index.js");
    });
}

#[test]
fn facts_come_from_the_package_around_the_file() {
    let files = [
        (
            "/app/package.json",
            r#"{"name":"shop","type":"module","sideEffects":["*.css","./src/polyfill.ts","lib/**"]}"#,
        ),
        ("/app/src/main.ts", ""),
        ("/app/node_modules/pure/package.json", r#"{"name":"pure","version":"2.0.0","sideEffects":false}"#),
        ("/app/node_modules/pure/esm/package.json", r#"{"type":"module"}"#),
        ("/app/node_modules/pure/esm/x.js", ""),
        ("/app/node_modules/pure/sub/package.json", r#"{"sideEffects":["./x.js"]}"#),
        ("/app/node_modules/pure/sub/x.js", ""),
        ("/app/node_modules/@s/p/package.json", r#"{"type":"commonjs","sideEffects":"*.css"}"#),
        ("/app/node_modules/@s/p/index.js", ""),
        ("/app/node_modules/loose.js", ""),
    ];
    in_both_forms(&files, &on(Platform::Browser), |project| {
        let facts = |path: &str| project.resolver.package_of(&project.rooted(path));
        let app = facts("/app/src/main.ts").unwrap();
        assert_eq!((app.name.as_deref(), app.module_type), (Some("shop"), Some(PackageType::Module)));
        let affects = |path: &str| app.has_side_effects(&project.rooted(path));
        assert!(affects("/app/src/deep/a.css") && affects("/app/src/polyfill.ts") && affects("/app/lib/a/b.js"));
        assert!(!affects("/app/src/main.ts") && !affects("/app/other/polyfill.ts"));

        let pure = facts("/app/node_modules/pure/esm/x.js").unwrap();
        assert_eq!(project.unrooted(&pure.dir), "/app/node_modules/pure");
        assert_eq!((pure.name.as_deref(), pure.version.as_deref()), (Some("pure"), Some("2.0.0")));
        assert_eq!((&pure.side_effects, pure.module_type), (&SideEffects::None, Some(PackageType::Module)));
        assert!(!pure.has_side_effects(&project.rooted("/app/node_modules/pure/esm/x.js")));

        let sub = facts("/app/node_modules/pure/sub/x.js").unwrap();
        assert!(sub.has_side_effects(&project.rooted("/app/node_modules/pure/sub/x.js")));
        assert!(!sub.has_side_effects(&project.rooted("/app/node_modules/pure/sub/y.js")));

        let scoped = facts("/app/node_modules/@s/p/index.js").unwrap();
        assert_eq!(project.unrooted(&scoped.dir), "/app/node_modules/@s/p");
        assert_eq!((scoped.name.as_deref(), scoped.module_type), (None, Some(PackageType::CommonJs)));
        assert!(scoped.has_side_effects(&project.rooted("/app/node_modules/@s/p/a/b.css")));

        assert!(facts("/app/node_modules/loose.js").is_none(), "not the application's");
        assert!(project.resolver.package_of("\0virtual").is_none());
        match project.resolution("/app/src/main.ts", "pure/esm/x.js", RequestFlavor::Import).outcome {
            Outcome::Module(module) => assert_eq!(module.package.as_deref(), Some(&*pure)),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_broken_package_json_is_told_and_does_not_stop_the_rest() {
    let deep = "[".repeat(200_000);
    let files = [
        ("/app/node_modules/broken/package.json", "{"),
        ("/app/node_modules/broken/index.js", ""),
        ("/app/node_modules/deep/package.json", deep.as_str()),
        ("/app/node_modules/deep/index.js", ""),
        (
            "/app/node_modules/odd/package.json",
            "\u{feff}{\"name\":7,\"type\":[],\"sideEffects\":{},\"main\":null,\"browser\":[1]}",
        ),
        ("/app/node_modules/odd/index.js", ""),
        ("/app/src/a.ts", ""),
    ];
    in_both_forms(&files, &on(Platform::Browser), |project| {
        let broken = project.resolution("/app/src/main.ts", "broken", RequestFlavor::Import).outcome;
        let Outcome::NotFound(failure) = broken else { panic!("{broken:?}") };
        assert_eq!(failure.code, "INVALID_PACKAGE_JSON");
        assert!(failure.message.contains("node_modules/broken/package.json"), "{}", failure.message);
        assert_eq!(project.import("deep"), "/app/node_modules/deep/index.js");
        assert_eq!(project.import("odd"), "/app/node_modules/odd/index.js");
        assert_eq!(project.import("./a"), "/app/src/a.ts");
        let told = project.resolver.diagnostics();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].message.contains("nested too deep"));
    });
}
