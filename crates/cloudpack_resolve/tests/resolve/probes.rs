//! The record of what an answer rests on: complete for every request, also for those answered from a cache.

use cloudpack_fs::FileSystem;
use cloudpack_resolve::{Outcome, RequestFlavor, ResolverOptions};

use crate::project::{Project, in_both_forms};

fn probes(project: &Project, importer: &str, specifier: &str) -> (Vec<String>, Vec<String>) {
    let resolution = project.resolution(importer, specifier, RequestFlavor::Import);
    let sorted = |paths: Vec<&str>| {
        let mut paths: Vec<String> = paths.into_iter().map(|path| project.unrooted(path)).collect();
        paths.sort();
        paths.dedup();
        paths
    };
    (sorted(resolution.probes.found().collect()), sorted(resolution.probes.missing().collect()))
}

#[test]
fn absent_candidates_and_package_files_are_recorded_for_paths() {
    let files = [("/app/package.json", "{\"name\":\"a\"}"), ("/app/src/ui/b.ts", "")];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        for _ in 0..2 {
            let (found, missing) = probes(project, "/app/src/main.ts", "./ui/b");
            assert_eq!(found, ["/app/package.json"]);
            let expected = ["/app/src/package.json", "/app/src/ui/b", "/app/src/ui/b.tsx", "/app/src/ui/package.json"];
            assert_eq!(missing, expected);
        }
    });
}

#[test]
fn package_lookups_record_the_way_up_from_each_importer() {
    let files = [
        ("/app/package.json", "{\"name\":\"a\"}"),
        ("/app/node_modules/dep/package.json", "{\"name\":\"dep\",\"main\":\"m.js\"}"),
        ("/app/node_modules/dep/m.js", ""),
        ("/app/src/x/a.js", ""),
        ("/app/src/y/a.js", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        for directory in ["/app/src/x", "/app/src/y", "/app/src/x"] {
            let (found, missing) = probes(project, &format!("{directory}/a.js"), "dep");
            assert_eq!(found, ["/app/node_modules/dep/package.json", "/app/package.json"]);
            for absent in [
                format!("{directory}/node_modules"),
                format!("{directory}/package.json"),
                "/app/src/node_modules".to_owned(),
                "/app/src/package.json".to_owned(),
            ] {
                assert!(missing.contains(&absent), "{absent} not in {missing:?}");
            }
        }
    });
}

#[test]
fn a_later_request_records_what_an_earlier_one_looked_at_for_it() {
    let files = [
        ("/app/package.json", "{\"name\":\"a\"}"),
        ("/node_modules/one/index.js", ""),
        ("/node_modules/two/a.js", ""),
        ("/node_modules/two/b.js", ""),
        ("/node_modules/three/package.json", "{\"name\":\"three\"}"),
        ("/node_modules/three/a.js", ""),
        ("/node_modules/three/b.js", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        for specifier in ["one", "two/a", "two/b", "three/a", "three/b"] {
            let (found, missing) = probes(project, "/app/main.js", specifier);
            assert!(found.contains(&"/app/package.json".to_owned()), "{specifier}: {found:?}");
            assert!(missing.contains(&"/app/node_modules".to_owned()), "{specifier}: {missing:?}");
            let package = specifier.split('/').next().unwrap();
            let json = format!("/node_modules/{package}/package.json");
            assert!(found.contains(&json) || missing.contains(&json), "{specifier}: {found:?} {missing:?}");
        }
    });
}

#[test]
fn tsconfigs_and_their_bases_are_recorded_where_they_decide() {
    let files = [
        ("/app/tsconfig.json", r#"{"extends":"./base.json"}"#),
        ("/app/base.json", r#"{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}"#),
        ("/app/src/a.ts", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        for _ in 0..2 {
            let (found, missing) = probes(project, "/app/src/main.ts", "@/a");
            assert!(found.contains(&"/app/tsconfig.json".to_owned()), "{found:?}");
            assert!(found.contains(&"/app/base.json".to_owned()), "{found:?}");
            assert!(missing.contains(&"/app/src/tsconfig.json".to_owned()), "{missing:?}");
        }
    });
}

#[test]
fn every_absent_path_is_really_absent_and_making_it_may_change_the_answer() {
    let files = [
        ("/app/package.json", "{\"name\":\"a\"}"),
        ("/app/src/dir/index.ts", ""),
        ("/app/node_modules/dep/index.js", ""),
        ("/app/node_modules/mapped/package.json", r#"{"name":"mapped","browser":{"./x.js":"./y.js"}}"#),
        ("/app/node_modules/mapped/y.js", ""),
        ("/app/node_modules/mapped/index.js", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        for specifier in ["./dir", "dep", "mapped", "mapped/x.js", "./none/at/all", "none", "@none/x", "#x", "fs"] {
            let resolution = project.resolution("/app/src/main.ts", specifier, RequestFlavor::Import);
            for path in resolution.probes.missing() {
                assert!(project.fs.symlink_metadata(path).is_err(), "{specifier}: {path} exists");
            }
            for path in resolution.probes.found() {
                assert!(project.fs.metadata(path).is_ok(), "{specifier}: {path} does not exist");
            }
        }
    });
}

#[test]
fn a_file_made_after_the_first_look_is_found() {
    in_both_forms(&[("/app/src/main.ts", "")], &ResolverOptions::default(), |project| {
        assert_eq!(project.import("./routes.gen"), "missing");
        project.fs.write(&project.rooted("/app/src/routes.gen.ts"), b"").unwrap();
        assert_eq!(project.import("./routes.gen"), "/app/src/routes.gen.ts");
        project.fs.create_dir_all(&project.rooted("/app/src/new/dir")).unwrap();
        project.fs.write(&project.rooted("/app/src/new/dir/a.ts"), b"").unwrap();
        assert_eq!(project.import("./new/dir/a"), "/app/src/new/dir/a.ts");
    });
}

#[test]
fn threads_agree() {
    let files = [
        ("/app/tsconfig.json", r#"{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}"#),
        ("/app/src/a.ts", ""),
        ("/app/node_modules/dep/package.json", "{\"name\":\"dep\"}"),
        ("/app/node_modules/dep/index.js", ""),
    ];
    in_both_forms(&files, &ResolverOptions::default(), |project| {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        assert_eq!(project.import("./a"), "/app/src/a.ts");
                        assert_eq!(project.import("@/a"), "/app/src/a.ts");
                        let dep = project.resolution("/app/src/main.ts", "dep", RequestFlavor::Import);
                        assert!(matches!(dep.outcome, Outcome::Module(_)));
                    }
                });
            }
        });
    });
}
