//! Telling citizens how their complaints stand: that one was received, and what was answered.

use daftar_http::{Site, with_tx};
use daftar_kernel::Id;
use daftar_office::complaint::{Complaint, NOTICE_JOB, Words};
use daftar_ports::notify::Notice;
use daftar_post::{Post, Told, Way};
use daftar_store::jobs::{Failed, Running, Worker};
use daftar_ui::Texts;
use std::sync::{Arc, Weak};

/// A complaint was received.
pub const RECEIVED: Notice =
    Notice { id: "office-complaint", required: &["number", "desk", "due"], optional: &["name"] };
/// A complaint was answered. The answer itself stands on paper only; an e-mail says where it can be read.
pub const ANSWERED: Notice = Notice {
    id: "office-complaint-answered",
    required: &["number", "outcome", "answer"],
    optional: &["name", "desk"],
};
/// Everything this floor tells people; the country pack has a text for each.
pub const NOTICES: &[Notice] = &[RECEIVED, ANSWERED];

/// Registers the handler of the jobs about complaints.
pub fn register(worker: &mut Worker, site: &Arc<Site>) {
    let site = Arc::downgrade(site);
    worker.register(NOTICE_JOB, move |_, job| deliver(Weak::clone(&site), job));
}

async fn deliver(site: Weak<Site>, job: Running) -> Result<(), Failed> {
    let site = site.upgrade().ok_or_else(|| Failed::try_again("the program is ending"))?;
    let post = site.service::<Post>().ok_or_else(|| Failed::try_again("no post room is wired"))?;
    let id = job.payload["complaint"].as_str().and_then(|text| text.parse::<Id>().ok());
    let id = id.ok_or_else(|| Failed::for_good("a job of another form"))?;
    let answered = job.payload["answered"].as_bool().unwrap_or_default();
    let later = |problem: daftar_kernel::Problem| Failed::try_again(problem.code);
    let (store, office) = (site.store.clone(), site.office.clone());
    let found = with_tx!(store.read, tx, [office] { office.complaint_to_tell(tx, id).await });
    let Some((complaint, words, citizen)) = found.map_err(later)? else { return Ok(()) };
    let Some(to) = post.persons().of_account(citizen).await.map_err(later)? else { return Ok(()) };
    let t = Post::texts(&site, &to);
    let told = told(&site, &t, &complaint, &words, (answered, to.name.clone()));
    post.send(&site, &job, &to, &told).await
}

fn told(
    site: &Site,
    t: &Texts,
    complaint: &Complaint,
    words: &Words,
    (answered, name): (bool, String),
) -> Told {
    let roster = site.roster();
    let desk = roster.office(&complaint.desk);
    let label = desk.map_or_else(|| complaint.desk.clone(), |desk| desk.label.get(t.lang()).to_string());
    let mut values = vec![("name", name), ("number", complaint.reference.clone()), ("desk", label)];
    let mut in_mail = Vec::new();
    let outcome = complaint.outcome.filter(|_| answered);
    let at = match outcome {
        Some(outcome) => {
            values.push(("outcome", t.get(&format!("desk-outcome-{}", outcome.word())).into_owned()));
            values.push(("answer", words.answer.clone().unwrap_or_default()));
            in_mail.push(("answer", t.get("desk-answer-online").into_owned()));
            complaint.answered.unwrap_or(complaint.opened)
        }
        None => {
            values.push(("due", t.day(complaint.due)));
            complaint.opened
        }
    };
    Told {
        notice: if outcome.is_some() { ANSWERED } else { RECEIVED },
        at,
        agency: desk.map(|desk| desk.agency.clone()).unwrap_or_default(),
        office: complaint.desk.clone(),
        way: Way::Any,
        values,
        in_mail,
    }
}
