//! Delivering one message: by e-mail, else into the queue of letters.

use crate::{PRINT, letters};
use daftar_http::Site;
use daftar_kernel::{Lang, Timestamp};
use daftar_office::Roster;
use daftar_ports::notify::{MemoryOutbox, Message, Notice, Notifier, Recipient};
use daftar_ports::{Addressee, Addressees};
use daftar_store::jobs::{Failed, Running};
use daftar_ui::Texts;
use std::sync::Arc;

/// Which ways a notice may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// E-mail where the person has an address, else paper.
    Any,
    /// Paper, whatever the person has: it must not lie in a mailbox.
    PaperOnly,
}

/// What a service has to tell one person.
#[derive(Clone)]
pub struct Told {
    /// The notice, whose text the country pack has.
    pub notice: Notice,
    /// When the act happened that it tells of.
    pub at: Timestamp,
    /// The agency in whose name it goes out.
    pub agency: String,
    /// The office in whose name it goes out; may be empty.
    pub office: String,
    /// Which ways it may take.
    pub way: Way,
    /// What stands in the placeholders.
    pub values: Vec<(&'static str, String)>,
    /// What stands there instead in an e-mail: words that belong into a closed envelope.
    pub in_mail: Vec<(&'static str, String)>,
}

/// The post room. Cheap to clone.
#[derive(Clone)]
pub struct Post(Arc<Inner>);

struct Inner {
    persons: Arc<dyn Addressees>,
    mail: Option<Arc<dyn Notifier>>,
    copies: Option<MemoryOutbox>,
}

impl Post {
    /// The post room of a country: who knows where people can be reached, and its mail server, if it has one.
    #[must_use]
    pub fn new(persons: Arc<dyn Addressees>, mail: Option<Arc<dyn Notifier>>) -> Self {
        Self(Arc::new(Inner { persons, mail, copies: None }))
    }
    /// The demo's: nothing leaves the machine, and the outbox shows letters too.
    #[must_use]
    pub fn demo(persons: Arc<dyn Addressees>, outbox: MemoryOutbox) -> Self {
        let mail: Arc<dyn Notifier> = Arc::new(outbox.clone());
        Self(Arc::new(Inner { persons, mail: Some(mail), copies: Some(outbox) }))
    }
    /// Who knows where people can be reached.
    #[must_use]
    pub fn persons(&self) -> &dyn Addressees {
        self.0.persons.as_ref()
    }
    /// The texts in which a person is written to: their own language when the country speaks it, else its first.
    #[must_use]
    pub fn texts(site: &Site, to: &Addressee) -> Texts {
        site.texts(&lang_of(site, to))
    }

    /// Delivers what is to be told. Called again for the same job it sends the same message under the same identifier.
    ///
    /// # Errors
    /// [`Failed`], without personal data: to be tried again when the mail server may answer later, for good when the country
    /// pack has no such notice or nobody in the country may print.
    pub async fn send(&self, site: &Site, job: &Running, to: &Addressee, told: &Told) -> Result<(), Failed> {
        let country = site.country();
        let template = country
            .notice(told.notice)
            .map_err(|faults| Failed::for_good(faults.first().map(ToString::to_string).unwrap_or_default()))?
            .ok_or_else(|| {
                Failed::for_good(format!("the country pack has no notices/{}.toml", told.notice.id))
            })?;
        let lang = lang_of(site, to);
        let message = |values: &[(&str, String)]| -> Result<Message, Failed> {
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let recipient = recipient(site, &lang, to, told);
            template
                .fill((job.id, told.at), recipient, &lang, &values)
                .map_err(|missing| Failed::for_good(format!("the notice {} lacks {missing}", told.notice.id)))
        };
        if let (Way::Any, Some(mail), Some(_)) = (told.way, &self.0.mail, &to.email) {
            let message = message(&values(&[&told.in_mail, &told.values]))?;
            match mail.deliver(&message).await {
                Ok(()) => return Ok(()),
                Err(fault) if fault.may_pass() => return Err(Failed::try_again(fault.to_string())),
                // A mailbox that is no more closes no door: it goes as a letter.
                Err(fault) => tracing::info!(%fault, job = %job.id, "an e-mail goes as a letter instead"),
            }
        }
        let message = message(&values(&[&told.values]))?;
        let agency = printing_agency(&site.roster(), &told.agency).ok_or_else(|| {
            Failed::for_good(format!("nobody may print letters. Next: give a role {PRINT} in roles.toml"))
        })?;
        letters::put(&site.store, job, to.token, &agency, told, &message).await?;
        if let Some(outbox) = &self.0.copies {
            // It keeps what it can hold; the letter itself is in the queue.
            if let Err(fault) = outbox.deliver(&message).await {
                tracing::warn!(%fault, "the demo's outbox did not take a letter");
            }
        }
        Ok(())
    }
}

/// The first word on a placeholder counts.
fn values(lists: &[&[(&'static str, String)]]) -> Vec<(&'static str, String)> {
    lists.iter().flat_map(|list| list.iter().map(|(name, value)| (*name, plain(value)))).collect()
}

fn lang_of(site: &Site, to: &Addressee) -> Lang {
    let country = site.country();
    let wanted = to.lang.clone().filter(|lang| country.tags().any(|tag| tag == lang));
    wanted.unwrap_or_else(|| country.first_language())
}

/// As it stands on the envelope. Who has no address gets the letter at the office: no door closes for want of a street.
fn recipient(site: &Site, lang: &Lang, to: &Addressee, told: &Told) -> Recipient {
    let country = site.country();
    let mut address = to.lines.clone();
    address.extend(to.place.as_deref().map(|code| country.places.full_name(code, lang)));
    address.retain(|line| !line.trim().is_empty());
    if address.is_empty() {
        let roster = site.roster();
        let label = roster.office(&told.office).map(|office| office.label.get(lang).to_string());
        let office = label.unwrap_or_else(|| country.names.get(lang).to_string());
        address.push(plain(&site.texts(lang).one("post-collect", "office", office)));
    }
    Recipient { name: to.name.clone(), email: to.email.clone(), address }
}

/// Without the marks that keep directions apart on a page: paper lays out each line by itself.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
}

/// The agency that prints: the one in whose name a letter goes out when somebody there may, else the first where somebody may.
pub(crate) fn printing_agency(roster: &Roster, wanted: &str) -> Option<String> {
    let may = |agency: &str| {
        let mut offices = roster.offices().filter(|office| office.agency == agency);
        offices.any(|office| office.roles.iter().any(|role| roster.allows(role, PRINT)))
    };
    if may(wanted) {
        return Some(wanted.to_string());
    }
    roster.agencies().find(|agency| may(&agency.code)).map(|agency| agency.code.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_envelope_alone_stands_in_no_mail() {
        let paper = vec![("answer", "You were right.".to_string()), ("number", "C-1".to_string())];
        let mail = vec![("answer", "Sign in to read it.".to_string())];
        let first =
            |list: Vec<(&str, String)>| list.iter().find(|(name, _)| *name == "answer").unwrap().1.clone();
        assert_eq!(first(values(&[&mail, &paper])), "Sign in to read it.");
        assert_eq!(first(values(&[&paper])), "You were right.");
        assert_eq!(plain("\u{2068}Registry\u{2069}"), "Registry");
    }
}
