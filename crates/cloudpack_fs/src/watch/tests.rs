//! The watch as its users see it, on a real disk.

use super::{Change, ChangeKind, Known, Watch, WatchList, WatchedFile, WatchedListing};
use crate::recording::SeenContent;
use cloudpack_base::ContentHash;
#[cfg(target_os = "linux")]
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Far longer than any event takes: only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
const QUIET: Duration = Duration::from_millis(300);

struct Project {
    dir: TempDir,
    watch: Watch,
    told: Receiver<Vec<Change>>,
}

impl Project {
    fn new(files: &[&str]) -> Self {
        Self::with_delay(Duration::from_millis(5), files)
    }

    fn with_delay(delay: Duration, files: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        for file in files {
            write(&dir.path().join(file), "1");
        }
        let (tell, told) = channel();
        let watch = Watch::new(delay, move |changes| drop(tell.send(changes)));
        Self { dir, watch, told }
    }

    fn at(&self, name: &str) -> String {
        cloudpack_base::path::from_native(&self.dir.path().join(name).to_string_lossy())
    }

    /// In `src`, two names were looked for.
    fn list(&self, files: &[&str]) -> WatchList {
        let absent = vec!["shadow.ts".to_owned(), "deep.ts".to_owned()];
        let src = WatchedListing { path: self.at("src"), absent, ..WatchedListing::default() };
        let watched = |name: &&str| WatchedFile { path: self.at(name), known: Known::Nothing };
        let files = files.iter().map(watched).collect();
        WatchList { files, listings: vec![src], ignored: vec![self.at("src/dist")] }
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.dir.path().join(name), text);
    }

    /// Names relative to the project.
    fn next(&self) -> Vec<(String, ChangeKind)> {
        let changes = self.told.recv_timeout(PATIENCE).expect("a change");
        let root = format!("{}/", self.at("").trim_end_matches('/'));
        changes.into_iter().map(|change| (change.path.replace(&root, ""), change.kind)).collect()
    }

    fn suspects(&self) -> Option<Vec<String>> {
        Some(self.watch.suspects()?.paths.into_iter().collect())
    }

    /// In directories that were written to.
    fn emitted(&self) -> Option<Vec<String>> {
        Some(self.watch.suspects()?.emitted?.into_iter().collect())
    }

    fn is_quiet(&self) -> bool {
        self.told.recv_timeout(QUIET).is_err()
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
    std::fs::write(path, text).expect("a file");
}

fn now() -> SystemTime {
    // Files that were just made are not news.
    std::thread::sleep(Duration::from_millis(30));
    SystemTime::now()
}

#[test]
fn edits_new_files_and_deleted_ones_are_told_of_and_strangers_are_not() {
    let project = Project::new(&["src/a.js", "src/b.js", "other/c.js"]);
    project.watch.set(project.list(&["src/a.js", "src/b.js", "src/missing.js"]), now());
    assert!(project.is_quiet());
    project.write("src/a.js", "22");
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
    std::fs::remove_file(project.at("src/b.js")).expect("removed");
    assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Delete)]);
    project.write("src/missing.js", "1");
    assert_eq!(project.next(), [("src/missing.js".to_owned(), ChangeKind::Create)]);
    project.write("src/shadow.ts", "1");
    assert_eq!(project.next(), [("src/shadow.ts".to_owned(), ChangeKind::Create)]);
    std::fs::remove_file(project.at("src/shadow.ts")).expect("removed");
    assert_eq!(project.next(), [("src/shadow.ts".to_owned(), ChangeKind::Delete)]);
    project.write("other/c.js", "22");
    project.write("src/unrelated.ts", "1");
    project.write("src/dist/out.js", "1");
    project.write("src/.a.js.swp", "1");
    assert!(project.is_quiet());
}

/// Only Linux says when a file is closed.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_was_closed_or_moved_there_is_told_of_without_waiting_for_more() {
    // Longer than the patience of this test.
    let project = Project::with_delay(10 * PATIENCE, &["src/a.js", "src/b.js"]);
    project.watch.set(project.list(&["src/a.js", "src/b.js"]), now());
    assert!(project.is_quiet());
    project.write("src/a.js", "22");
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
    project.write("src/new.tmp", "333");
    std::fs::rename(project.at("src/new.tmp"), project.at("src/b.js")).expect("moved");
    assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Update)]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_still_written_to_or_was_moved_away_is_waited_for() {
    let project = Project::with_delay(10 * PATIENCE, &["src/a.js", "src/b.js"]);
    project.watch.set(project.list(&["src/a.js", "src/b.js"]), now());
    assert!(project.is_quiet());
    let mut half = std::fs::File::create(project.at("src/a.js")).expect("opened");
    half.write_all(b"22").expect("written");
    assert!(project.is_quiet());
    half.write_all(b"33").expect("written");
    drop(half);
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
    // As vim saves.
    std::fs::rename(project.at("src/b.js"), project.at("src/b.js~")).expect("moved");
    assert!(project.is_quiet());
    project.write("src/b.js", "22");
    assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Update)]);
}

#[test]
fn a_burst_is_one_change() {
    let names: Vec<String> = (0..200).map(|number| format!("src/{number}.js")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let project = Project::new(&names);
    project.watch.set(project.list(&names), now());
    assert!(project.is_quiet());
    for name in &names {
        project.write(name, "333");
    }
    let mut changed = 0;
    while changed < names.len() {
        changed += project.next().len();
    }
    assert_eq!(changed, names.len(), "each once");
    assert!(project.is_quiet());
}

#[test]
fn an_editor_that_writes_beside_and_renames_makes_one_update() {
    let project = Project::new(&["src/a.js"]);
    project.watch.set(project.list(&["src/a.js"]), now());
    assert!(project.is_quiet());
    project.write("src/a.js.tmp", "22");
    std::fs::rename(project.at("src/a.js.tmp"), project.at("src/a.js")).expect("renamed");
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
    assert!(project.is_quiet());
}

#[test]
fn what_changed_between_the_reading_and_the_watch_is_told_of() {
    let project = Project::new(&["src/a.js", "src/b.js"]);
    let since = now();
    // The build reads, and then:
    project.write("src/b.js", "22");
    project.write("src/shadow.ts", "1");
    project.write("src/unrelated.ts", "1");
    project.watch.set(project.list(&["src/a.js", "src/b.js"]), since);
    let told = project.next();
    assert_eq!(told, [("src/b.js".to_owned(), ChangeKind::Update), ("src/shadow.ts".to_owned(), ChangeKind::Create)]);
    assert!(project.is_quiet());
}

#[test]
fn where_every_name_matters_a_new_one_is_told_of_but_not_the_output() {
    let project = Project::new(&["src/a.js"]);
    let mut list = project.list(&["src/a.js"]);
    list.listings[0].whole = true;
    project.watch.set(list, now());
    assert!(project.is_quiet());
    project.write("src/dist/main.js", "1");
    project.write("src/.a.js.swp", "1");
    assert!(project.is_quiet());
    project.write("src/b.js", "1");
    assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Create)]);
}

#[test]
fn a_folder_that_goes_and_comes_back_is_watched_again() {
    let project = Project::new(&["src/deep/a.js", "src/b.js"]);
    let list = || project.list(&["src/deep/a.js", "src/b.js"]);
    project.watch.set(list(), now());
    assert!(project.is_quiet());
    std::fs::remove_dir_all(project.at("src/deep")).expect("removed");
    let mut gone = Vec::new();
    while !gone.iter().any(|(name, kind)| name == "src/deep/a.js" && *kind == ChangeKind::Delete) {
        gone.extend(project.next());
    }
    project.watch.set(list(), SystemTime::now());
    while !project.is_quiet() {}
    project.write("src/deep/a.js", "22");
    let mut back = Vec::new();
    while !back.iter().any(|(name, _)| name == "src/deep/a.js" || name == "src/deep") {
        back.extend(project.next());
    }
    project.watch.set(list(), SystemTime::now());
    while !project.is_quiet() {}
    project.write("src/deep/a.js", "333");
    assert_eq!(project.next(), [("src/deep/a.js".to_owned(), ChangeKind::Update)]);
}

#[test]
fn files_that_were_made_just_before_the_build_read_them_are_no_news() {
    let project = Project::new(&[]);
    let since = SystemTime::now();
    project.write("src/a.js", "1");
    project.write("src/b.js", "1");
    let seen = |text: &str| Known::Content(SeenContent { stamp: None, hash: ContentHash::of(text.as_bytes()) });
    let mut list = project.list(&["src/a.js", "src/b.js", "src/gone.js", "src/new.js"]);
    for (file, known) in list.files.iter_mut().zip([seen("1"), seen("0"), seen("1"), Known::IsThere(false)]) {
        file.known = known;
    }
    project.write("src/new.js", "1");
    project.watch.set(list, since);
    let expected = [
        ("src/b.js".to_owned(), ChangeKind::Update),
        ("src/gone.js".to_owned(), ChangeKind::Delete),
        ("src/new.js".to_owned(), ChangeKind::Create),
    ];
    assert_eq!(project.next(), expected);
    assert!(project.is_quiet());
}

#[cfg(unix)]
#[test]
fn a_file_in_the_place_of_a_link_is_told_of_though_it_came_before_the_watch() {
    let project = Project::new(&["src/a.js"]);
    std::os::unix::fs::symlink("a.js", project.at("src/link.js")).expect("a link");
    let mut list = project.list(&["src/a.js"]);
    list.files.push(WatchedFile { path: project.at("src/link.js"), known: Known::IsThere(true) });
    project.watch.set(project.list(&["src/a.js"]), now());
    drop(project.suspects());
    let since = now();
    // The build finds the link, and then:
    std::fs::remove_file(project.at("src/link.js")).expect("removed");
    project.write("src/link.js", "another module");
    project.watch.set(list, since);
    assert_eq!(project.suspects(), Some(vec![project.at("src/link.js")]));
    assert_eq!(project.next(), [("src/link.js".to_owned(), ChangeKind::Update)]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_is_told_of() {
    use std::os::unix::fs::symlink;
    let project = Project::new(&["src/a.js", "src/b.js"]);
    symlink("a.js", project.at("src/link.js")).expect("a link");
    let mut list = project.list(&["src/a.js"]);
    list.files.push(WatchedFile { path: project.at("src/link.js"), known: Known::IsThere(true) });
    project.watch.set(list, now());
    drop(project.suspects());
    // In one step, as tools that switch a release do it.
    symlink("b.js", project.at("src/next")).expect("a link");
    std::fs::rename(project.at("src/next"), project.at("src/link.js")).expect("renamed");
    assert_eq!(project.next(), [("src/link.js".to_owned(), ChangeKind::Update)]);
    std::fs::remove_file(project.at("src/b.js")).expect("removed");
    std::fs::remove_file(project.at("src/link.js")).expect("removed");
    assert_eq!(project.next(), [("src/link.js".to_owned(), ChangeKind::Delete)]);
    assert!(project.is_quiet());
}

#[cfg(unix)]
#[test]
fn a_folder_of_two_names_is_told_of_under_both() {
    // The system knows one of the names. Which one is chance, unless there are enough of them.
    let folders: Vec<String> = (0..8).map(|number| format!("far/{number}")).collect();
    let files: Vec<String> = folders.iter().map(|folder| format!("{folder}/a.js")).collect();
    let project = Project::new(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let mut list = WatchList::default();
    std::fs::create_dir(project.at("linked")).expect("a folder");
    for (number, file) in files.iter().enumerate() {
        let link = project.at(&format!("linked/{number}"));
        std::os::unix::fs::symlink(project.at(&format!("far/{number}")), &link).expect("a link");
        list.files.push(WatchedFile { path: project.at(file), known: Known::Nothing });
        let absent = vec!["b.js".to_owned()];
        list.listings.push(WatchedListing { path: link, absent, ..WatchedListing::default() });
    }
    project.watch.set(list, now());
    drop(project.suspects());
    let mut expected = Vec::new();
    for (number, file) in files.iter().enumerate() {
        project.write(file, "edited");
        project.write(&format!("far/{number}/b.js"), "new");
        expected.extend([project.at(file), project.at(&format!("linked/{number}/b.js"))]);
    }
    expected.sort();
    assert_eq!(project.suspects(), Some(expected));
}

#[test]
fn a_folder_that_is_moved_away_takes_its_files_along() {
    let project = Project::new(&["src/deep/er/a.js", "src/b.js"]);
    let mut list = project.list(&["src/deep/er/a.js", "src/b.js"]);
    list.listings.clear();
    project.watch.set(list, now());
    assert!(project.is_quiet());
    std::fs::rename(project.at("src/deep"), project.at("away")).expect("renamed");
    let told = project.next();
    assert!(told.contains(&("src/deep".to_owned(), ChangeKind::Delete)), "{told:?}");
}

#[test]
fn suspects_are_complete_when_they_are_asked_for() {
    let project = Project::new(&["src/a.js", "src/b.js"]);
    project.watch.set(project.list(&["src/a.js", "src/b.js"]), now());
    // What happened before is told of by stamps.
    drop(project.suspects());
    let of = |name: &str| project.at(name);
    for round in 0..100 {
        project.write("src/a.js", &round.to_string());
        assert_eq!(project.suspects(), Some(vec![of("src/a.js")]), "round {round}");
        // What a build read of them is no news, whether it has been told of or not.
        let known = Known::Content(SeenContent { stamp: None, hash: ContentHash::of(round.to_string().as_bytes()) });
        project.watch.saw(vec![WatchedFile { path: of("src/a.js"), known }], now());
    }
    assert_eq!(project.suspects(), Some(Vec::new()));
    project.write("src/b.js", "2");
    std::fs::remove_file(project.at("src/a.js")).expect("removed");
    project.write("src/shadow.ts", "1");
    project.write("src/unrelated.ts", "1");
    let expected = ["src/a.js", "src/b.js", "src/shadow.ts"].map(of).to_vec();
    assert_eq!(project.suspects(), Some(expected));
}

#[test]
fn a_folder_that_moves_makes_everything_suspect() {
    let project = Project::new(&["src/deep/a.js", "src/b.js"]);
    project.watch.set(project.list(&["src/deep/a.js", "src/b.js"]), now());
    drop(project.suspects());
    std::fs::rename(project.at("src/deep"), project.at("src/shallow")).expect("renamed");
    assert_eq!(project.suspects(), None);
    assert_eq!(project.suspects(), Some(Vec::new()), "it is told of once");
}

#[test]
fn before_anything_is_watched_everything_is_suspect() {
    let project = Project::new(&["src/a.js"]);
    assert_eq!(project.suspects(), None);
}

#[test]
fn what_no_event_tells_of_is_found_after_the_next_build() {
    let project = Project::new(&["src/a.js", "elsewhere/b.js"]);
    std::fs::remove_file(project.at("src/a.js")).expect("removed");
    std::fs::hard_link(project.at("elsewhere/b.js"), project.at("src/a.js")).expect("linked");
    project.watch.set(project.list(&["src/a.js"]), now());
    drop(project.suspects());
    assert!(project.is_quiet());
    project.write("elsewhere/b.js", "22");
    assert!(project.is_quiet(), "no event came");
    project.watch.saw(Vec::new(), now());
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
    assert_eq!(project.suspects(), Some(vec![project.at("src/a.js")]));
}

#[test]
fn what_a_build_read_again_is_no_news() {
    let project = Project::new(&["src/a.js", "src/b.js"]);
    project.watch.set(project.list(&["src/a.js", "src/b.js"]), now());
    drop(project.suspects());
    project.write("src/a.js", "22");
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
    let known = Known::Content(SeenContent { stamp: None, hash: ContentHash::of(b"22") });
    project.watch.saw(vec![WatchedFile { path: project.at("src/a.js"), known }], SystemTime::now());
    assert!(project.is_quiet());
    // It was read before it changed again.
    project.write("src/a.js", "333");
    project.watch.saw(vec![WatchedFile { path: project.at("src/a.js"), known }], SystemTime::now());
    assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
}

#[test]
fn what_happens_to_emitted_files_is_no_change_and_is_known() {
    let project = Project::new(&["src/a.js", "src/dist/out.js", "src/dist/deep/out.js"]);
    project.watch.set(project.list(&["src/a.js"]), now());
    let directories = || [project.at("src/dist"), project.at("src/dist/deep")].into();
    project.watch.emitted(directories());
    assert_eq!(project.emitted(), None, "before it was watched");
    assert_eq!(project.emitted(), Some(Vec::new()));
    project.write("src/dist/out.js", "2");
    std::fs::remove_file(project.at("src/dist/deep/out.js")).expect("removed");
    project.watch.set(project.list(&["src/a.js"]), now());
    project.watch.emitted(directories());
    assert_eq!(project.emitted(), Some(vec![project.at("src/dist/deep/out.js"), project.at("src/dist/out.js")]));
    assert!(project.is_quiet());
    std::fs::remove_dir_all(project.at("src/dist/deep")).expect("removed");
    assert_eq!(project.emitted(), None, "it is gone");
    project.write("src/dist/deep/out.js", "3");
    project.watch.emitted(directories());
    assert_eq!(project.emitted(), None, "it was not watched");
    project.write("src/dist/deep/out.js", "4");
    assert_eq!(project.emitted(), Some(vec![project.at("src/dist/deep/out.js")]));
}
