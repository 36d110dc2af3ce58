//! What a specifier means to a style sheet, a page, a URL, an entry.

use cloudpack_resolve::{Platform, RequestFlavor, ResolverOptions};

use crate::project::in_both_forms;

const FILES: [(&str, &str); 12] = [
    ("/app/index.html", ""),
    ("/app/pages/about.html", ""),
    ("/app/src/main.ts", ""),
    ("/app/src/style.css", ""),
    ("/app/src/foo.png", ""),
    ("/app/src/a b.png", ""),
    ("/app/src/theme.css", ""),
    ("/app/src/worker.ts", ""),
    ("/app/node_modules/theme/package.json", r#"{"style":"t.css"}"#),
    ("/app/node_modules/theme/t.css", ""),
    ("/app/node_modules/reset/reset.css", ""),
    ("/etc/passwd", ""),
];

#[test]
fn css_looks_beside_itself_first_and_then_for_a_package() {
    in_both_forms(&FILES, &ResolverOptions::default(), |project| {
        let ask = |specifier| project.ask("/app/src/style.css", specifier, RequestFlavor::Css);
        assert_eq!(ask("foo.png"), "/app/src/foo.png");
        assert_eq!(ask("./foo.png?inline"), "/app/src/foo.png?inline");
        assert_eq!(ask("theme"), "/app/src/theme.css");
        assert_eq!(ask("~theme"), "/app/node_modules/theme/t.css");
        assert_eq!(ask("reset/reset.css"), "/app/node_modules/reset/reset.css");
        assert_eq!(ask("~reset/reset.css"), "/app/node_modules/reset/reset.css");
        assert_eq!(ask("a%20b.png"), "/app/src/a b.png");
        assert_eq!(ask("/src/foo.png"), "/app/src/foo.png");
        assert_eq!(ask("#gradient"), "url");
        assert_eq!(ask("data:image/png;base64,AA"), "data");
        assert_eq!(ask("https://a.b/c.woff"), "url");
        assert_eq!(ask("//a.b/c.woff"), "url");
    });
}

#[test]
fn pages_start_at_the_root_and_never_mean_packages_or_the_machine() {
    in_both_forms(&FILES, &ResolverOptions::default(), |project| {
        let ask = |specifier| project.ask("/app/pages/about.html", specifier, RequestFlavor::Html);
        assert_eq!(ask("/src/main.ts"), "/app/src/main.ts");
        assert_eq!(ask("../src/main.ts"), "/app/src/main.ts");
        assert_eq!(ask("about.html"), "/app/pages/about.html");
        assert_eq!(ask("theme"), "missing");
        assert_eq!(ask("/etc/passwd"), "missing");
        assert_eq!(ask("mailto:a@b.c"), "url");
        assert_eq!(ask(&project.rooted("/app/src/main.ts")), "/app/src/main.ts");
    });
}

#[test]
fn new_url_and_entries_are_relative_first() {
    in_both_forms(&FILES, &ResolverOptions::default(), |project| {
        let url = |specifier| project.ask("/app/src/main.ts", specifier, RequestFlavor::NewUrl);
        assert_eq!(url("./worker"), "/app/src/worker.ts");
        assert_eq!(url("worker.js"), "/app/src/worker.ts");
        assert_eq!(url("foo.png"), "/app/src/foo.png");
        assert_eq!(url("reset/reset.css"), "/app/node_modules/reset/reset.css");
        let entry = |specifier| project.ask("/app/x", specifier, RequestFlavor::Entry);
        assert_eq!(entry("src/main.ts"), "/app/src/main.ts");
        assert_eq!(entry("src/main"), "/app/src/main.ts");
        assert_eq!(entry("./src/main.js"), "/app/src/main.ts", "an entry may be named as what TypeScript makes of it");
        assert_eq!(entry("./index.html"), "/app/index.html");
        assert_eq!(entry("reset/reset.css"), "/app/node_modules/reset/reset.css");
        assert_eq!(entry("/src/main.ts"), "/app/src/main.ts");
        assert_eq!(entry(&project.rooted("/app/src/main.ts")), "/app/src/main.ts");
    });
}

#[test]
fn modules_may_import_urls_and_root_paths() {
    in_both_forms(&FILES, &ResolverOptions::default(), |project| {
        assert_eq!(project.import("/src/style.css"), "/app/src/style.css");
        assert_eq!(project.import("https://esm.sh/react"), "url");
        assert_eq!(project.import("data:text/javascript,1"), "data");
        assert_eq!(project.import("virtual:routes"), "missing");
        assert_eq!(project.import("foo.png"), "missing", "a bare name is a package in JavaScript");
        assert_eq!(project.import("\0virtual"), "missing");
    });
}

#[test]
fn own_module_directories_are_searched() {
    let own = ResolverOptions {
        modules: Some(vec!["vendor".into(), "node_modules".into()]),
        platform: Platform::Node,
        ..ResolverOptions::default()
    };
    let files = [
        ("/app/vendor/lib/index.js", ""),
        ("/app/node_modules/lib/index.js", ""),
        ("/app/node_modules/x/index.js", ""),
    ];
    in_both_forms(&files, &own, |project| {
        assert_eq!(project.import("lib"), "/app/vendor/lib/index.js");
        assert_eq!(project.import("x"), "/app/node_modules/x/index.js");
    });
}
