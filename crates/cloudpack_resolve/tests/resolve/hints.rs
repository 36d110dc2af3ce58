//! What the user is told when nothing fits.

use cloudpack_resolve::{RequestFlavor, ResolverOptions};

use crate::project::{Project, in_both_forms};

fn hint(project: &Project, specifier: &str) -> String {
    project.hint("/app/src/main.ts", specifier, RequestFlavor::Import)
}

#[test]
fn a_near_name_is_proposed() {
    let files = [
        ("/app/src/components/Button.tsx", ""),
        ("/app/src/components/Card.vue", ""),
        ("/app/src/empty/readme.md", ""),
        ("/app/src/data.yaml", ""),
        ("/app/src/file.ts", ""),
        ("/app/moved.ts", ""),
        ("/app/public/logo.svg", ""),
        ("/app/src/types.d.ts", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        assert_eq!(hint(project, "./components/Buton"), "Did you mean \"./components/Button.tsx\"?");
        assert_eq!(
            hint(project, "./components/button.tsx"),
            "Did you mean \"./components/Button.tsx\"? Upper and lower case differ"
        );
        assert_eq!(hint(project, "./components/Card"), "Did you mean \"./components/Card.vue\"?");
        assert_eq!(hint(project, "./data.yml?raw"), "Did you mean \"./data.yaml\"?");
        assert_eq!(
            hint(project, "./componets/Button"),
            "There is no directory \"src/componets\". Did you mean \"./components/Button\"?"
        );
        assert_eq!(hint(project, "./empty"), "\"./empty\" is a directory without a file \"index\"");
        assert_eq!(hint(project, "./file.ts/x"), "\"src/file.ts\" is a file, not a directory");
        assert_eq!(hint(project, "./types"), "\"./types.d.ts\" holds types only; import it with \"import type\"");
        assert_eq!(hint(project, "./moved"), "Did you mean \"../moved.ts\"?");
        assert_eq!(
            hint(project, "/logo.svg"),
            "There is no public directory here; did you mean \"../public/logo.svg\"?"
        );
        assert_eq!(hint(project, "./Button.jsx?raw"), "Did you mean \"./components/Button.tsx\"?");
        assert_eq!(project.hint("/app/src/s.css", "data.yml", RequestFlavor::Css), "Did you mean \"data.yaml\"?");
        assert_eq!(
            hint(project, "components/Button"),
            "A package is meant by \"components/Button\"; did you mean \"./components/Button\"?"
        );
    });
}

#[test]
fn a_package_that_is_not_there_is_told_from_one_that_keeps_its_files() {
    let files = [
        (
            "/app/package.json",
            r##"{"dependencies":{"declared":"1"},"imports":{"#utils/*":"./src/*","#config":"./c.ts"}}"##,
        ),
        (
            "/app/node_modules/react/package.json",
            r#"{"name":"react","exports":{".":"./i.js","./jsx-runtime":"./j.js","./package.json":"./package.json"}}"#,
        ),
        ("/app/node_modules/react/i.js", ""),
        ("/app/node_modules/unbuilt/package.json", r#"{"main":"dist/index.js"}"#),
        ("/app/node_modules/typed/package.json", r#"{"types":"i.d.ts"}"#),
        ("/app/node_modules/cjs/package.json", r#"{"exports":{"require":"./c.cjs"}}"#),
        ("/app/node_modules/mapped/package.json", r#"{"exports":{"./*.js":"./esm/*.js"}}"#),
        ("/app/node_modules/mapped/esm/worker.js", ""),
        ("/app/node_modules/plain/lib/helper.js", ""),
        ("/app/node_modules/.pnpm/node_modules/deep/index.js", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        assert_eq!(hint(project, "recat"), "Did you mean \"react\"?");
        assert_eq!(hint(project, "vue"), "\"vue\" is not installed");
        assert_eq!(
            hint(project, "mapped/esm/worker.js"),
            "\"mapped\" exports \"./*.js\", and \"./esm/worker.js\" leads to no file"
        );
        assert_eq!(
            hint(project, "declared/x"),
            "\"declared\" stands in package.json but is not installed. Run the package manager"
        );
        assert_eq!(
            hint(project, "deep"),
            "Another package depends on \"deep\", but this one does not; add it to package.json"
        );
        assert_eq!(
            hint(project, "react/jsx-runtim"),
            "\"react\" does not export \"./jsx-runtim\"; it exports \"./jsx-runtime\", \".\""
        );
        assert_eq!(
            hint(project, "cjs"),
            "\"cjs\" exports \".\" for \"require\" only; asked for were \"import\", \"browser\", \"module\", \"default\""
        );
        assert_eq!(
            hint(project, "unbuilt"),
            "\"unbuilt\" is installed, but its \"main\" \"dist/index.js\" does not exist. Has it been built?"
        );
        assert_eq!(hint(project, "typed"), "\"typed\" holds types only; import it with \"import type\"");
        assert_eq!(hint(project, "plain/lib/helpr"), "Did you mean \"plain/lib/helper.js\"?");
        assert_eq!(hint(project, "#confg"), "\"imports\" of /app/package.json has \"#config\", \"#utils/*\"");
        assert_eq!(hint(project, "virtual:routes"), "\"virtual:\" is no file; is the plugin that provides it missing?");
    });
    in_both_forms(&[("/app/src/a.ts", "")], &ResolverOptions::default(), |project| {
        assert_eq!(
            hint(project, "react"),
            "There is no node_modules from /app/src upwards; install the packages first"
        );
    });
}

#[test]
fn an_alias_to_nothing_names_its_target() {
    let options = ResolverOptions {
        alias: vec![("@".into(), vec![Some("/app/src".into())]), ("x".into(), vec![Some("not-there".into())])],
        ..ResolverOptions::default()
    };
    in_both_forms(&[("/app/src/Button.tsx", "")], &options, |project| {
        assert_eq!(
            hint(project, "@/Buton"),
            "An alias leads to \"/app/src/Buton\". Did you mean \"/app/src/Button.tsx\"?"
        );
        assert_eq!(hint(project, "x"), "An alias leads to \"not-there\", which does not exist");
    });
}
