//! What a guardian takes along of a child: only while the bond lives, only their own child's, and the child sees each.

use super::*;
use daftar_identity::assist::{What, Wish as Help};
use daftar_identity::bonds::LEFT_OUT;
use daftar_office::complaint::{About, NewComplaint};
use daftar_testing::for_each_engine;

async fn complain(people: &People, child: Id) {
    let office = people.office().clone();
    let citizen = citizen(people, child).await;
    let made = people.store().write(move |tx| {
        let office = office.clone();
        Box::pin(async move {
            let new = NewComplaint {
                about: About::Other,
                agency: "police".into(),
                office: String::new(),
                words: "My mother hits me.".into(),
            };
            office.complain(tx, citizen, &new).await
        })
    });
    made.await.unwrap();
}

#[tokio::test]
async fn a_guardian_takes_along_what_is_held_and_the_child_sees_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (mother, other) = (adult(&people, "Amina Diallo").await, adult(&people, "Fatou Keita").await);
        let child = guarded(&people, "Child Diallo", "2009-01-02", mother).await;
        let theirs = guarded(&people, "Child Keita", "2015-01-02", other).await;
        let (me, stranger, hers) =
            (citizen(&people, mother).await, citizen(&people, other).await, citizen(&people, child).await);
        let door = people.my_wards(me).await.unwrap()[0].bond;
        complain(&people, child).await;
        let words = "She took my phone.".to_string();
        let help = Help { what: What::Complaint, agency: "police".into(), look: String::new(), words };
        people.begin_assistance(&registrar(), child, &help).await.unwrap();

        let held = people.ward_data(me, door).await.unwrap();
        assert_eq!(held.accounts, [hers]);
        let data = held.data.json();
        assert_eq!(data["versions"][0]["document"]["person"]["name"], "Child Diallo");
        assert_eq!(data["bonds"][0]["kind"], "guardian");
        assert_eq!(data["left_out"], serde_json::json!(LEFT_OUT));
        let whole = data.to_string();
        for kept in ["hits me", "took my phone", "Child Keita"] {
            assert!(!whole.contains(kept), "{kept} is the child's alone: {whole}");
        }
        for left in LEFT_OUT {
            assert!(data[left].as_array().unwrap().is_empty(), "{left}");
        }
        let own = people.my_data(hers).await.unwrap().json();
        assert_eq!(
            (own["complaints"][0]["words"].as_str(), own["left_out"].as_array().unwrap().len()),
            (Some("My mother hits me."), 0)
        );
        assert_eq!(own["assistances"][0]["words"], "She took my phone.");

        let receipt = people.ward_acts(me, door, None, 5).await.unwrap()[0].id;
        people.ward_receipt(me, door, receipt).await.unwrap();
        let look = people.my_looks(hers, None, 1).await.unwrap().rows[0].id;
        people.ward_receipt(me, door, look).await.unwrap();
        assert_eq!(people.ward_paper_data(me, door).await.unwrap().person.name.as_str(), "Child Diallo");
        people.ward_subject(me, door).await.unwrap();
        let seen = people.my_looks(hers, None, 50).await.unwrap();
        let looks: Vec<_> = seen.rows.iter().filter_map(|row| row.content.clone()).collect();
        let fields: Vec<String> = looks[..6].iter().map(|look| look.fields.join(" ")).collect();
        let papers = "name born birth_place sex photo card";
        assert_eq!(fields, ["looks", papers, "receipts", "receipts", "receipts", "name everything"]);
        assert!(
            looks[..6].iter().all(|look| look.reader == "Amina Diallo" && look.purpose == "guardianship")
        );

        // Nobody else's: not another guardian, not the child by the guardian's door, not another child's receipt.
        let status = |problem: Problem| problem.kind.status();
        for who in [stranger, hers] {
            assert_eq!(people.ward_data(who, door).await.map(|_| ()).map_err(status), Err(404));
            assert_eq!(people.ward_receipt(who, door, receipt).await.map_err(status), Err(404));
            assert_eq!(people.ward_subject(who, door).await.map(|_| ()).map_err(status), Err(404));
            assert_eq!(people.ward_paper_data(who, door).await.map(|_| ()).map_err(status), Err(404));
        }
        let foreign = people.my_acts(citizen(&people, theirs).await, None, 1).await.unwrap()[0].id;
        assert_eq!(people.ward_receipt(me, door, foreign).await.map_err(status), Err(404));
        let mine = people.my_acts(me, None, 1).await.unwrap()[0].id;
        assert_eq!(people.ward_receipt(me, door, mine).await.map_err(status), Err(404), "nor one's own here");

        // On the day the child comes of age it is over.
        store.clock.advance_seconds(40 * DAY);
        assert_eq!(people.ward_data(me, door).await.map(|_| ()).map_err(status), Err(404));
        assert_eq!(people.ward_receipt(me, door, receipt).await.map_err(status), Err(404));
        assert_eq!(people.ward_paper_data(me, door).await.map(|_| ()).map_err(status), Err(404));
    })
    .await;
}
