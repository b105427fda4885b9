//! `cargo xtask setup`: what tests and judges need beyond Rust, from Debian's packages.

use crate::{postgres, run};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// One thing that is needed.
struct Need {
    package: &'static str,
    for_what: &'static str,
    there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        package: "build-essential",
        for_what: "compiling SQLite and the cryptography",
        there: || run::on_path("cc"),
    },
    Need { package: "git", for_what: "the drift checks", there: || run::on_path("git") },
    Need {
        package: "postgresql",
        for_what: "the tests' second engine",
        there: || postgres::bin_folder().is_some(),
    },
    Need {
        package: "chromium",
        for_what: "the judges that open pages",
        there: || run::on_path("chromium") || run::on_path("chromium-browser"),
    },
    Need { package: "fonts-noto-core", for_what: "certificates in every script", there: has_noto },
    Need { package: "poppler-utils", for_what: "reading our PDFs back", there: || run::on_path("pdftoppm") },
    Need { package: "default-jre-headless", for_what: "the HTML checker", there: || run::on_path("java") },
    Need { package: "python3-venv", for_what: "the judges from PyPI", there: has_python_venv },
    Need {
        package: "npm",
        for_what: "the judges from npm",
        there: || run::on_path("npm") && run::on_path("node"),
    },
    Need {
        package: "apache2-bin",
        for_what: "judging sign-in with its OpenID module",
        there: || has_program("apache2"),
    },
    Need {
        package: "libapache2-mod-auth-openidc",
        for_what: "judging sign-in",
        there: || Path::new("/usr/lib/apache2/modules/mod_auth_openidc.so").is_file(),
    },
    Need {
        package: "nut-server",
        for_what: "judging what rests when electricity is short",
        there: || Path::new("/lib/nut/dummy-ups").is_file(),
    },
    Need { package: "nut-client", for_what: "the same", there: || run::on_path("upsc") },
    Need {
        package: "lxd",
        for_what: "the cloud's engine",
        there: || run::on_path("lxd") && run::on_path("lxc"),
    },
    Need { package: "dnsmasq-base", for_what: "addresses in its networks", there: || has_program("dnsmasq") },
    Need { package: "nftables", for_what: "keeping its networks apart", there: || has_program("nft") },
    Need { package: "btrfs-progs", for_what: "its disks with quotas", there: || run::on_path("btrfs") },
    Need {
        package: "busybox-static",
        for_what: "the computers in its tests",
        there: || run::on_path("busybox"),
    },
    Need { package: "lintian", for_what: "judging the Debian package", there: || run::on_path("lintian") },
    Need { package: "systemd", for_what: "judging its service", there: || run::on_path("systemd-analyze") },
    Need { package: "prometheus", for_what: "judging the metrics", there: || run::on_path("promtool") },
    Need { package: "sqlite3", for_what: "judging restored databases", there: || run::on_path("sqlite3") },
    Need { package: "openssl", for_what: "judging signatures", there: || run::on_path("openssl") },
    Need { package: "patroni", for_what: "a cluster of three machines", there: || run::on_path("patroni") },
    Need { package: "python3-idna", for_what: "Patroni, to reach etcd over TLS", there: has_python_idna },
    Need { package: "etcd-server", for_what: "a cluster of three machines", there: || run::on_path("etcd") },
    Need { package: "haproxy", for_what: "a cluster of three machines", there: || has_program("haproxy") },
    Need { package: "iproute2", for_what: "judging a cluster cut off", there: || has_program("ip") },
    Need { package: "libfaketime", for_what: "judging a clock that jumps", there: has_faketime },
    Need { package: "patchelf", for_what: "judging a clock that jumps", there: || run::on_path("patchelf") },
];

/// Debian keeps servers where only root looks for programs.
fn has_program(name: &str) -> bool {
    run::on_path(name) || Path::new("/usr/sbin").join(name).is_file()
}

fn has_python_idna() -> bool {
    Path::new("/usr/lib/python3/dist-packages/idna").is_dir()
}

fn has_faketime() -> bool {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketime.so.1")).any(|library| library.is_file())
}

fn has_noto() -> bool {
    ["NotoSansArabic-Regular.ttf", "NotoSansEthiopic-Regular.ttf", "NotoSansDevanagari-Regular.ttf"]
        .iter()
        .all(|font| Path::new("/usr/share/fonts/truetype/noto").join(font).is_file())
}

fn has_python_venv() -> bool {
    // ensurepip is the part that Debian keeps in a package of its own.
    Command::new("python3").args(["-c", "import ensurepip, venv"]).output().is_ok_and(|o| o.status.success())
}

/// Installs what is missing and says what is still missing after that.
///
/// # Errors
/// When something could not be installed.
pub fn command() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.there)()).collect();
    if !missing.is_empty() {
        let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
        println!("installing {}", packages.join(" "));
        if let Err(error) = install(&packages) {
            println!("{error:#}");
        }
    }
    let mut lacking = Vec::new();
    for need in NEEDS {
        let there = (need.there)();
        println!("{:<8} {:<22} {}", if there { "ok" } else { "MISSING" }, need.package, need.for_what);
        if !there {
            lacking.push(need.package);
        }
    }
    let nextest = run::on_path("cargo-nextest");
    println!(
        "{:<8} {:<22} faster test runs; cargo test does as well",
        if nextest { "ok" } else { "absent" },
        "cargo-nextest"
    );
    if !lacking.is_empty() {
        bail!("could not install {0}. As root: apt-get install {0}", lacking.join(" "));
    }
    Ok(())
}

fn install(packages: &[&str]) -> Result<()> {
    if !run::on_path("apt-get") {
        bail!("this machine has no apt-get: install by hand what is missing below");
    }
    let root = run::user()?.0 == 0;
    if !root && !Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|o| o.status.success()) {
        bail!("not root, and sudo asks for a password: nothing was installed");
    }
    let apt = |args: &[&str]| {
        let mut command = if root { Command::new("env") } else { Command::new("sudo") };
        if !root {
            command.arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]).args(args);
        run::succeed(&mut command)
    };
    apt(&["update"])?;
    // One package that cannot be had must not keep the others away.
    let together = [&["install", "-y", "--no-install-recommends"], packages].concat();
    if apt(&together).is_err() {
        for package in packages {
            if apt(&["install", "-y", "--no-install-recommends", package]).is_err() {
                println!("could not install {package}");
            }
        }
    }
    Ok(())
}
