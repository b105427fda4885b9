//! What a citizen sees of their own.

use crate::country::{self, amina, ask, clerk, registrar, registration};
use daftar_identity::papers::{Paper, PaperTexts};
use daftar_identity::person::Entry;
use daftar_kernel::{Id, Lang};
use daftar_office::Source;
use daftar_ports::certificate::{check, sign};
use daftar_testing::for_each_engine;

#[tokio::test]
async fn a_citizen_sees_the_record_and_nobody_elses() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let two = people
            .register(&clerk(), registration(Entry { name: "Omar Keita".into(), ..amina() }, "k2"))
            .await
            .unwrap();
        let (mine, other) =
            (people.office_token(one.person).await.unwrap(), people.office_token(two.person).await.unwrap());
        assert_ne!(mine, one.person, "sign-in does not know the register's own identifier");
        let record = people.my_record(mine).await.unwrap();
        assert_eq!(record.version.document.person.name.as_str(), "Amina Diallo");
        assert_eq!(people.my_record(one.person).await.unwrap_err().code, "identity-unknown");
        assert!(people.is_my_receipt(mine, one.receipt).await.unwrap());
        assert!(!people.is_my_receipt(other, one.receipt).await.unwrap());
        let look = people.read(&registrar(), &ask(), one.person, &["born"]).await.unwrap();
        assert!(people.is_my_receipt(mine, look.receipt).await.unwrap());
        assert!(!people.is_my_receipt(other, look.receipt).await.unwrap());
        assert!(!people.is_my_receipt(other, Id::from_bytes([0xff; 16])).await.unwrap());
        let data = people.my_data(mine).await.unwrap().json();
        assert_eq!(data["versions"][0]["document"]["person"]["name"], "Amina Diallo");
        assert_eq!(data["looks"].as_array().unwrap().len(), 1, "reading one's own record is no look");
        assert_eq!(data["acts"][0]["kind"], "identity.person-registered");
        assert_eq!(data["acts"][0]["opening"]["record"]["document"]["person"]["born"], "1990-02-13");
        assert!(!data.to_string().contains("Omar"));
    })
    .await;
}

#[tokio::test]
async fn an_account_is_claimed_with_the_code_of_the_letter() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let letter = people.issue_activation(&clerk(), one.person).await.unwrap();
        assert_eq!(letter.name, "Amina Diallo");
        assert!(!format!("{letter:?}").contains(&letter.code));
        let source = Source::of("192.0.2.7".parse().unwrap());
        let wrong = people.claim("AAAAA-AAAAA-A", source).await.unwrap_err();
        assert_eq!(wrong.code, "office-activation-wrong");
        people.claim(&letter.code, source).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_card_verifies_offline() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let mine = people.office_token(one.person).await.unwrap();
        let data = people.my_paper_data(mine).await.unwrap();
        let texts = PaperTexts {
            lang: Lang::english(),
            text: &|key| key.to_string(),
            place: &|code| code.to_string(),
            issuer: "Registry North".into(),
            zone: "Africa/Tunis".into(),
            accent: pdf_writing::Colour { red: 0, green: 80, blue: 60 },
        };
        let card = data.paper(Paper::Card, &texts);
        let signed = sign(&card, &people.papers_key().unwrap()).unwrap();
        let checked = check(&signed.text, &[people.papers_public_key().unwrap()]).unwrap();
        assert_eq!(checked.serial, data.card.number.grouped());
        assert!(checked.fields.iter().any(|(_, value)| value == "Amina Diallo"));
        let number =
            people.read(&registrar(), &ask(), one.person, &["number"]).await.unwrap().number.unwrap();
        assert!(!format!("{checked:?}").contains(&number.plain()), "the national number is on no paper");
        assert_eq!(checked.valid_until.unwrap().to_string(), "2036-11-22");
    })
    .await;
}

/// A picture as a phone would send it: 300 by 400 pixels, with a comment that says where.
pub fn picture() -> Vec<u8> {
    use std::io::Write;
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(name);
        crc.update(body);
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], name, body, &crc.sum().to_be_bytes()].concat()
    };
    let (width, height) = (300_u32, 400_u32);
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut rows = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for y in 0..height {
        rows.write_all(&[0]).unwrap();
        for x in 0..width {
            rows.write_all(&[(x % 251) as u8, (y % 241) as u8, 90]).unwrap();
        }
    }
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"tEXt", b"GPS\0 36.8 N 10.2 E"),
        chunk(b"IDAT", &rows.finish().unwrap()),
        chunk(b"IEND", b""),
    ]
    .concat()
}

#[tokio::test]
async fn a_photo_is_cleaned_sealed_and_only_its_persons() {
    use daftar_identity::register::Registration;
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let bad = Registration { photo: Some(b"GIF89a".to_vec()), ..registration(amina(), "k0") };
        assert_eq!(people.register(&clerk(), bad).await.unwrap_err().code, "identity-photo");
        let with = Registration { photo: Some(picture()), ..registration(amina(), "k1") };
        let one = people.register(&clerk(), with.clone()).await.unwrap();
        assert_eq!(
            people.register(&clerk(), with).await.unwrap(),
            one,
            "a repeated registration keeps one photo"
        );
        let mine = people.office_token(one.person).await.unwrap();
        let photo = people.my_photo(mine).await.unwrap().unwrap();
        assert_eq!((photo.width, photo.height), (300, 400));
        assert!(photo.jpeg.starts_with(&[0xff, 0xd8]) && !photo.jpeg.windows(3).any(|w| w == b"GPS"));
        let blobs = store.dir().join("data").join("blobs");
        let kept: Vec<_> = files(&blobs);
        assert_eq!(kept.len(), 1, "the photo of the repeated call was removed again");
        assert!(!std::fs::read(&kept[0]).unwrap().starts_with(&[0xff, 0xd8]), "it lies there sealed");
        // Naming somebody else's photo in an entry gives nothing.
        let name = people.my_record(mine).await.unwrap().version.document.person.photo.unwrap();
        let thief = Entry { name: "Omar Keita".into(), photo: name, ..amina() };
        let two = people.register(&clerk(), registration(thief, "k2")).await.unwrap();
        let theirs = people.office_token(two.person).await.unwrap();
        assert!(people.my_photo(theirs).await.unwrap().is_none());
    })
    .await;
}

fn files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}
