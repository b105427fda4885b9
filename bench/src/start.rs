//! What the operator feels: the start of the real program, its memory and size, and a large import.

use crate::country::root;
use crate::machine;
use crate::report::{Goal, Report, median};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Starts of the program; the median is reported.
const STARTS: usize = 5;
/// How long the program is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(3);
/// How often a running import's peak of memory is read.
const LOOK_EVERY: Duration = Duration::from_millis(50);

const SYLLABLES: [&str; 30] = [
    "ba", "be", "bi", "do", "du", "fa", "ga", "ha", "ka", "ki", "la", "le", "lo", "ma", "mi", "na", "no",
    "ra", "ro", "sa", "si", "ta", "to", "wa", "ya", "zo", "sha", "dja", "mba", "nde",
];
const MAPPING: &str = "format = 1\nsource = 'bench'\nagency = 'civil-registry'\noffice = 'civil-registry-north'\n\
    purpose = 'registration'\nbasis = 'bench'\n[field.name]\ncolumns = ['name']\n[field.born]\ncolumns = ['born']\n\
    [field.birth_place_text]\ncolumns = ['place']\n[field.sex]\ncolumns = ['sex']\n";

/// A name that few others have, of a number: spread, so that neighbours are not alike.
pub fn name(number: u64) -> String {
    let mut rest = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.rotate_left(32);
    let mut word = |syllables: usize| {
        let mut word = String::new();
        for _ in 0..syllables {
            let at = usize::try_from(rest % 30).unwrap_or(0);
            word.push_str(SYLLABLES.get(at).copied().unwrap_or_default());
            rest /= 30;
        }
        word
    };
    format!("{} {} {}", word(4), word(4), word(4))
}

/// A day of birth of a number.
pub fn born(number: u64) -> String {
    // Grown-ups: a child is registered with whoever answers for it.
    format!("{}-{:02}-{:02}", 1930 + number % 75, 1 + number / 75 % 12, 1 + number / 900 % 28)
}

/// Measures the program beside this one.
///
/// # Errors
/// When it is not there or fails.
pub fn run(report: &Report, rows: u64) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let place = Place::make(dir.path())?;
    let (mut starts, mut memory) = (Vec::new(), 0);
    for round in 0..STARTS {
        let begun = Instant::now();
        let running = Running::start(&place)?;
        running.ask("/")?;
        starts.push(u64::try_from(begun.elapsed().as_millis())?);
        if round + 1 == STARTS {
            std::thread::sleep(IDLE);
            memory = machine::memory_kb(&running.child.id().to_string(), "VmRSS").unwrap_or(0) / 1024;
        }
    }
    report.alone("cold start to the first page", median(&starts), Goal::AtMost(300), "ms");
    report.alone("idle memory", memory, Goal::AtMost(60), "MB");
    let size = std::fs::metadata(&place.program)?.len() / 1_000_000;
    report.alone("size of the program", size, Goal::None, "MB");
    report.alone("packages built for the program", packages()?, Goal::AtMost(450), "packages");
    import(report, &place, dir.path(), rows)
}

/// A program and the installation it works with.
pub struct Place {
    program: PathBuf,
    /// The data directory.
    pub data: PathBuf,
    /// The country pack.
    pub country: PathBuf,
}

impl Place {
    /// A fresh installation in a folder, made by the program beside this one.
    ///
    /// # Errors
    /// When the program is not there or fails.
    pub fn make(dir: &Path) -> Result<Self> {
        let program = match std::env::var_os("DAFTAR_BIN") {
            Some(path) => PathBuf::from(path),
            None => std::env::current_exe()?.with_file_name("daftar"),
        };
        let place = Self { program, data: dir.join("data"), country: root().join("country/demo") };
        finished(place.command().arg("init"))?;
        Ok(place)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.data).arg("--country").arg(&self.country);
        command.env("DAFTAR_LOG_LEVEL", "warn").stdin(Stdio::null());
        command
    }
}

fn finished(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("running {command:?}"))?;
    if !done.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// The program serving; it ends with this.
pub struct Running {
    child: Child,
    /// Host and port it listens on.
    pub address: String,
}

impl Running {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts it; returns when it listens.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(place: &Place) -> Result<Self> {
        let mut command = place.command();
        let child = command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let mut running = Self { child, address: String::new() };
        let mut line = String::new();
        BufReader::new(running.child.stdout.take().context("no output")?).read_line(&mut line)?;
        running.address = line.trim().rsplit("http://").next().unwrap_or_default().to_string();
        Ok(running)
    }

    /// Asks it once.
    fn ask(&self, path: &str) -> Result<()> {
        let mut stream = TcpStream::connect(&self.address).with_context(|| self.address.clone())?;
        stream.write_all(&crate::load::request("GET", path, "connection: close\r\n", ""))?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        if line.contains(" 200 ") { Ok(()) } else { bail!("{path}: {line}") }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Packages that are compiled for the program, its build scripts' among them.
fn packages() -> Result<u64> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(["tree", "-p", "daftar", "-e", "normal,build", "--prefix", "none"]);
    let text = finished(&mut command)?;
    let names: BTreeSet<Vec<&str>> = text
        .lines()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>())
        .filter(|w| w.len() == 2)
        .collect();
    Ok(u64::try_from(names.len())?)
}

fn import(report: &Report, place: &Place, dir: &Path, rows: u64) -> Result<()> {
    let (file, mapping) = (dir.join("rows.csv"), dir.join("mapping.toml"));
    std::fs::write(&mapping, MAPPING)?;
    let mut out = BufWriter::new(std::fs::File::create(&file)?);
    writeln!(out, "name,born,place,sex")?;
    for number in 0..rows {
        writeln!(out, "{},{},behind the mill,female", name(number), born(number))?;
    }
    out.flush()?;
    let begun = Instant::now();
    let mut command = place.command();
    command.args(["identity", "import"]).arg(&file).arg("--mapping").arg(&mapping).arg("--commit");
    command.arg("--report").arg(dir.join("report.csv")).arg("--duplicates").arg(dir.join("duplicates.csv"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = machine::memory_kb(&child.id().to_string(), "VmHWM").unwrap_or(0).max(peak);
        std::thread::sleep(LOOK_EVERY);
    }
    let micros = u64::try_from(begun.elapsed().as_micros())?.max(1);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().context("no output")?, &mut said)?;
    report.say(&format!("import of {rows}: {}", said.lines().next().unwrap_or("it said nothing")));
    report.alone(
        "import, sealed, indexed, compared, recorded",
        rows * 1_000_000 / micros,
        Goal::None,
        "rows/s",
    );
    report.alone("import, peak of memory", peak / 1024, Goal::AtMost(300), "MB");
    Ok(())
}
