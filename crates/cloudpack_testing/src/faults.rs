//! Faults from outside: a small project whose builds are killed, and stores that are forged. A build with the store gives what
//! one without gives, whatever was done to it before.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloudpack::Session;
use cloudpack::options::{BuildOptions, CacheOptions};
use cloudpack_base::path;
use cloudpack_fs::OsFileSystem;

use crate::Failure;
use crate::build::sorted_files;

/// A project on the disk, its store beside it.
pub struct Project {
    root: PathBuf,
}

/// Files with their bytes, sorted.
pub type Files = Vec<(String, Vec<u8>)>;

const MODULES: usize = 40;

impl Project {
    /// What lies in `root` already is this project as it was left.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Modules that import each other, some of them lazily.
    pub fn make(root: &Path) -> Result<Self, Failure> {
        let project = Self::at(root);
        let app = project.app();
        std::fs::create_dir_all(&app).map_err(|error| error.to_string())?;
        let write = |name: &str, text: &str| std::fs::write(app.join(name), text).map_err(|error| error.to_string());
        write("package.json", "{ \"type\": \"module\" }")?;
        let mut main = String::new();
        for number in 0..MODULES {
            if number % 8 == 7 {
                main.push_str(&format!("import('./m{number}.js').then((it) => console.log(it.v));\n"));
            } else {
                main.push_str(&format!(
                    "import {{ v as v{number} }} from './m{number}.js';\nconsole.log(v{number});\n"
                ));
            }
            project.edit(number, 0)?;
        }
        write("main.js", &main)?;
        Ok(project)
    }

    pub fn app(&self) -> PathBuf {
        self.root.join("app")
    }

    pub fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// Gives a module another content; now and then one that others can see.
    pub fn edit(&self, module: usize, round: usize) -> Result<(), Failure> {
        let module = module % MODULES;
        let more = if round.is_multiple_of(3) { format!("export const more = {round};\n") } else { String::new() };
        let text = format!("export const v = ['module {module}', {round}, {}];\n{more}", "'x', ".repeat(60));
        std::fs::write(self.app().join(format!("m{module}.js")), text).map_err(|error| error.to_string())
    }

    /// Builds with the store and writes, or without and does not; and what the store had to say.
    pub fn build(&self, is_warm: bool) -> Result<(Files, Vec<String>), Failure> {
        let cwd = path::from_native(&self.app().to_string_lossy());
        let options = serde_json::json!({
            "cwd": cwd, "input": [{ "name": "main", "import": "./main.js" }], "output": [{ "dir": "dist" }],
        });
        let mut options: BuildOptions = serde_json::from_value(options).map_err(|error| error.to_string())?;
        if is_warm {
            let dir = self.store().to_string_lossy().into_owned();
            options.cache = Some(CacheOptions { max_size: 1 << 20, ..CacheOptions::at(dir) });
        }
        let mut session = Session::new(options, Default::default(), Arc::new(OsFileSystem))
            .map_err(|faults| format!("{faults:?}"))?;
        session.scan(Vec::new());
        let bundle = session.finalize(0, Vec::new(), Vec::new()).map_err(|faults| format!("{faults:?}"))?;
        let files = sorted_files(&bundle.files)?;
        if is_warm {
            session.write(0, &bundle).map_err(|faults| format!("{faults:?}"))?;
        }
        let said = session.diagnostics().into_iter().map(|diagnostic| diagnostic.message).collect();
        Ok((files, said))
    }

    /// A build with the store, and what it leaves in the output folder, against one without.
    pub fn check(&self) -> Result<(), Failure> {
        let (warm, said) = self.build(true)?;
        let (cold, _) = self.build(false)?;
        if warm != cold {
            let differing = warm.iter().zip(&cold).find(|(warm, cold)| warm != cold).map(|(warm, _)| &warm.0);
            return Err(format!("{} files and {}; the first that differs: {differing:?}", warm.len(), cold.len()));
        }
        for (name, bytes) in &cold {
            if std::fs::read(self.app().join("dist").join(name)).ok().as_ref() != Some(bytes) {
                return Err(format!("{name} in the output folder is not what was built"));
            }
        }
        if said.is_empty() { Ok(()) } else { Err(format!("it had something to say: {said:?}")) }
    }
}

/// What a loop of killed builds did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Killed {
    pub builds: usize,
    /// Builds that were over before the signal came.
    pub in_time: usize,
}

/// Starts `builds` builds one after the other with `program child <folder>`, and kills each at another moment; after each, a
/// build finds nothing wrong. `seed` decides the moments.
pub fn kill_builds(program: &Path, seed: u64, builds: usize) -> Result<Killed, Failure> {
    let folder = tempfile::Builder::new().prefix("kill-").tempdir().map_err(|error| error.to_string())?;
    let root = folder.path().canonicalize().map_err(|error| error.to_string())?;
    let project = Project::make(&root)?;
    let start = || -> Result<Child, Failure> {
        let mut command = Command::new(program);
        command.arg("child").arg(&root).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map_err(|error| error.to_string())
    };
    // How long one takes that nobody disturbs.
    let begun = Instant::now();
    start()?.wait().map_err(|error| error.to_string())?;
    let longest = begun.elapsed().max(Duration::from_millis(5)).as_micros() as u64 * 5 / 4;
    let mut random = seed;
    let mut killed = Killed::default();
    for round in 1..=builds {
        // SplitMix64
        random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (random ^ (random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        if mixed.is_multiple_of(5) {
            drop(std::fs::remove_dir_all(project.store()));
        }
        project.edit(mixed as usize % MODULES, round)?;
        let mut child = start()?;
        std::thread::sleep(Duration::from_micros((mixed >> 8) % longest));
        killed.in_time += usize::from(child.try_wait().is_ok_and(|status| status.is_some()));
        // On Unix SIGKILL; one that is over already cannot be killed.
        drop(child.kill());
        child.wait().map_err(|error| error.to_string())?;
        killed.builds += 1;
        project.check().map_err(|failure| format!("seed {seed}, round {round}: {failure}"))?;
    }
    Ok(killed)
}
