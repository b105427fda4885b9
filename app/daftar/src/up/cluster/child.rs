//! Programs that are kept running: started again when they end, stopped in order, and gone when we are.
//!
//! Nothing outlives us, whatever ends us: `setpriv --pdeathsig` has the kernel kill a program whose parent died, and what
//! starts programs of its own (Patroni starts PostgreSQL) lives in a process namespace, which ends with its first process.
//! Both are of Debian's essential util-linux; without root there are no namespaces, and [`clear`] ends what was left.

use super::places::User;
use anyhow::{Context, Result, bail};
use daftar_kernel::World;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The first rest before a program is started again; it doubles with each failure.
const FIRST_REST: Duration = Duration::from_millis(250);
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(15);
/// A program that ran so long has not failed to start.
const SOUND_SECONDS: i64 = 30;
/// A log longer than this is put aside, in place of the one put aside before, when the program is started.
const LOG_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

/// What is run, and how.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it is called in our own log.
    pub name: String,
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// As whom; none for ourselves.
    pub user: Option<User>,
    /// Its home: nothing of ours, such as certificates of root's, may slip in.
    pub home: PathBuf,
    /// Whether it starts programs of its own, which must end with it.
    pub is_tree: bool,
    /// Where its words go.
    pub log: PathBuf,
    /// How long it may take to end when it is told to.
    pub grace: Duration,
}

impl Program {
    /// The words of the command: who watches over it, and the program itself.
    fn words(&self, root: bool) -> Vec<String> {
        let mut words: Vec<String> = ["setpriv", "--pdeathsig", "KILL"].map(String::from).to_vec();
        if self.is_tree && root {
            let inside = ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
            words.extend(inside.map(String::from));
            // Changing the user clears the signal, so it is asked for again afterwards.
            words.extend(["setpriv", "--pdeathsig", "KILL"].map(String::from));
        }
        if let Some(user) = self.user {
            words.extend([format!("--reuid={}", user.id), format!("--regid={}", user.group)]);
            words.push("--clear-groups".into());
        }
        words.push("--".into());
        words.push(self.program.clone());
        words.extend(self.arguments.iter().cloned());
        words
    }

    fn start(&self) -> Result<Child> {
        if std::fs::metadata(&self.log).is_ok_and(|about| about.len() > LOG_LIMIT_BYTES) {
            let mut aside = self.log.clone().into_os_string();
            aside.push(".old");
            std::fs::rename(&self.log, aside)
                .with_context(|| format!("putting {} aside", self.log.display()))?;
        }
        let log = log_file(&self.log)?;
        let errors = log.try_clone().with_context(|| format!("opening {}", self.log.display()))?;
        let words = self.words(rustix::process::geteuid().is_root());
        let (first, rest) = words.split_first().context("a program without a name")?;
        let mut command = Command::new(first);
        // What etcd, Patroni and PostgreSQL's library would take from our surroundings instead of their files.
        let strange = |name: &std::ffi::OsStr| {
            let name = name.to_string_lossy();
            ["ETCD_", "PATRONI_", "PG"].iter().any(|prefix| name.starts_with(prefix))
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| strange(name)) {
            command.env_remove(name);
        }
        command
            .args(rest)
            .env("HOME", &self.home)
            // The folder we were started in may go away.
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .with_context(|| {
                format!("starting {} by setpriv. Next: apt-get install util-linux", self.program)
            })
    }
}

fn log_file(path: &Path) -> Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("opening {}", path.display()))
}

#[derive(Default)]
struct Now {
    stopping: bool,
    process: Option<Pid>,
}

#[derive(Default)]
struct State {
    now: Mutex<Now>,
    changed: Condvar,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program that is kept running.
pub struct Kept {
    program: Program,
    state: Arc<State>,
    // The kernel's signal comes when the thread ends that started the program: it stays until the program is to stop.
    thread: JoinHandle<()>,
}

impl Kept {
    /// Starts it and keeps it running.
    ///
    /// # Errors
    /// When no thread can be made.
    pub fn start(program: Program, world: &World) -> Result<Self> {
        let state = Arc::new(State::default());
        let (with, watched, world) = (program.clone(), Arc::clone(&state), world.clone());
        let thread = std::thread::Builder::new()
            .name(program.name.clone())
            .spawn(move || keep(&with, &watched, &world))
            .context("starting a thread")?;
        Ok(Self { program, state, thread })
    }

    /// Tells it to end, without waiting.
    pub fn tell(&self) {
        let mut now = self.state.lock();
        now.stopping = true;
        self.state.changed.notify_all();
        if let Some(process) = now.process {
            let inner = if self.program.is_tree { first_child(process).unwrap_or(process) } else { process };
            signal(inner, Signal::TERM);
        }
    }

    /// Waits until it has ended; kills it when its time is over.
    pub fn join(self) {
        let now = self.state.lock();
        let wait =
            self.state.changed.wait_timeout_while(now, self.program.grace, |now| now.process.is_some());
        let (now, timeout) = wait.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out()
            && let Some(process) = now.process
        {
            tracing::warn!(program = %self.program.name, "it does not end, and is killed");
            signal(process, Signal::KILL);
        }
        drop(now);
        if self.thread.join().is_err() {
            tracing::error!(program = %self.program.name, "its watcher had panicked");
        }
    }
}

fn signal(process: Pid, signal: Signal) {
    if let Err(error) = kill_process(process, signal) {
        tracing::debug!(%error, ?process, "it is gone already");
    }
}

fn keep(program: &Program, state: &State, world: &World) {
    let mut failures = 0;
    loop {
        let begun = world.now();
        let mut now = state.lock();
        if now.stopping {
            return;
        }
        // Under the lock, so that whoever says stop finds either no program or its number.
        let started = program.start();
        now.process = started.as_ref().ok().and_then(|child| Pid::from_raw(i32::try_from(child.id()).ok()?));
        drop(now);
        let ended = match started {
            Ok(mut child) => child.wait().map_or_else(|e| e.to_string(), |status| status.to_string()),
            Err(error) => format!("{error:#}"),
        };
        let mut now = state.lock();
        now.process = None;
        state.changed.notify_all();
        if now.stopping {
            return;
        }
        let sound = (world.now().0 - begun.0).abs() >= SOUND_SECONDS * 1_000_000;
        failures = if sound { 1 } else { failures + 1 };
        let rest = rest(failures);
        tracing::warn!(program = %program.name, %ended, ?rest, "it ended, and is started again");
        let (now, _) = state
            .changed
            .wait_timeout_while(now, rest, |now| !now.stopping)
            .unwrap_or_else(PoisonError::into_inner);
        drop(now);
    }
}

/// How long to wait after so many failures in a row.
fn rest(failures: u32) -> Duration {
    FIRST_REST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_REST)
}

/// The only child of a process.
fn first_child(parent: Pid) -> Option<Pid> {
    let parent = parent.as_raw_nonzero();
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    Pid::from_raw(children.split_whitespace().next()?.parse().ok()?)
}

/// Sees to it that we are the only one who runs this node: gives the file that says so, to be kept open.
///
/// # Errors
/// When another runs it.
pub fn take(lock: &Path) -> Result<File> {
    let file = log_file(lock)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!("{} is held: this node runs already. Next: stop the other `daftar up`", lock.display())
        }
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("locking {}", lock.display()))
        }
    }
}

/// Ends every program that an earlier run left behind: whatever has all words of one of these lists in its command line. A
/// word may be the end of a path.
pub fn clear(marks: &[Vec<String>]) {
    let ours = std::process::id();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(words) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let words = String::from_utf8_lossy(&words);
        let words: Vec<&str> = words.split('\0').collect();
        if is_marked(&words, marks)
            && u32::try_from(number) != Ok(ours)
            && let Some(process) = Pid::from_raw(number)
        {
            tracing::warn!(number, "a program of an earlier run is ended");
            signal(process, Signal::KILL);
        }
    }
}

fn is_marked(words: &[&str], marks: &[Vec<String>]) -> bool {
    let has = |mark: &String| {
        words.iter().any(|word| {
            word == mark || word.strip_suffix(mark.as_str()).is_some_and(|path| path.ends_with('/'))
        })
    };
    marks.iter().any(|mark| mark.iter().all(has))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn program(dir: &Path, script: &str) -> Program {
        Program {
            name: "test".into(),
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            user: None,
            home: dir.into(),
            is_tree: false,
            log: dir.join("log"),
            grace: Duration::from_secs(20),
        }
    }

    /// A pipe that the program opens: what it says, in order.
    fn pipe(dir: &Path) -> PathBuf {
        let path = dir.join("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    #[test]
    fn rests_grow_and_are_bounded() {
        assert_eq!(rest(1), FIRST_REST);
        assert_eq!(rest(2), FIRST_REST * 2);
        assert_eq!(rest(40), LONGEST_REST);
    }

    #[test]
    fn a_program_that_ends_is_started_again_until_it_is_told_to_stop() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = pipe(dir.path());
        let script = format!("echo here > {}", pipe.display());
        let kept = Kept::start(program(dir.path(), &script), &World::system()).unwrap();
        for _ in 0..3 {
            let mut said = String::new();
            File::open(&pipe).unwrap().read_to_string(&mut said).unwrap();
            assert!(said.starts_with("here"));
        }
        kept.tell();
        kept.join();
    }

    #[test]
    fn one_that_does_not_listen_is_killed() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = pipe(dir.path());
        let script = format!("trap '' TERM; echo here > {}; while :; do sleep 60; done", pipe.display());
        let mut deaf = program(dir.path(), &script);
        deaf.grace = Duration::from_millis(50);
        let kept = Kept::start(deaf, &World::system()).unwrap();
        let mut said = String::new();
        File::open(&pipe).unwrap().read_to_string(&mut said).unwrap();
        kept.tell();
        kept.join();
    }

    #[test]
    fn the_words_say_who_watches() {
        let mut one = program(Path::new("/x"), "true");
        assert_eq!(one.words(true).join(" "), "setpriv --pdeathsig KILL -- /bin/sh -c true");
        one.user = Some(User { id: 7, group: 8 });
        one.is_tree = true;
        assert_eq!(
            one.words(true).join(" "),
            "setpriv --pdeathsig KILL unshare --pid --fork --kill-child=KILL --mount-proc setpriv --pdeathsig KILL \
             --reuid=7 --regid=8 --clear-groups -- /bin/sh -c true"
        );
    }

    #[test]
    fn only_what_we_started_counts_as_left_behind() {
        let marks = [
            ["patroni", "/d/node-1/engine/patroni.yml"].map(String::from).to_vec(),
            ["-D", "/d/node-1/engine/postgres"].map(String::from).to_vec(),
        ];
        let marked = |words: &[&str]| is_marked(words, &marks);
        assert!(marked(&["/usr/bin/python3", "/usr/bin/patroni", "/d/node-1/engine/patroni.yml"]));
        assert!(marked(&["postgres", "-D", "/d/node-1/engine/postgres", "--port=1"]));
        assert!(!marked(&["less", "/d/node-1/engine/patroni.yml"]), "somebody reads it");
        assert!(!marked(&["patroni", "/d/node-2/engine/patroni.yml"]), "another node");
        assert!(!marked(&[""]));
    }

    #[test]
    fn a_node_runs_once() {
        let dir = tempfile::tempdir().unwrap();
        let held = take(&dir.path().join("lock")).unwrap();
        assert!(take(&dir.path().join("lock")).unwrap_err().to_string().contains("runs already"));
        drop(held);
        take(&dir.path().join("lock")).unwrap();
    }
}
