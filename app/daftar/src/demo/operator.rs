//! The dishonest operator: writes into the database past the program, as somebody with root could, and the audit names it.
//! Every deed can be undone, because the demo keeps what stood there, in a file of its own.

use super::raw::{self, Before};
use daftar_http::with_tx;
use daftar_kernel::{Id, Problem};
use daftar_store::Store;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// What the operator can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Removes the newest look at the citizen.
    DropNewest,
    /// Removes a look at the citizen from the middle.
    DropMiddle,
    /// Says that another agency had looked.
    BlameOther,
    /// Rewrites the newest act of the public record.
    RewriteAct,
    /// Removes an act of the public record.
    DropAct,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DropNewest, Self::DropMiddle, Self::BlameOther, Self::RewriteAct, Self::DropAct];
    /// The word in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DropNewest => "drop-newest",
            Self::DropMiddle => "drop-middle",
            Self::BlameOther => "blame-other",
            Self::RewriteAct => "rewrite-act",
            Self::DropAct => "drop-act",
        }
    }
    /// The message that names it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::DropNewest => daftar_ui::key!("app-demo-deed-drop-newest"),
            Self::DropMiddle => daftar_ui::key!("app-demo-deed-drop-middle"),
            Self::BlameOther => daftar_ui::key!("app-demo-deed-blame-other"),
            Self::RewriteAct => daftar_ui::key!("app-demo-deed-rewrite-act"),
            Self::DropAct => daftar_ui::key!("app-demo-deed-drop-act"),
        }
    }
    /// The deed of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }
}

/// The operator's memory: how to undo. It outlives the process, so that nobody is left with a broken country.
pub struct Operator {
    file: PathBuf,
    done: Mutex<Vec<Before>>,
}

impl Operator {
    /// What was done in this country and is not undone.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("undo.json");
        let done = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { file, done: Mutex::new(done) })
    }

    /// How many deeds are not undone.
    pub async fn deeds(&self) -> usize {
        self.done.lock().await.len()
    }

    /// Does a deed against the person whom the record knows by this token; false when there is nothing to do it to. Only
    /// what is in the signed record already is touched: what is not could still be changed by an honest program.
    ///
    /// # Errors
    /// When the store or the file fails.
    pub async fn commit(&self, store: &Store, subject: Id, deed: Deed) -> Result<bool, Problem> {
        let mut done = self.done.lock().await;
        let found = with_tx!(store.read, tx, [] { raw::find(tx, subject, deed).await })?;
        let Some(before) = found else { return Ok(false) };
        done.push(before.clone());
        // First how to undo it, then the deed: a crash between the two leaves nothing that cannot be undone.
        self.keep(&done)?;
        with_tx!(store.write, tx, [before] { raw::act(tx, deed, &before).await })?;
        Ok(true)
    }

    /// Puts everything back as it stood.
    ///
    /// # Errors
    /// When the store or the file fails; what is not undone yet can be undone later.
    pub async fn undo(&self, store: &Store) -> Result<(), Problem> {
        let mut done = self.done.lock().await;
        while let Some(before) = done.last().cloned() {
            with_tx!(store.write, tx, [before] { raw::put_back(tx, &before).await })?;
            done.pop();
            self.keep(&done)?;
        }
        Ok(())
    }

    fn keep(&self, done: &[Before]) -> Result<(), Problem> {
        let text = serde_json::to_vec(done).map_err(Problem::internal)?;
        std::fs::write(&self.file, text).map_err(Problem::internal)
    }
}
