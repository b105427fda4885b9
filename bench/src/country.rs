//! The demo country in this process, served over loopback as the program serves it: everything is on.

use anyhow::{Context, Result};
use daftar::installation::{Installation, Paths};
use daftar::serving::{self, Serving};
use daftar::settings::KNOWN;
use daftar_http::with_tx;
use daftar_identity::Desk;
use daftar_identity::population::{HomePlace, NamePool, Recipe};
use daftar_kernel::settings::Settings;
use daftar_kernel::{Id, Problem, World};
use daftar_office::assignment::NewAssignment;
use daftar_office::{Principal, Proven};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;

/// Top of the source tree: benches are run from there.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A country being served.
pub struct Country {
    /// What it is made of.
    pub installation: Installation,
    serving: Serving,
    dir: TempDir,
}

/// An official who is signed in.
#[derive(Debug, Clone)]
pub struct Official {
    /// The account.
    pub account: Id,
    /// The session's token.
    pub token: String,
}

impl Country {
    /// A fresh one, on SQLite or at this address of PostgreSQL.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn open(store_url: Option<&str>) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let given = store_url.map(|url| ("DAFTAR_STORE_URL".to_string(), url.to_string()));
        let settings = Settings::read(KNOWN, None, given)?;
        let data = dir.path().join("data");
        std::fs::create_dir_all(&data)?;
        let paths = Paths { country: root().join("country/demo"), policy: data.join("policy"), data };
        let names = ("bench.example/1", "quorum none\n");
        let installation = Installation::assemble(paths, settings, World::system(), names).await?;
        // Opens the way past password and code; what is measured comes after signing in.
        let (store, office) = (installation.store.clone(), installation.office.clone());
        with_tx!(store.write, tx, [office] { office.mark_demo(tx).await })?;
        let site = installation.site();
        let serving = Serving::start(&installation, site, serving::routes(), "127.0.0.1:0").await?;
        Ok(Self { installation, serving, dir })
    }

    /// Bytes of everything it keeps.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn bytes(&self) -> Result<u64> {
        Ok(crate::machine::folder_bytes(self.dir.path())?)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.serving.address
    }

    /// Makes an official and signs them in.
    ///
    /// # Errors
    /// When the country has no such office or role.
    pub async fn official(&self, office: &str, role: &str) -> Result<Official> {
        let (store, room) = (self.installation.store.clone(), self.installation.office.clone());
        let (place, role) = (office.to_string(), role.to_string());
        let (account, signed_in) = with_tx!(store.write, tx, [room, place, role] {
            let system = Proven::system("bench");
            let made = room.invite(tx, &system, &format!("bench.{role}"), "Bench").await?;
            let new = NewAssignment { account: made.account, office: place, role, since: None, until: None };
            room.assign(tx, &system, &new).await?;
            let signed_in = room.demo_sign_in(tx, Principal::Official(made.account), "bench", None).await?;
            Ok::<_, Problem>((made.account, signed_in))
        })?;
        Ok(Official { account, token: signed_in.token })
    }

    /// Settles so many people, with names and places of the demo country, and gives those of the first `named`.
    ///
    /// # Errors
    /// When the country's names cannot be read, or the store fails.
    pub async fn settle(&self, people: u64, named: usize) -> Result<Vec<Id>> {
        let recipe = recipe(&self.installation, 1)?;
        let desk = Desk::program("bench", "civil-registry", "civil-registry-north");
        let settled = self.installation.people.settle(&desk, recipe, (people, named), |_| {}).await?;
        Ok(settled.iter().map(|one| one.person).collect())
    }

    /// The token that a page's forms carry for this official.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub async fn csrf(&self, page: &str, official: &Official) -> Result<String> {
        let cookie = format!("cookie: daftar_session={}\r\n", official.token);
        let answer =
            crate::load::ask(self.address(), &crate::load::request("GET", page, &cookie, "")).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let after = text.split("name=\"csrf\" value=\"").nth(1);
        let token = after.and_then(|rest| rest.split('"').next());
        token.map(str::to_string).with_context(|| format!("no form on {page}: {}", answer.status))
    }

    /// Stops serving.
    pub async fn close(self) {
        self.serving.stop().await;
    }
}

/// Made-up people with names and places of the demo country: the same ones for the same seed.
///
/// # Errors
/// When the country's names cannot be read.
pub fn recipe(installation: &Installation, seed: u64) -> Result<Recipe> {
    let folder = root().join("country/demo/people");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    let pools = files.iter().map(|file| Ok(NamePool::parse(&std::fs::read_to_string(file)?)?));
    let pools = pools.collect::<Result<Vec<_>>>()?;
    let places = installation.live.country.places.all();
    let places = places.map(|place| HomePlace { code: place.code.clone(), weight: 1 }).collect();
    Ok(Recipe { seed, this_year: 2026, pools, places })
}
