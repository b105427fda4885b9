//! One LXD for the tests of a process, ended with the process however that ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The keeper: judges and benches run the same.
const KEEPER: &str = include_str!("lxd.sh");
const NEXT_STEP: &str =
    "as root: apt-get install lxd dnsmasq-base nftables btrfs-progs busybox-static, or `cargo xtask setup`";

/// A running LXD with a storage pool called `pool` and one image.
pub struct Lxd {
    socket: PathBuf,
    image: String,
    /// It watches the other end of its input: when this process ends, the kernel closes the pipe and the keeper removes
    /// everything.
    hold: Option<ChildStdin>,
    keeper: Child,
}

impl Lxd {
    /// Starts one, with a pool of so many MiB; none, said aloud, where this machine cannot run it.
    ///
    /// # Panics
    /// In CI (`CI=true`), where a test may not be left out.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the program")]
    #[expect(clippy::panic, reason = "a test that cannot run must fail, and say why")]
    #[expect(clippy::print_stderr, reason = "what is left out is said")]
    pub fn start(pool_mib: u32) -> Option<Self> {
        match Self::try_start(pool_mib) {
            Ok(lxd) => Some(lxd),
            Err(reason) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
                panic!("CI demands LXD: {reason}. Next: {NEXT_STEP}")
            }
            Err(reason) => {
                eprintln!("left out, since LXD does not run here: {reason}. Next: {NEXT_STEP}");
                None
            }
        }
    }

    fn try_start(pool_mib: u32) -> Result<Self, String> {
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper", &format!("{pool_mib}MiB")])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("its keeper does not start: {e}"))?;
        let (Some(hold), Some(output)) = (keeper.stdin.take(), keeper.stdout.take()) else {
            return Err("its keeper has no pipes".into());
        };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|e| e.to_string())?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["ready", socket, image] = words.as_slice() else { return Err(line.trim().into()) };
        Ok(Self { socket: socket.into(), image: (*image).into(), hold: Some(hold), keeper })
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }
    /// Its image, by fingerprint: BusyBox, which takes an address by DHCP and waits.
    #[must_use]
    pub fn image(&self) -> &str {
        &self.image
    }
}

impl Drop for Lxd {
    fn drop(&mut self) {
        drop(self.hold.take());
        // What it could not remove is below /tmp/daftar-lxd.*; there is nothing else to do here.
        let _ = self.keeper.wait();
    }
}
