//! A hidden look through the pages: counted at once, prolonged by two institutions, read on its day.

use crate::bed::Bed;
use daftar_testing::Engine;

async fn approve(bed: &Bed, path: &str, who: &str) {
    let page = bed.get(path, who).await.text();
    let mark = "name=\"digest\" value=\"";
    let start = page.find(mark).unwrap_or_else(|| panic!("{who} cannot agree: {page}")) + mark.len();
    let digest = page[start..].split('"').next().unwrap().to_string();
    let got = bed.post(&format!("{path}/approve"), who, &[("digest", &digest)]).await;
    assert_eq!(got.status, 303, "{}", got.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_court_closes_a_look_and_a_second_institution_prolongs_it() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        assert_eq!(bed.post("/desk/cases", "investigator", &[("number", "K-1")]).await.status, 303);
        let today = bed.installation.store.world().now();
        let date = |days: i64| {
            let text = today.plus_seconds(days * 86_400).to_local_date("Africa/Tunis");
            let parts: Vec<String> = text.split('-').map(str::to_string).collect();
            (parts[2].clone(), parts[1].clone(), parts[0].clone())
        };
        let (day, month, year) = date(30);
        let person = format!("/people/{}", bed.ids["person-amina"]);
        let why = [
            ("purpose", "criminal-investigation"),
            ("case", "K-1"),
            ("court", "Court 12/26"),
            ("unseal-day", day.as_str()),
            ("unseal-month", month.as_str()),
            ("unseal-year", year.as_str()),
        ];
        let seen = bed.post(&person, "investigator", &why).await;
        assert!(seen.status == 200 && seen.text().contains("أمينة"), "{}", seen.text());
        let hers = bed.get("/me/looks?lang=en", "amina").await.text();
        assert!(hers.contains("A court has closed one look") && !hers.contains("K-1"), "{hers}");

        let desk = bed.get("/desk/seals?lang=en", "investigator").await.text();
        let mark = "action=\"/desk/seals/";
        let look = desk[desk.find(mark).unwrap() + mark.len()..].split('"').next().unwrap().to_string();
        assert!(!desk.contains("أمينة"), "the list names nobody");
        assert!(!bed.get("/desk/seals", "court").await.text().contains(&look), "another agency's");
        assert_eq!(bed.get("/desk/seals", "police").await.status, 403);
        let (day, month, year) = date(200);
        let name = |end: &str| format!("until-{look}-{end}");
        let (court, d, m, y) = (format!("court-{look}"), name("day"), name("month"), name("year"));
        let asked = [(court.as_str(), "Court 15/26"), (&d, &day), (&m, &month), (&y, &year)];
        let path = format!("/desk/seals/{look}");
        let wrong = bed.post(&path, "investigator", &[(court.as_str(), "Court 15/26"), (&d, "32")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert_eq!(bed.post(&path, "court", &asked).await.status, 404, "only the agency that looked asks");
        let got = bed.post(&path, "investigator", &asked).await;
        assert_eq!(got.status, 303, "{}", got.text());
        let request = got.header("location").to_string();
        approve(&bed, &request, "investigator").await;
        let alone = bed.post(&format!("{request}/execute"), "investigator", &[]).await;
        assert!(alone.status >= 400, "{}", alone.status);
        approve(&bed, &request, "court").await;
        let done = bed.post(&format!("{request}/execute"), "court", &[]).await;
        assert_eq!(done.status, 303, "{}", done.text());

        let trust = bed.get("/trust?lang=en", "").await.text();
        assert!(trust.contains("Later days that a second institution agreed to"), "{trust}");
        bed.clock.advance_seconds(31 * 86_400);
        let looks = async || {
            // Sessions are over by then: what the page shows is asked of the register itself.
            let citizen = bed.installation.people.office_token(bed.ids["person-amina"].parse().unwrap());
            bed.installation.people.my_looks(citizen.await.unwrap(), None, 10).await.unwrap()
        };
        let closed = looks().await;
        assert_eq!((closed.rows.len(), closed.sealed, closed.prolonged), (0, 1, 1));
        bed.clock.advance_seconds(170 * 86_400);
        let open = looks().await;
        assert_eq!((open.rows.len(), open.sealed), (1, 0));
        let content = open.rows[0].content.clone().unwrap();
        assert_eq!((content.case.as_deref(), content.agency.as_str()), (Some("K-1"), "police"));
        assert!(bed.installation.record.audit_store().await.unwrap().is_whole());
    }
}
