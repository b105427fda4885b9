//! `daftar kit`, as operators run it: the real program in folders, and a registry that serves.

use crate::bed::Bed;
use crate::family::pdf;
use axum::body::Body;
use axum::http::Request;
use daftar::kit::enrol::Enrolment;
use daftar::kit::page::Pages;
use daftar::kit::{Kit, Watch};
use daftar::serving::Serving;
use daftar_kernel::World;
use daftar_testing::Engine;
use enrolment_packet::clock::Moment;
use enrolment_packet::packet::{DOCUMENT_BYTES_MAX, DOCUMENTS_MAX};
use enrolment_packet::pin::Cost;
use http_body_util::BodyExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

const PIN: &str = "314159";
const ENTRY: &str =
    r#"{"person": {"name": "Selam Haile", "born": "1991-07"}, "evidence": "Her aunt vouches"}"#;
const PHOTO: &[u8] = include_bytes!("../move/photo.png");

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_daftar")).arg("kit").args(args).current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn good(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_string()
}

/// A watch that shows the test country's time.
struct Shown(daftar_kernel::time::ManualClock);
impl Watch for Shown {
    fn moment(&self) -> Moment {
        use daftar_kernel::Clock;
        Moment { wall: self.0.now().0, boot: String::new(), uptime: 0 }
    }
}

/// A kit that the test country allows, made without the program: its clock is the country's.
async fn allowed(bed: &Bed, dir: &Path) -> Kit {
    let watch = Arc::new(Shown(bed.clock.clone()));
    let mut kit = Kit::init(dir, "Mobile unit 3", World::system(), watch).unwrap();
    kit.add_operator("registrar", PIN, Cost::LEAST).unwrap();
    let request = kit.request().unwrap();
    let asked = [("request", request.as_str()), ("days", "14"), ("confirm", "yes")];
    let shown = bed.post("/desk/kits/new", "senior", &asked[..2]).await;
    assert!(shown.status == 200 && shown.text().contains("registrar"), "{}", shown.text());
    assert_eq!(bed.post("/desk/kits/new", "senior", &[("request", "x"), ("days", "14")]).await.status, 422);
    let page = bed.post("/desk/kits/new", "senior", &asked).await;
    assert_eq!(page.status, 303, "{}", page.text());
    let file = bed.get(&format!("{}/authorisation.json", page.header("location")), "senior").await;
    kit.authorise(&file.body).unwrap();
    let shown = bed.get(page.header("location"), "senior").await.text();
    assert!(shown.contains(kit.registry_key().unwrap()), "operators compare the key");
    kit
}

fn enrolment(name: &str) -> Enrolment {
    let entry = format!(r#"{{"person": {{"name": "{name}", "born": "1971-02-03"}}, "evidence": ""}}"#);
    Enrolment { entry: entry.into_bytes(), ..Enrolment::default() }
}

/// The packet of this number in a folder.
fn numbered(dir: &Path, number: u64) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        name.contains(&format!("-{number:05}-")) && name.ends_with(".packet")
    };
    files.find(named).unwrap()
}

#[test]
fn a_kit_is_made_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("pin"), PIN).unwrap();
    std::fs::write(path.join("entry.json"), ENTRY).unwrap();
    let next = |args: &[&str], words: &str| {
        let output = run(path, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(said(&output).contains(words), "{args:?}: {}", said(&output));
    };
    let add = ["add", "--dir", "k", "--operator", "registrar", "--pin-file", "pin", "--entry", "entry.json"];
    next(&["status", "--dir", "k"], "daftar kit init");
    good(path, &["init", "--dir", "k", "--name", "Mobile unit 3"]);
    next(&["init", "--dir", "k", "--name", "Again"], "holds a kit already");
    next(&["request", "--dir", "k"], "daftar kit operator");
    std::fs::write(path.join("weak"), "11111").unwrap();
    next(&["operator", "--dir", "k", "--operator", "registrar", "--pin-file", "weak"], "PIN");
    good(path, &["operator", "--dir", "k", "--operator", "registrar", "--pin-file", "pin"]);
    next(&add, "daftar kit authorise");
    std::fs::write(path.join("odd"), "{}").unwrap();
    next(&["authorise", "--dir", "k", "odd"], "no authorisation");
    let request = good(path, &["request", "--dir", "k"]);
    assert!(enrolment_packet::statement::read_request(request.as_bytes()).is_ok());
    let status: serde_json::Value =
        serde_json::from_str(&good(path, &["status", "--dir", "k", "--json"])).unwrap();
    assert_eq!((status["last"].as_u64(), status["waiting"].as_u64()), (Some(0), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_sending_and_again_nobody_is_lost_or_doubled() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let dir = bed.dir().join("k");
        let kit = allowed(&bed, &dir).await;
        for name in ["Hawa Toure", "Musa Keita", "Idris Sow"] {
            kit.enrol(("registrar", PIN), &enrolment(name)).unwrap();
        }
        let first = std::fs::read(&kit.packets().unwrap()[0].1).unwrap();
        drop(kit);
        // A registry that takes what it is sent and dies before it answers; then the kit is killed too.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let mut sending = Command::new(env!("CARGO_BIN_EXE_daftar"))
            .args(["kit", "send", "--dir"])
            .arg(&dir)
            .args(["--url", &url])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let (mut line, _) = silent.accept().unwrap();
        std::io::Read::read_exact(&mut line, &mut [0; 64]).unwrap();
        bed.installation.people.take_packet(first).await.unwrap();
        sending.kill().unwrap();
        sending.wait().unwrap();
        drop((line, silent));

        let site = bed.installation.site();
        let serving = Serving::start(&bed.installation, site, daftar::serving::routes(), "127.0.0.1:0").await;
        let serving = serving.unwrap();
        let address = format!("http://{}", serving.address);
        let send = async || {
            let (dir, address) = (dir.clone(), address.clone());
            let args =
                move || good(Path::new("/"), &["send", "--dir", dir.to_str().unwrap(), "--url", &address]);
            tokio::task::spawn_blocking(args).await.unwrap()
        };
        assert_eq!(send().await, "3 registered, 0 held for a decision, 0 refused");
        assert_eq!(send().await, "0 registered, 0 held for a decision, 0 refused", "nothing is left");
        serving.stop().await;
        let senior = daftar_kernel::Actor::Official(daftar_kernel::Official {
            id: bed.ids["official-senior"].parse().unwrap(),
            name: "senior".into(),
            agency: "civil-registry".into(),
            office: "civil-registry-north".into(),
            role: "senior-registrar".into(),
        });
        let kits = bed.installation.people.kits(&senior).await.unwrap();
        let view = bed.installation.people.kit_view(&senior, kits[0].id).await.unwrap();
        assert_eq!((view.counts.get("merged"), view.installations[0].packets), (Some(&3), 3));
    }
}

/// The desk finds the packet by the number on the paper, opens it, and decides.
async fn decided_at_the_desk(bed: &Bed, reference: &str) {
    let nobody = bed.get("/desk/kits?reference=22222-00001-2", "senior").await;
    assert_eq!(nobody.status, 200);
    assert_eq!(bed.get("/desk/kits", "registrar").await.status, 403);
    let found = bed.get(&format!("/desk/kits?reference={}", reference), "senior").await;
    let page = found.header("location").to_string();
    assert!(page.starts_with("/desk/packets/"), "{}", found.text());
    let opened = bed.post(&page, "senior", &[]).await;
    assert!(opened.status == 200 && opened.text().contains("register_reason"), "{}", opened.text());
    photo_and_documents(bed, &page, &opened.text()).await;
    let decide = format!("{page}/decide");
    for (fields, status) in [
        (&[("decision", "register")][..], 422),
        (&[("decision", "same"), ("person", "x")], 422),
        (&[("decision", "refuse"), ("refuse_reason", "no-such"), ("words", "No.")], 422),
        (&[("decision", "burn")], 422),
        (&[("decision", "register"), ("register_reason", "Two sisters")], 200),
        (&[("decision", "register"), ("register_reason", "Two sisters")], 409),
    ] {
        let got = bed.post(&decide, "senior", fields).await;
        assert_eq!(got.status, status, "{fields:?}: {}", got.text());
    }
    assert_eq!(bed.get(&format!("{page}/photo.jpg"), "senior").await.status, 409, "it is decided");
}

/// The official decides with eyes: the photo beside the form, each document by a button.
async fn photo_and_documents(bed: &Bed, page: &str, opened: &str) {
    let (photo, paper) = (format!("{page}/photo.jpg"), format!("{page}/documents/0"));
    assert!(opened.contains(&format!("<img src=\"{photo}\" alt=")), "{opened}");
    assert!(
        opened.contains(&format!("action=\"{paper}\"")) && opened.contains("Birth certificate"),
        "{opened}"
    );
    let got = bed.get(&photo, "senior").await;
    assert_eq!((got.status, got.header("content-type")), (200, "image/jpeg"));
    assert!(got.body.starts_with(&[0xff, 0xd8, 0xff]), "made anew from the PNG that was sent");
    let kept = ["cache-control", "cross-origin-resource-policy", "x-content-type-options"];
    assert_eq!(kept.map(|name| got.header(name)), ["no-store", "same-origin", "nosniff"]);
    for (who, status) in [("registrar", 403), ("amina", 403), ("", 303)] {
        assert_eq!(bed.get(&photo, who).await.status, status, "{who}");
    }
    let file = bed.post(&paper, "senior", &[]).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/pdf"));
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(bed.post(&paper, "registrar", &[]).await.status, 403);
    for place in ["1", "x", "99999999999999999999"] {
        let got = bed.post(&format!("{page}/documents/{place}"), "senior", &[]).await;
        assert_eq!(got.status, 404, "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stick_comes_home_twice() {
    let bed = Bed::new(Engine::Sqlite).await;
    let (dir, stick) = (bed.dir().join("k"), bed.dir().join("stick"));
    let kit = allowed(&bed, &dir).await;
    let with_photo = Enrolment {
        photo: Some(PHOTO.to_vec()),
        documents: vec![("birth-certificate".into(), pdf())],
        ..enrolment("Hawa Toure")
    };
    kit.enrol(("registrar", PIN), &with_photo).unwrap();
    let second = kit.enrol(("registrar", PIN), &with_photo).unwrap();
    std::fs::create_dir(&stick).unwrap();
    for (_, path) in kit.packets().unwrap() {
        std::fs::copy(&path, stick.join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(good(&dir, &["check", stick.to_str().unwrap()]), "2 packets, 0 findings");
    std::fs::write(stick.join("homework.packet"), b"%PDF-1.7, somebody's homework").unwrap();
    let paths = &bed.installation.paths;
    std::fs::write(&paths.policy, "quorum none\n").unwrap();
    for _ in 0..2 {
        let read = Command::new(env!("CARGO_BIN_EXE_daftar"))
            .arg("--data")
            .arg(&paths.data)
            .arg("--country")
            .arg(&paths.country)
            .args(["--store", bed.installation.settings.get("store.url"), "identity", "packets"])
            .env("DAFTAR_RECORD_ORIGIN", "test.example/1")
            .arg(&stick)
            .output()
            .unwrap();
        let words = said(&read);
        assert_eq!(read.status.code(), Some(1), "somebody must look at it: {words}");
        assert!(words.contains("3 packets: 1 registered, 1 held for a decision, 1 refused"), "{words}");
        assert!(
            words.contains("not-a-packet") && words.contains(&format!("{}: held: double", second.reference))
        );
    }
    let outcome = kit.settle(&stick).unwrap();
    assert_eq!((outcome["merged"], outcome["held"]), (1, 1));
    assert!(kit.settle(&stick).unwrap().is_empty(), "a stick that is read twice changes nothing");
    let rows = kit.standing().unwrap();
    assert_eq!(
        (rows[1].reference.as_str(), rows[1].state.as_str(), rows[1].here),
        (second.reference.as_str(), "held", false)
    );
    assert_eq!(rows[1].reason, "double");
    decided_at_the_desk(&bed, &second.reference).await;
    let first = numbered(&stick, 1);
    let mut damaged = std::fs::read(&first).unwrap();
    damaged[70] ^= 1;
    std::fs::write(&first, damaged).unwrap();
    let checked = run(&dir, &["check", stick.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1), "{}", said(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_there_is_no_half_packet_and_no_number_twice() {
    let bed = Bed::new(Engine::Sqlite).await;
    let dir = bed.dir().join("k");
    let kit = allowed(&bed, &dir).await;
    let enrol = |kit: &Kit, name: &str| kit.enrol(("registrar", PIN), &enrolment(name));
    assert_eq!(enrol(&kit, "Hawa Toure").unwrap().sequence, 1);
    assert!(enrol(&kit, "<").is_err(), "the register's rules hold in the field");
    let child = br#"{"person": {"name": "Hawa Toure", "born": "2021-03-04"}}"#.to_vec();
    let child = kit.enrol(("registrar", PIN), &Enrolment { entry: child, ..Enrolment::default() });
    assert!(child.unwrap_err().to_string().contains("answers for it"));
    for (kind, bytes) in [("birth-certificate", b"no scan".to_vec()), ("homework", pdf())] {
        let odd = Enrolment { documents: vec![(kind.into(), bytes)], ..enrolment("Hawa Toure") };
        assert!(kit.enrol(("registrar", PIN), &odd).is_err(), "{kind}");
    }
    assert!(kit.enrol(("registrar", "271828"), &enrolment("Musa Keita")).is_err(), "another PIN");
    assert!(kit.enrol(("second", PIN), &enrolment("Musa Keita")).is_err(), "another operator");
    let open = |dir: &Path| Kit::open(dir, World::system(), Arc::new(Shown(bed.clock.clone())));
    assert!(open(&dir).is_err(), "one program at a time");

    // Killed between the packet and the tail: the packet counts.
    let tail = std::fs::read(dir.join("tail.json")).unwrap();
    assert_eq!(enrol(&kit, "Musa Keita").unwrap().sequence, 2);
    drop(kit);
    std::fs::write(dir.join("tail.json"), &tail).unwrap();
    // Killed in the middle of writing: a draft is swept.
    std::fs::write(dir.join("packets/X-00003-X.draft"), b"half a pack").unwrap();
    let kit = open(&dir).unwrap();
    assert_eq!(enrol(&kit, "Idris Sow").unwrap().sequence, 3);
    assert_eq!(kit.packets().unwrap().len(), 3);
    assert!(!dir.join("packets/X-00003-X.draft").exists());
    drop(kit);

    // A disk that is full: nothing is kept, the number stays free. The program reads the machine's clock, which the last
    // contact ties to the test country's time.
    let contact = serde_json::json!({
        "registry": bed.site.world().now().0,
        "device": {"wall": World::system().now().0, "boot": "", "uptime": 0},
    });
    let kept = std::fs::read(dir.join("contact.json")).unwrap();
    std::fs::write(dir.join("contact.json"), contact.to_string()).unwrap();
    std::fs::write(dir.join("../pin"), PIN).unwrap();
    std::fs::write(dir.join("../entry.json"), ENTRY).unwrap();
    let command = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' kit add --dir k --operator registrar --pin-file pin --entry entry.json",
        env!("CARGO_BIN_EXE_daftar")
    );
    let full = Command::new("sh").args(["-c", &command]).current_dir(bed.dir()).output().unwrap();
    assert_eq!(full.status.code(), Some(1), "{}", said(&full));
    assert!(said(&full).contains("make room"), "{}", said(&full));
    std::fs::write(dir.join("contact.json"), kept).unwrap();
    let kit = open(&dir).unwrap();
    assert_eq!((kit.packets().unwrap().len(), kit.tail().unwrap().sequence), (3, 3));
    assert_eq!(enrol(&kit, "Layla Rekik").unwrap().sequence, 4);
    drop(kit);

    // A state that was lost is noticed; a new installation begins when nothing waits.
    std::fs::remove_file(dir.join("tail.json")).unwrap();
    assert!(open(&dir).unwrap_err().to_string().contains("daftar kit reinstall"));
    let again = || Kit::reinstall(&dir, World::system(), Arc::new(Shown(bed.clock.clone())));
    assert!(again().unwrap_err().to_string().contains("4 packets wait"));
    std::fs::rename(dir.join("packets"), dir.join("carried-home")).unwrap();
    std::fs::create_dir(dir.join("packets")).unwrap();
    assert_eq!(enrol(&again().unwrap(), "Salma Gharbi").unwrap().sequence, 1);
    // Both installations arrive.
    for (folder, number) in [("carried-home", 4), ("packets", 1)] {
        let packet = std::fs::read(numbered(&dir.join(folder), number)).unwrap();
        let taken = bed.installation.people.take_packet(packet).await.unwrap();
        assert_eq!((taken.state.word(), taken.reason.as_str()), ("merged", ""));
    }
    // The kit's time ends by the registry's clock.
    bed.clock.advance_seconds(15 * 86_400);
    let kit = open(&dir).unwrap();
    assert!(enrol(&kit, "Omar Tlili").unwrap_err().to_string().contains("allowed until"));
}

/// A browser on the kit's own pages.
struct Screen {
    pages: Pages,
    cookie: String,
}

impl Screen {
    async fn ask(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", crate::bed::escape(value))).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:8070")
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        let response = self.pages.answer(request).await;
        let status = response.status().as_u16();
        let location =
            response.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_string();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, location, String::from_utf8_lossy(&body).into_owned())
    }
    async fn get(&self, path: &str) -> (u16, String, String) {
        self.ask("GET", path, &[]).await
    }
    /// Attaches a document; answers the status.
    async fn attach(&self, kind: &str, bytes: &[u8]) -> u16 {
        let csrf = self.csrf().await;
        let part = |name: &str, more: &str| {
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
        };
        let head = format!("{}{csrf}\r\n{}{kind}\r\n", part("csrf", ""), part("kind", ""));
        let file = part("file", "; filename=\"a.pdf\"");
        let body = [head.as_bytes(), file.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
        let request = Request::builder()
            .method("POST")
            .uri("/enrol/documents")
            .header("host", "127.0.0.1:8070")
            .header("cookie", &self.cookie)
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Body::from(body))
            .unwrap();
        self.pages.answer(request).await.status().as_u16()
    }
    async fn csrf(&self) -> String {
        let (_, _, home) = self.get("/").await;
        home.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_string()
    }
    /// Sends a form with the token of the pages; answers where it led.
    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let csrf = self.csrf().await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        let (status, location, page) = self.ask("POST", path, &all).await;
        assert_eq!(status, 303, "{path}: {page}");
        location
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kits_pages_ask_the_countrys_form_and_answer_nobody_else() {
    let bed = Bed::new(Engine::Sqlite).await;
    let dir = bed.dir().join("k");
    let kit = allowed(&bed, &dir).await;
    let pages = Pages::new(kit, &World::system()).unwrap();
    let entrance = pages.entrance();
    let mut screen = Screen { pages, cookie: String::new() };
    assert_eq!(screen.get("/").await.0, 401, "only who opened the printed address");
    assert_eq!(screen.get("/?key=00").await.0, 401);
    let elsewhere =
        Request::builder().uri(&entrance).header("host", "kit.evil.example").body(Body::empty()).unwrap();
    assert_eq!(screen.pages.answer(elsewhere).await.status(), 404, "a foreign name that leads here");
    assert_eq!(screen.get(&entrance).await.0, 303);
    screen.cookie = format!("kit={}", entrance.split('=').nth(1).unwrap());
    assert_eq!(
        screen.ask("POST", "/sign-in", &[("operator", "registrar"), ("pin", PIN)]).await.0,
        403,
        "no token"
    );
    let (status, location, _) = screen.get("/enrol/names").await;
    assert_eq!((status, location.as_str()), (303, "/"), "sign in first");
    screen.send("/sign-in", &[("operator", "registrar"), ("pin", PIN)]).await;

    let answers: &[(&str, &[(&str, &str)])] = &[
        ("names", &[("name", "Selam Haile"), ("other_name", "ሰላም ኃይሌ")]),
        ("birth", &[("born-month", "7"), ("born-year", "1991"), ("birth_place_text", "behind the mill")]),
        ("person", &[("sex", "female"), ("standing", "citizen")]),
        ("papers", &[("documents", "other")]),
        ("statement", &[("statement", "yes")]),
    ];
    let mut at = screen.send("/enrol", &[]).await;
    while at != "/enrol/documents" {
        let id = at.rsplit('/').next().unwrap();
        let page = screen.get(&at).await;
        assert!(page.0 == 200 && !page.2.contains('⟦'), "{at}: {}", page.2);
        let given = answers.iter().find(|(page, _)| *page == id).map_or(&[][..], |(_, given)| given);
        let next = screen.send(&at, given).await;
        assert_ne!(next, at, "the form refuses page {id}");
        at = next;
    }
    for (kind, bytes, status) in [
        ("passport", &pdf()[..], 303),
        ("passport", b"", 422),
        ("passport", b"%PDF, or so it says", 422),
        ("no-such", &pdf(), 422),
        ("passport", &vec![b' '; DOCUMENT_BYTES_MAX + 1], 422),
    ] {
        assert_eq!(screen.attach(kind, bytes).await, status, "{kind}, {} bytes", bytes.len());
    }
    for _ in 1..DOCUMENTS_MAX {
        assert_eq!(screen.attach("passport", &pdf()).await, 303);
    }
    assert_eq!(screen.attach("passport", &pdf()).await, 422, "one too many");
    assert!(screen.get("/enrol/check").await.2.contains("Selam Haile"));
    assert_eq!(screen.send("/enrol/check", &[]).await, "/");
    let home = screen.get("/?lang=ar").await.2;
    assert!(home.contains("-00001-") && home.contains("dir=\"rtl\""), "the number for the paper: {home}");
    assert!(!home.contains("Selam"));
    let (_, _, fresh) = screen.get("/enrol/names").await;
    assert!(!fresh.contains("Selam"), "nothing of her is left on the screens");
    drop(screen);
    let packet = std::fs::read(numbered(&dir.join("packets"), 1)).unwrap();
    let taken = bed.installation.people.take_packet(packet).await.unwrap();
    assert_eq!((taken.state.word(), taken.reason.as_str()), ("merged", ""));
}
