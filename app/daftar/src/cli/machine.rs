//! What is said about machines: bringing them up, and their updates.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub struct Up {
    /// Address and port (default: 0.0.0.0:8443); `-`: standard input is the listening socket, as systemd hands it over.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// A name or IP address by which people reach this machine; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
    /// Without TLS, for a proxy on this machine that has its own (default address then: 127.0.0.1:8080).
    #[arg(long)]
    pub plain: bool,
    #[command(flatten)]
    pub cluster: Cluster,
}

#[derive(Debug, Clone, Args)]
pub struct Cluster {
    /// Survive the loss of a machine: on the machines of a cluster.toml, or so many nodes on this machine alone.
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "0", conflicts_with_all = ["listen", "name", "plain"])]
    pub ha: Option<u8>,
    /// Which of the machines this one is, from 1.
    #[arg(long, value_name = "N", requires = "ha")]
    pub node: Option<usize>,
    /// This machine takes the place of a lost one in a cluster that runs.
    #[arg(long, requires = "node")]
    pub join: bool,
    /// Make the folder of secrets that is then carried to every machine, and stop.
    #[arg(long, requires = "ha", conflicts_with = "node")]
    pub prepare: bool,
    /// Data directory of a country that moves here: its keys and the name of its record, instead of new ones.
    #[arg(long, value_name = "DIR", requires = "ha", conflicts_with = "node")]
    pub from: Option<PathBuf>,
    /// The machines: the same file on each of them.
    #[arg(value_name = "cluster.toml", requires = "ha")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Update {
    /// Make a key that signs releases, and print its public half.
    Key {
        /// A name of the signer in the world, e.g. releases.example
        name: String,
        /// Where the secret half goes, which must not be there yet.
        file: PathBuf,
    },
    /// Sign every file of a folder as a release.
    Sign {
        /// The folder.
        medium: PathBuf,
        /// The secret key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Its version.
        #[arg(long, value_name = "VERSION")]
        release: String,
        /// Its number: higher than that of every release before.
        #[arg(long)]
        number: u64,
    },
    /// Check that a medium is whole, signed, and not older than what is installed.
    Check {
        /// The folder.
        medium: PathBuf,
        /// The public key that came with the installed package.
        #[arg(long, value_name = "FILE", default_value = "/usr/share/daftar/release.key")]
        key: PathBuf,
        /// The number of the installed release.
        #[arg(long, value_name = "FILE", default_value = "/usr/share/daftar/release.number")]
        installed: PathBuf,
    },
}
