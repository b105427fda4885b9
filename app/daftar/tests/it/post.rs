//! People are told: by e-mail against a mail server, else by letters that an office prints and posts.

use crate::bed::Bed;
use daftar::serving::worker;
use daftar_identity::correct::{Correction, PhotoChange};
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::{Actor, Id, Official, Problem};
use daftar_office::complaint::{About, NewComplaint, Outcome};
use daftar_ports::notify::smtp::{Security, Smtp, SmtpSettings};
use daftar_ports::notify::{Delivery, Message, Notifier};
use daftar_store::jobs::{self, ATTEMPTS_LIMIT};
use daftar_store::{StoreError, params, sql};
use daftar_testing::Engine;
use daftar_testing::mail::MailServer;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Who has no mailbox, and who has one.
const NAME: &str = "Selam Haile";
const OTHER: &str = "Lulit Bekele";
const MAILBOX: &str = "selam@example.org";

pub fn smtp(server: &MailServer) -> Smtp {
    Smtp::new(&SmtpSettings {
        host: "127.0.0.1".into(),
        port: server.port,
        security: Security::None,
        credentials: None,
        from: "Civil Registry <registry@example.gov>".into(),
        hello: "example.gov".into(),
        roots_pem: None,
    })
    .unwrap()
}

/// Delivers, and then dies before it can say so, as long as it is told to.
struct Dying {
    smtp: Smtp,
    dies: AtomicBool,
    delivered: AtomicBool,
}

impl Notifier for Dying {
    fn channel(&self) -> &'static str {
        "e-mail"
    }
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async move {
            self.smtp.deliver(message).await?;
            if self.dies.load(Ordering::SeqCst) {
                self.delivered.store(true, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

fn entry(email: &str) -> Entry {
    Entry {
        name: if email.is_empty() { NAME.into() } else { OTHER.into() },
        born: "1991-07".into(),
        sex: "female".into(),
        standing: "citizen".into(),
        address_lines: vec!["behind the old mill".into()],
        address_place: "1101".into(),
        email: email.into(),
        language: "fr".into(),
        ..Entry::default()
    }
}

async fn registered(bed: &Bed, email: &str) -> Id {
    let key = format!("post-{email}");
    let registration = Registration { entry: entry(email), idempotency_key: key, ..Registration::default() };
    bed.installation.people.register(&Actor::System("test"), registration).await.unwrap().person
}

/// The senior registrar, as an actor.
pub fn senior(bed: &Bed) -> Actor {
    Actor::Official(Official {
        id: bed.ids["official-senior"].parse().unwrap(),
        name: "senior".into(),
        agency: "civil-registry".into(),
        office: "civil-registry-north".into(),
        role: "senior-registrar".into(),
    })
}

async fn corrected(bed: &Bed, person: Id, email: &str, version: i64) {
    let correction = Correction {
        person,
        expected_version: version,
        entry: Entry { born: format!("1991-07-{:02}", version), ..entry(email) },
        photo: PhotoChange::Keep,
        reason: "the day was missing".into(),
        evidence: "birth certificate".into(),
        idempotency_key: format!("correct-{person}-{version}"),
    };
    bed.installation.people.correct(&senior(bed), correction).await.unwrap();
}

async fn run_due(bed: &Bed) -> usize {
    worker(&bed.site).run_due(&bed.installation.store).await.unwrap()
}

/// Everything the table of jobs holds, as text.
async fn waiting_jobs(bed: &Bed) -> Vec<String> {
    let read = bed.installation.store.read(|tx| {
        Box::pin(async move {
            let select = sql!("select id, kind, aggregate, payload, last_error from store_job order by id");
            let rows = tx.query(select, &[]).await?;
            let mut jobs = Vec::new();
            for row in &rows {
                let error: Option<String> = row.get(4)?;
                jobs.push(format!(
                    "{} {} {} {} {}",
                    row.get::<Id>(0)?,
                    row.get::<String>(1)?,
                    row.get::<String>(2)?,
                    row.get::<String>(3)?,
                    error.unwrap_or_default()
                ));
            }
            Ok::<_, StoreError>(jobs)
        })
    });
    read.await.unwrap()
}

async fn letters_in(bed: &Bed) -> i64 {
    let read = bed.installation.store.read(|tx| {
        Box::pin(
            async move { tx.query_one(sql!("select count(*) from post_letter"), &[]).await?.get::<i64>(0) },
        )
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_killed_before_it_was_noted_goes_out_again_under_the_same_id() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let server = MailServer::start();
        let dying = Arc::new(Dying {
            smtp: smtp(&server),
            dies: AtomicBool::new(true),
            delivered: AtomicBool::new(false),
        });
        let bed = Bed::with_mail(engine, Some(Arc::clone(&dying) as Arc<dyn Notifier>)).await;
        let person = registered(&bed, MAILBOX).await;
        assert!(waiting_jobs(&bed).await.is_empty(), "registering tells nobody");
        corrected(&bed, person, MAILBOX, 1).await;
        let jobs = waiting_jobs(&bed).await;
        assert_eq!(jobs.len(), 1);
        for secret in [OTHER, "Lulit", MAILBOX, "mill", &person.to_string()] {
            assert!(!jobs[0].contains(secret), "{secret} in {jobs:?}");
        }

        // The process ends between the mail server's answer and our own note of it.
        let (site, store) = (Arc::clone(&bed.site), bed.installation.store.clone());
        let killed = tokio::spawn(async move { worker(&site).run_due(&store).await });
        for _ in 0..500 {
            if dying.delivered.load(Ordering::SeqCst) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        killed.abort();
        assert!(killed.await.unwrap_err().is_cancelled());
        assert_eq!(server.mails().len(), 1);
        dying.dies.store(false, Ordering::SeqCst);
        assert_eq!(run_due(&bed).await, 0, "the claim still holds");
        bed.clock.advance_seconds(301);
        assert_eq!(run_due(&bed).await, 1);
        let mails = server.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
        assert_eq!(mails[0].header("Date"), mails[1].header("Date"), "it is the same message");
        let job = jobs[0].split(' ').next().unwrap();
        assert_eq!(mails[0].header("Message-ID"), Some(format!("<{job}@example.gov>")));
        assert_eq!(mails[0].header("Content-Language").as_deref(), Some("fr"), "in her language");
        assert!(mails[0].commands.iter().any(|command| command == &format!("RCPT TO:<{MAILBOX}>")));
        assert!(waiting_jobs(&bed).await.is_empty());
        assert_eq!(letters_in(&bed).await, 0, "who gets an e-mail gets no letter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_asked_again_and_a_dead_letter_is_seen() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let server = MailServer::start();
        server.refuse(Some(("RCPT", "451 later, selam@example.org")));
        let bed = Bed::with_mail(engine, Some(Arc::new(smtp(&server)))).await;
        let person = registered(&bed, MAILBOX).await;
        corrected(&bed, person, MAILBOX, 1).await;
        assert_eq!(run_due(&bed).await, 1);
        assert_eq!(run_due(&bed).await, 0, "not at once");
        bed.clock.advance_seconds(2);
        assert_eq!(run_due(&bed).await, 1);
        for _ in 2..ATTEMPTS_LIMIT {
            bed.clock.advance_seconds(3 * 3600);
            run_due(&bed).await;
        }
        let store = &bed.installation.store;
        let dead = store.read(|tx| Box::pin(async move { jobs::list_dead(tx, None).await })).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert!(dead[0].last_error.contains("451") && !dead[0].last_error.contains("selam"), "{dead:?}");
        server.refuse(None);
        let (id, now) = (dead[0].id, bed.site.world().now());
        store.write(move |tx| Box::pin(async move { jobs::retry_dead(tx, id, now).await })).await.unwrap();
        assert_eq!(run_due(&bed).await, 1);
        assert_eq!(server.mails().len(), 1);

        // A mailbox that is no more: it goes as a letter.
        server.refuse(Some(("RCPT", "550 no such box")));
        corrected(&bed, person, MAILBOX, 2).await;
        assert_eq!(run_due(&bed).await, 1);
        assert_eq!((server.mails().len(), letters_in(&bed).await), (1, 1));
    }
}

/// The text of a PDF; nothing where no reader is installed.
pub fn read_pdf(pdf: &[u8]) -> Option<String> {
    use std::io::Write;
    let mut child = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

fn ids_in(page: &str) -> Vec<String> {
    let mark = "name=\"letters\" value=\"";
    page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_printed_posted_and_gone() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let amina = &bed.ids["person-amina"];
        // By letter: whoever sits at the desk never sees the code.
        let sent = bed.post(&format!("/people/{amina}/activation/letter"), "registrar", &[]).await;
        assert_eq!(sent.status, 200, "{}", sent.text());
        let second = registered(&bed, "").await;
        corrected(&bed, second, "", 1).await;
        assert_eq!(run_due(&bed).await, 2);

        for who in ["registrar", "police", "administrator"] {
            assert_eq!(bed.get("/desk/letters", who).await.status, 403, "{who}");
        }
        let others = bed.get("/desk/letters?lang=en", "ombudsman").await.text();
        assert!(others.contains("No letter waits"), "another agency's: {others}");
        let page = bed.get("/desk/letters?lang=en", "senior").await.text();
        assert!(
            page.contains("Activation code") && page.contains("letters wait") && !page.contains("Selam"),
            "{page}"
        );
        let ids = ids_in(&page);
        let all = ids.iter().find(|ids| ids.contains(' ')).unwrap().clone();
        let early = bed.post("/desk/letters/posted", "senior", &[("letters", &all)]).await;
        assert_eq!(early.status, 409, "nothing that was not printed is posted");
        let foreign = bed.post("/desk/letters/print", "ombudsman", &[("letters", &all)]).await;
        assert_eq!(foreign.status, 404, "another agency's letters are not there");
        let pdf = bed.post("/desk/letters/print", "senior", &[("letters", &all)]).await;
        assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"), "{}", pdf.text());

        // She reads who printed her letter.
        let looks = bed.get("/me/looks?lang=en", "amina").await.text();
        assert!(looks.contains("senior") && looks.contains("Printing and posting a letter"), "{looks}");
        if let Some(text) = read_pdf(&pdf.body) {
            for said in
                ["Selam Haile", "behind the old mill", "Votre dossier a été modifié", "Your activation code"]
            {
                assert!(text.contains(said), "{said} in {text}");
            }
            // Nobody could tell an address: she collects it.
            assert!(text.contains("To be collected at"), "{text}");
            let code =
                text.split("Your activation code: ").nth(1).unwrap().split_whitespace().next().unwrap();
            let source = daftar_office::Source::of("127.0.0.1".parse().unwrap());
            assert!(bed.installation.people.claim(code, source).await.is_ok(), "'{code}' opens the account");
        }

        let posted = bed.post("/desk/letters/posted", "senior", &[("letters", &all)]).await;
        assert_eq!(posted.status, 303, "{}", posted.text());
        assert!(bed.get("/desk/letters?lang=en", "senior").await.text().contains("No letter waits"));
        assert_eq!(bed.post("/desk/letters/print", "senior", &[("letters", &all)]).await.status, 404);
        let sealed = bed.installation.store.read(|tx| {
            Box::pin(async move {
                let select =
                    sql!("select count(*) from post_letter where sealed is not null or posted is null");
                tx.query_one(select, &[]).await?.get::<i64>(0)
            })
        });
        assert_eq!(sealed.await.unwrap(), 0, "the words are gone");
        let receipts = bed.get("/me/receipts?lang=en", "amina").await.text();
        assert!(receipts.contains("A letter to you was posted"), "{receipts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_confirmed_and_answered_and_its_answer_travels_in_an_envelope_only() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let server = MailServer::start();
        let bed = Bed::with_mail(engine, Some(Arc::new(smtp(&server)))).await;
        for email in [MAILBOX, ""] {
            let person = registered(&bed, email).await;
            let citizen = bed.installation.people.office_token(person).await.unwrap();
            let words = "The hospital lost my file.".to_string();
            let new =
                NewComplaint { about: About::Other, agency: "health".into(), office: String::new(), words };
            let office = bed.installation.office.clone();
            let desk = Actor::Official(Official {
                id: bed.ids["official-ombudsman"].parse().unwrap(),
                name: "ombudsman".into(),
                agency: "ombudsman".into(),
                office: "ombudsman-desk".into(),
                role: "ombudsman-officer".into(),
            });
            let done = bed.installation.store.write(move |tx| {
                let (office, new, desk) = (office.clone(), new.clone(), desk.clone());
                Box::pin(async move {
                    let made = office.complain(tx, citizen, &new).await?;
                    office
                        .answer_complaint(tx, &desk, made.id, Outcome::Upheld, "It was found behind a shelf.")
                        .await?;
                    Ok::<_, Problem>(())
                })
            });
            done.await.unwrap();
            for job in waiting_jobs(&bed).await {
                assert!(
                    !job.contains("shelf")
                        && !job.contains("hospital")
                        && !job.contains(&citizen.to_string()),
                    "{job}"
                );
            }
            assert_eq!(run_due(&bed).await, 2);
        }
        let mails = server.mails();
        assert_eq!(mails.len(), 2);
        assert!(mails.iter().all(|mail| !mail.data.contains("shelf")), "{mails:?}");
        let page = bed.get("/desk/letters?lang=en", "ombudsman").await.text();
        let all = ids_in(&page).into_iter().find(|ids| ids.contains(' ')).unwrap();
        let pdf = bed.post("/desk/letters/print", "ombudsman", &[("letters", &all)]).await;
        assert_eq!(pdf.status, 200, "{}", pdf.text());
        if let Some(text) = read_pdf(&pdf.body) {
            assert!(text.contains("It was found behind a shelf.") && text.contains("C-2026-2"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_acted_for_reads_who_it_was_and_how_to_complain() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let begin = format!("/people/{}/assist", registered(&bed, "").await);
        let asked = bed.post(&begin, "registrar", &[("what", "data")]).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        let page = asked.text();
        let id = page.split(&format!("{begin}/")).nth(1).unwrap().split('/').next().unwrap();
        let slip = [("what", "data"), ("number", "A-2026-1"), ("witness", "Moussa Sow")];
        let agreed = bed.post(&format!("{begin}/{id}/paper"), "registrar", &slip).await;
        assert_eq!(agreed.status, 200, "{}", agreed.text());
        let act = format!("{begin}/{id}/act");
        for who in ["police", "administrator", "amina"] {
            assert_eq!(bed.post(&act, who, &slip).await.status, 403, "{who}");
        }
        assert_eq!(bed.post(&act, "senior", &slip).await.status, 404, "another official's");
        let paper = bed.post(&format!("{act}?lang=en"), "registrar", &slip).await;
        assert_eq!(
            (paper.status, paper.header("content-type")),
            (200, "application/pdf"),
            "{}",
            paper.text()
        );
        if let Some(text) = read_pdf(&paper.body) {
            for said in [NAME, "Done for me by others", "A-2026-1", "Moussa Sow"] {
                assert!(text.contains(said), "{said} in {text}");
            }
        }
        assert_eq!(run_due(&bed).await, 1);
        let page = bed.get("/desk/letters?lang=en", "senior").await.text();
        let letters = ids_in(&page);
        let pdf = bed.post("/desk/letters/print", "senior", &[("letters", &letters[0])]).await;
        assert_eq!(pdf.status, 200, "{}", pdf.text());
        if let Some(text) = read_pdf(&pdf.body) {
            for said in ["fait en votre nom", "registrar", "Médiateur"] {
                assert!(text.contains(said), "{said} in {text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_persons_letter_is_never_read() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let person = registered(&bed, "").await;
        corrected(&bed, person, "", 1).await;
        assert_eq!(run_due(&bed).await, 1);
        corrected(&bed, person, "", 2).await;
        let store = bed.installation.store.clone();
        // Their keys are gone, as after an approved erasure.
        let people = bed.installation.people.clone();
        let approval =
            people.request_erasure(&senior(&bed), person, "Data Protection Act, article 17").await.unwrap();
        approve(&bed, approval).await;
        people.erase(&senior(&bed), approval).await.unwrap();
        assert_eq!(run_due(&bed).await, 1, "the second job finds nobody");
        assert_eq!(letters_in(&bed).await, 1);
        let all = ids_in(&bed.get("/desk/letters", "senior").await.text());
        let printed = bed.post("/desk/letters/print", "senior", &[("letters", &all[0])]).await;
        assert_eq!(printed.status, 404, "{}", printed.text());
        assert_eq!(letters_in(&bed).await, 0, "it has left the queue");
        assert!(waiting_jobs(&bed).await.is_empty());
        drop(store);
    }
}

/// Two votes, as two officials would give them.
async fn approve(bed: &Bed, approval: Id) {
    let digest = bed
        .installation
        .store
        .read(move |tx| {
            Box::pin(async move {
                let select = sql!("select digest from office_approval where id = $1");
                tx.query_one(select, &params![approval]).await?.get::<[u8; 32]>(0)
            })
        })
        .await
        .unwrap();
    for who in ["senior", "second"] {
        let token = &bed.tokens[who];
        let session = bed.installation.office.session(token).await.unwrap().unwrap();
        let proven = session.proven(bed.site.world().now()).unwrap();
        let office = bed.installation.office.clone();
        let voted = bed.installation.store.write(move |tx| {
            let (office, proven) = (office.clone(), proven.clone());
            Box::pin(async move { office.approve(tx, &proven, approval, &digest).await })
        });
        voted.await.unwrap();
    }
}
