//! The command line: one definition for the program, its completions and its manual pages.
#![expect(
    missing_docs,
    reason = "clap shows these texts to people; the fields speak through their arguments"
)]

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

mod machine;
pub use machine::{Cluster, Up, Update};

/// A government's own cloud in one program.
#[derive(Debug, Parser)]
#[command(name = "daftar", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// Where this installation lies.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Directory of the data: database, keys, blobs.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Store, instead of the SQLite file in the data directory: postgres://user@host/db
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
    /// Settings file (default: daftar.toml in the data directory, when there is one).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Country pack, a directory (default: country in the data directory).
    #[arg(long, global = true, value_name = "DIR")]
    pub country: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prepare an installation and print the one-time link of its first administrator.
    Init,
    /// From nothing to a served country, on one machine or on several: makes what is missing, then serves it.
    Up(Up),
    /// Serve the country.
    Serve(Serve),
    /// A small country to try, in the browser.
    Demo(Demo),
    /// Check machine and installation; each finding names its next step.
    Doctor,
    /// The register of people.
    #[command(subcommand)]
    Identity(Identity),
    /// A kit in the field: enrols people without a network. Needs no installation.
    #[command(subcommand)]
    Kit(Kit),
    /// The public record.
    #[command(subcommand)]
    Log(Log),
    /// Run a witness: it cosigns the logs it follows, and refuses to cosign a rewritten one.
    Witness(Witness),
    /// Certificates and cards.
    #[command(subcommand)]
    Certificate(Certificate),
    /// The cloud of the country's agencies.
    #[command(subcommand)]
    Cloud(Cloud),
    /// Country packs.
    #[command(subcommand)]
    Country(Country),
    /// Say what a site needs and costs for years, and what each way to pay costs. Needs no installation.
    Plan(Plan),
    /// Copy the running installation to a directory, without stopping it.
    Backup(Backup),
    /// Bring a backup back into an empty data directory.
    Restore(Restore),
    /// Write the whole country in open, documented formats, to take it elsewhere.
    Export(Export),
    /// Make a country again from an export, on a blank machine and on either database.
    Import(Import),
    /// Move the running country from its SQLite file to PostgreSQL: copied while it is served, writes pause for seconds.
    Move(Move),
    /// Updates on a medium, signed by whoever makes the releases. Needs no installation.
    #[command(subcommand)]
    Update(Update),
    /// Jobs that failed for good.
    #[command(subcommand)]
    Jobs(Jobs),
    /// Settings.
    #[command(subcommand)]
    Config(Config),
    /// Print the OpenAPI document.
    Openapi,
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write manual pages to a directory.
    Man(Dir),
}

#[derive(Debug, Clone, Args)]
pub struct Dir {
    /// The directory.
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// Directory of the backup, which must be empty.
    pub dir: PathBuf,
    /// Where the key export goes: keep it elsewhere than the backups, and only the newest.
    #[arg(long)]
    pub keys: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// The question (TOML; `-`: standard input).
    pub site: PathBuf,
    /// The plan as one JSON object, instead of Markdown.
    #[arg(long)]
    pub json: bool,
    /// Where the drawings go, each an SVG file.
    #[arg(long, value_name = "DIR")]
    pub svg: Option<PathBuf>,
    /// Where the plan goes as one HTML file.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Where the hours of the year go: weather, yield, and where energy came from and went (CSV).
    #[arg(long, value_name = "FILE")]
    pub hours: Option<PathBuf>,
    /// Assumptions instead of those that come with the program (TOML).
    #[arg(long, value_name = "FILE")]
    pub assumptions: Option<PathBuf>,
    /// Results of the benches instead of those that come with the program (one JSON object a line).
    #[arg(long, value_name = "FILE")]
    pub bench: Option<PathBuf>,
    /// Language of the plan.
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub lang: String,
}

#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Address and port; port 0 takes a free one and prints it.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Serve only these services, with what all stand on: identity, cloud (default: all).
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub services: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// How many people live there.
    #[arg(long, default_value_t = 20_000)]
    pub population: u64,
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Make the country and stop before serving it.
    #[arg(long)]
    pub seed_only: bool,
    /// Walk the demo's story through HTTP in a country made for it, print each step, and exit.
    #[arg(long, conflicts_with = "seed_only")]
    pub check: bool,
    /// Let so many days pass in a demo that is there, and serve it then: to see what becomes of deadlines.
    #[arg(long, default_value_t = 0, value_name = "DAYS", conflicts_with_all = ["seed_only", "check"])]
    pub days_later: u32,
}

#[derive(Debug, Subcommand)]
pub enum Identity {
    /// Import people from a CSV file.
    Import {
        /// The file (CSV or CSV.gz, UTF-8).
        file: PathBuf,
        /// Which column is what (TOML).
        #[arg(long)]
        mapping: PathBuf,
        /// Check every row and write nothing.
        #[arg(long, conflicts_with = "commit", required_unless_present = "commit")]
        dry_run: bool,
        /// Register every good row.
        #[arg(long)]
        commit: bool,
        /// Where the report of rejected rows and duplicates goes.
        #[arg(long, default_value = "import-report.csv")]
        report: PathBuf,
        /// Where possible duplicates are listed.
        #[arg(long, default_value = "import-duplicates.csv")]
        duplicates: PathBuf,
    },
    /// Say which rows of a file speak of one person. Needs the file alone: no installation, no register.
    Link(Link),
    /// Learn from a sample of the register how much each field says about two records being one person. An act of the record.
    Learn(InTheNameOf),
    /// Compare the register with itself, and list who may be in it twice. Goes on where it was broken off; an act of the record.
    Sweep(InTheNameOf),
    /// Take packets of kits from a folder (a stick), and write an acknowledgement beside each.
    Packets(Dir),
}

#[derive(Debug, Clone, Args)]
pub struct InTheNameOf {
    /// Code of the office that answers for the run.
    #[arg(long, value_name = "CODE")]
    pub office: String,
}

#[derive(Debug, Subcommand)]
pub enum Kit {
    /// Make a kit: keys that never leave this device.
    Init {
        #[command(flatten)]
        kit: KitDir,
        /// What people call it, e.g. "Mobile unit 3".
        #[arg(long)]
        name: String,
    },
    /// Let an operator choose a PIN: it opens their own key on this device.
    Operator {
        #[command(flatten)]
        kit: KitDir,
        #[command(flatten)]
        operator: OperatorPin,
    },
    /// Print the request that an official allows the kit by, at /desk/kits/new.
    Request(KitDir),
    /// Take the authorisation that the registry gave.
    Authorise {
        #[command(flatten)]
        kit: KitDir,
        /// The file.
        file: PathBuf,
    },
    /// Show the country's registration form to the operator at this machine.
    Serve {
        #[command(flatten)]
        kit: KitDir,
        /// Address and port on this machine; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8070")]
        listen: String,
    },
    /// Enrol somebody: one sealed packet, and the number for the person's paper.
    Add {
        #[command(flatten)]
        kit: KitDir,
        #[command(flatten)]
        operator: OperatorPin,
        /// What the form says (JSON, the body of a registration; `-`: standard input).
        #[arg(long, value_name = "FILE")]
        entry: PathBuf,
        /// A photo (JPEG or PNG).
        #[arg(long, value_name = "FILE")]
        photo: Option<PathBuf>,
        /// A document, e.g. birth-certificate=scan.pdf; may be given several times.
        #[arg(long, value_name = "KIND=FILE")]
        document: Vec<String>,
    },
    /// How many people wait, and what became of those that were sent.
    Status {
        #[command(flatten)]
        kit: KitDir,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Check a folder of packets: whether each is whole, and whether they follow on one another.
    Check(Dir),
    /// Send what waits to the registry.
    Send {
        #[command(flatten)]
        kit: KitDir,
        /// Address of the registry, e.g. `https://registry.example`
        #[arg(long)]
        url: String,
    },
    /// Take the acknowledgements that a stick brought back.
    Settle {
        #[command(flatten)]
        kit: KitDir,
        /// The folder.
        folder: PathBuf,
    },
    /// Begin a new installation on this device, when the kit's state was lost or brought back from a copy.
    Reinstall(KitDir),
}

#[derive(Debug, Clone, Args)]
pub struct KitDir {
    /// Directory of the kit.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct OperatorPin {
    /// The name the operator signs in with in the registry.
    #[arg(long = "operator", value_name = "NAME")]
    pub login: String,
    /// Where the PIN is read from (`-`: the first line of standard input).
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub pin_file: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct Link {
    /// The file (CSV or CSV.gz; `-`: standard input).
    pub file: PathBuf,
    /// Which column holds what (TOML). A column it does not name is not read.
    #[arg(long, value_name = "FILE")]
    pub mapping: PathBuf,
    /// Where the answer goes, `id,cluster` (`-`: standard output).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where the pairs go, each with the weight of every field (CSV).
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// The least weight of a pair that is written, in bits; 0 is even odds.
    #[arg(long, value_name = "BITS", default_value_t = 0, allow_negative_numbers = true)]
    pub least: i16,
    /// Where the trained model goes (JSON). It holds values of the file: treat it as personal data.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// What was done, as one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Log {
    /// Audit a whole log: every entry, tile, signature, and the map of persons' heads when the list is there.
    Verify {
        /// Directory of an exported log, or its address.
        log: String,
        /// Policy file: which keys and witnesses are trusted.
        #[arg(long)]
        policy: PathBuf,
        /// For a log that succeeds another: the policy file of that one, to check what entry 0 says of it.
        #[arg(long, value_name = "FILE")]
        old_policy: Option<PathBuf>,
        /// A checkpoint seen earlier, of this log or of the one it succeeds; may be given several times.
        #[arg(long, value_name = "FILE")]
        seen: Vec<PathBuf>,
        /// One finding a line, in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the receipt of an entry.
    Prove {
        /// Identifier of the receipt.
        id: String,
        /// Where it goes (`-`: standard output).
        #[arg(long, default_value = "-")]
        out: PathBuf,
    },
    /// Check a receipt, or the proof that a list of looks is complete, without network.
    Check {
        /// The file.
        file: PathBuf,
        /// Policy file: which keys and witnesses are trusted.
        #[arg(long)]
        policy: PathBuf,
    },
    /// Compare the whole database with the logs.
    Audit {
        /// One finding a line, in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Begin a successor of the logs, when they are frozen for good. Run once to read what it will write, and again with
    /// the code it gives.
    Succeed(Succeed),
    /// Write the logs as static files (C2SP tlog-tiles).
    Export {
        /// The directory.
        dir: PathBuf,
        /// Also write the list of persons' heads, for auditors.
        #[arg(long)]
        heads: bool,
    },
}

#[derive(Debug, Clone, Args)]
pub struct Succeed {
    /// Name of the new logs in the world, never used before, e.g. registry.example/2027
    #[arg(long)]
    pub origin: String,
    /// Who begins them, as everybody will read it: office and function.
    #[arg(long)]
    pub by: String,
    /// Why, in words for everybody.
    #[arg(long)]
    pub reason: String,
    /// End logs that are not frozen, on purpose.
    #[arg(long)]
    pub end: bool,
    /// The code that the first run printed: do it.
    #[arg(long, value_name = "CODE")]
    pub confirm: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Witness {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub listen: String,
    /// Name of the witness, e.g. university.example/witness
    #[arg(long)]
    pub name: String,
    /// Verifier keys of the logs it follows, one a line.
    #[arg(long)]
    pub logs: PathBuf,
    /// End when standard input ends: for a program that starts its own witness and must not leave it behind.
    #[arg(long, hide = true)]
    pub leashed: bool,
}

#[derive(Debug, Subcommand)]
pub enum Certificate {
    /// Check the text of a certificate's or card's QR code, without network.
    Check {
        /// The text (`-`: standard input).
        text: String,
        /// Public keys (PEM).
        #[arg(long)]
        keys: PathBuf,
    },
    /// Print the public keys that verify this country's certificates (PEM).
    Keys,
}

#[derive(Debug, Subcommand)]
pub enum Cloud {
    /// Bills, from plain files and without a server.
    #[command(subcommand)]
    Bill(Bill),
    /// Speak to the engine (LXD, Incus) as the server does: one JSON order a line from standard input, one answer a line.
    Engine {
        /// The engine's socket (default: the usual one that is there).
        #[arg(long)]
        socket: Option<PathBuf>,
        /// The storage pool.
        #[arg(long, default_value = "default")]
        pool: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Bill {
    /// Make an invoice again from usage and prices: says `equal`, or names each line that differs.
    Check {
        #[command(flatten)]
        files: BillFiles,
        /// The invoice (JSON).
        invoice: PathBuf,
        /// The bill's receipt: it must bind exactly these three files.
        #[arg(long, requires = "policy")]
        receipt: Option<PathBuf>,
        /// The policy of the public record by which the receipt is verified.
        #[arg(long, requires = "receipt")]
        policy: Option<PathBuf>,
    },
    /// Make the invoice of a month.
    Make {
        #[command(flatten)]
        files: BillFiles,
    },
    /// Write the bill of a month as CSV in the columns of FinOps FOCUS 1.0.
    Focus {
        #[command(flatten)]
        files: BillFiles,
        /// Who provides and invoices.
        #[arg(long, default_value = "Daftar")]
        provider: String,
        /// The agency in words (default: as the usage file calls it).
        #[arg(long)]
        agency: Option<String>,
    },
}

#[derive(Debug, Clone, Args)]
pub struct BillFiles {
    /// Raw usage of a month (JSON lines; `-`: standard input).
    pub usage: PathBuf,
    /// The price list (TOML).
    pub prices: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum Country {
    /// Check a country pack; every fault names file, line and remedy.
    Check(Dir),
    /// Compare two country packs.
    Diff {
        /// The one in force.
        old: PathBuf,
        /// The new one.
        new: PathBuf,
    },
    /// Propose a country pack: it is checked and stored, and waits until two officials have approved exactly these files.
    Propose {
        /// Directory of the pack.
        dir: PathBuf,
        /// The day from whose beginning it shall be in force, in the country's time zone.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: jiff::civil::Date,
    },
}

#[derive(Debug, Clone, Args)]
pub struct Restore {
    /// Directory of the backup, or the archive's folder or s3:// address.
    pub dir: PathBuf,
    /// The current key export, which knows who was erased since the backup.
    #[arg(long)]
    pub keys: PathBuf,
    /// From an archive: the country as it was at this moment, e.g. 2026-11-28T10:31:35Z (default: the newest).
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Export {
    /// Everything there is; there is no partial export.
    #[arg(long, required = true)]
    pub all: bool,
    /// Directory of the export, which must be empty.
    pub dir: PathBuf,
    /// Put the root key in too: whoever holds the directory then reads everything.
    #[arg(long)]
    pub with_root_key: bool,
    /// Write the register in clear text too, for reading without this program; the public record says so.
    #[arg(long)]
    pub clear_text: bool,
}

#[derive(Debug, Clone, Args)]
pub struct Import {
    /// Everything there is; there is no partial import.
    #[arg(long, required = true)]
    pub all: bool,
    /// Directory of the export.
    pub dir: PathBuf,
    /// The root key of the country, unless the export holds it.
    #[arg(long, value_name = "FILE")]
    pub root_key: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct Move {
    /// The new store, an empty database: postgres://user@host/db
    #[arg(long, value_name = "URL", required_unless_present = "to_file", conflicts_with = "to_file")]
    pub to: Option<String>,
    /// The file that holds its address: a password on the command line is seen by everybody on this machine.
    #[arg(long, value_name = "FILE")]
    pub to_file: Option<PathBuf>,
    /// Where photos and documents go, a directory or s3:// address; without it they stay.
    #[arg(long, value_name = "PLACE")]
    pub blobs: Option<String>,
    /// Another installation goes on with the new store, such as a cluster; this one ends.
    #[arg(long)]
    pub leave: bool,
}

#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// List them.
    Dead,
    /// Try one again.
    Retry {
        /// Identifier of the job.
        id: String,
    },
    /// Give one up.
    Discard {
        /// Identifier of the job.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Every setting, its value, where it comes from and what it does.
    Explain,
}
