//! `cargo xtask package`: the Debian package, from what lies in `packaging/debian`.

use crate::{judge, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who answers for the package: on the machine that has it, its own root.
const MAINTAINER: &str = "The Daftar authors <daftar@localhost.localdomain>";

/// What the command was told.
struct Wishes {
    profile: String,
    /// The public key that signs the releases after this one.
    key: Option<PathBuf>,
    out: PathBuf,
    /// The number of this release; each later one has a higher one.
    number: u64,
    /// A program that is built already.
    program: Option<PathBuf>,
}

/// Builds the program and its package; prints where it lies.
pub fn command(args: &[String]) -> Result<()> {
    let wishes = read(args)?;
    let program = match &wishes.program {
        Some(program) => program.clone(),
        None => {
            run::succeed(run::cargo().args([
                "build",
                "--quiet",
                "--profile",
                &wishes.profile,
                "-p",
                "daftar",
            ]))?;
            let folder = if wishes.profile == "dev" { "debug" } else { &wishes.profile };
            judge::target_folder()?.join(folder).join("daftar")
        }
    };
    let version = version(&program)?;
    let stage = wishes.out.join(format!("daftar_{version}"));
    if stage.exists() {
        fs::remove_dir_all(&stage).with_context(|| format!("emptying {}", stage.display()))?;
    }
    lay_out(&stage, &program, &wishes)?;
    let architecture = run::output(Command::new("dpkg").arg("--print-architecture"))?.trim().to_string();
    control(&stage, &version, &architecture)?;
    let package = wishes.out.join(format!("daftar_{version}_{architecture}.deb"));
    run::succeed(Command::new("dpkg-deb").args(["--root-owner-group", "--build"]).args([&stage, &package]))?;
    fs::remove_dir_all(&stage)?;
    println!("{}", package.display());
    Ok(())
}

fn read(args: &[String]) -> Result<Wishes> {
    let mut wishes = Wishes {
        profile: "release".into(),
        key: None,
        out: judge::target_folder()?.join("package"),
        number: 1,
        program: None,
    };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let value = rest.next().with_context(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--profile" => wishes.profile.clone_from(value),
            "--key" => wishes.key = Some(value.into()),
            "--out" => wishes.out = value.into(),
            "--number" => wishes.number = value.parse().context("--number takes a whole number")?,
            "--program" => wishes.program = Some(value.into()),
            _ => bail!("unknown option {arg}: it takes --profile, --key, --out, --number and --program"),
        }
    }
    fs::create_dir_all(&wishes.out).with_context(|| format!("making {}", wishes.out.display()))?;
    Ok(wishes)
}

fn version(program: &Path) -> Result<String> {
    let said = run::output(Command::new(program).arg("--version"))?;
    said.trim().strip_prefix("daftar ").map(String::from).context("the program does not say its version")
}

fn lay_out(stage: &Path, program: &Path, wishes: &Wishes) -> Result<()> {
    let source = run::root().join("packaging/debian");
    let bin = stage.join("usr/bin/daftar");
    put(&bin, &fs::read(program).with_context(|| format!("reading {}", program.display()))?, 0o755)?;
    run::succeed(Command::new("strip").args(["--strip-unneeded", "--remove-section=.comment"]).arg(&bin))?;
    for unit in ["daftar.service", "daftar.socket"] {
        put(&stage.join("lib/systemd/system").join(unit), &fs::read(source.join(unit))?, 0o644)?;
    }
    let pages = stage.join("usr/share/man/man1");
    run::succeed(Command::new(&bin).arg("man").arg(&pages))?;
    for page in fs::read_dir(&pages)? {
        run::succeed(Command::new("gzip").args(["-9n"]).arg(page?.path()))?;
    }
    let shells = [
        ("bash", "usr/share/bash-completion/completions/daftar"),
        ("zsh", "usr/share/zsh/vendor-completions/_daftar"),
        ("fish", "usr/share/fish/vendor_completions.d/daftar.fish"),
    ];
    for (shell, place) in shells {
        let text = run::output(Command::new(&bin).args(["completions", shell]))?;
        put(&stage.join(place), text.as_bytes(), 0o644)?;
    }
    let docs = stage.join("usr/share/doc/daftar");
    put(&docs.join("copyright"), &fs::read(source.join("copyright"))?, 0o644)?;
    put(&docs.join("operating.md"), &fs::read(run::root().join("docs/operating.md"))?, 0o644)?;
    put(&docs.join("CHANGELOG.md"), &fs::read(run::root().join("CHANGELOG.md"))?, 0o644)?;
    put(&docs.join("changelog"), changelog(&version(program)?)?.as_bytes(), 0o644)?;
    run::succeed(Command::new("gzip").args(["-9n"]).arg(docs.join("changelog")))?;
    put(
        &stage.join("usr/share/lintian/overrides/daftar"),
        &fs::read(source.join("lintian-overrides"))?,
        0o644,
    )?;
    let share = stage.join("usr/share/daftar");
    put(&share.join("release.number"), format!("{}\n", wishes.number).as_bytes(), 0o644)?;
    if let Some(key) = &wishes.key {
        put(&share.join("release.key"), &fs::read(key)?, 0o644)?;
    }
    for script in ["postinst", "prerm", "postrm"] {
        put(&stage.join("DEBIAN").join(script), &fs::read(source.join(script))?, 0o755)?;
    }
    Ok(())
}

/// Debian's form of the changelog (Debian Policy 4.4): what changed stands in CHANGELOG.md beside it. The day is the commit's.
fn changelog(version: &str) -> Result<String> {
    let day = run::output(Command::new("git").args(["log", "-1", "--format=%aD"]).current_dir(run::root()))?;
    Ok(format!(
        "daftar ({version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- {MAINTAINER}  {}\n",
        day.trim()
    ))
}

fn control(stage: &Path, version: &str, architecture: &str) -> Result<()> {
    let depends = shared_libraries(stage)?;
    let kib = run::output(Command::new("du").args(["-sk", "--exclude=DEBIAN"]).arg(stage))?;
    let kib = kib.split_whitespace().next().unwrap_or("0").to_string();
    let text = format!(
        "Package: daftar\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: {MAINTAINER}\n\
         Installed-Size: {kib}\n\
         Depends: {depends}, adduser, init-system-helpers (>= 1.52)\n\
         Recommends: fonts-noto-core\n\
         Section: admin\n\
         Priority: optional\n\
         Description: government's own cloud in one program\n \
         Identity, records and other services of a country on a server it owns.\n \
         Every official act, and every look at a person's data made through it,\n \
         leaves a receipt that outsiders hold.\n"
    );
    put(&stage.join("DEBIAN/control"), text.as_bytes(), 0o644)?;
    let sums = run::output(
        Command::new("sh")
            .args(["-c", "find usr lib -type f -print0 | sort -z | xargs -0 md5sum"])
            .current_dir(stage),
    )?;
    put(&stage.join("DEBIAN/md5sums"), sums.as_bytes(), 0o644)
}

/// What the program is linked against, as Debian's own tool says.
fn shared_libraries(stage: &Path) -> Result<String> {
    let work = stage.with_extension("shlibs");
    put(&work.join("debian/control"), b"Source: daftar\n\nPackage: daftar\nArchitecture: any\n", 0o644)?;
    let bin = stage.join("usr/bin/daftar");
    let bin = fs::canonicalize(&bin)?;
    let said = run::output(Command::new("dpkg-shlibdeps").arg("-O").arg("-e").arg(bin).current_dir(&work));
    fs::remove_dir_all(&work)?;
    let said = said?;
    let line = said.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    line.map(String::from).context("dpkg-shlibdeps names no libraries")
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_and_others_refused() {
        let dir = std::env::temp_dir().join(format!("daftar-package-{}", std::process::id()));
        let out = dir.display().to_string();
        let args = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let wishes = read(&args(&["--profile", "demo", "--out", &out, "--number", "7"])).unwrap();
        assert_eq!((wishes.profile.as_str(), wishes.number), ("demo", 7));
        for bad in [vec!["--number", "x", "--out", &out], vec!["--what", "x"], vec!["--out"]] {
            assert!(read(&args(&bad)).is_err(), "{bad:?}");
        }
        fs::remove_dir_all(dir).unwrap();
    }
}
