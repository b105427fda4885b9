//! A kit of the demo's registrar that has been in the field: it enrolled two people, and one of them the register knew already.

use super::cast::Cast;
use anyhow::Result;
use daftar_identity::People;
use daftar_identity::kit::kits::Country;
use daftar_identity::kit::list::KitView;
use daftar_kernel::{Id, Problem};
use daftar_office::{Proven, Roster};
use enrolment_packet::clock::{Contact, Moment, Times};
use enrolment_packet::packet::BEGINNING;
use enrolment_packet::statement::{self, Operator, Request};
use enrolment_packet::{Attachment, Body, Draft, SealingKey, Signer, hash, seal};

/// What the kit is called.
pub const NAME: &str = "Mobile unit 3";
/// Sign-in name of its operator.
const OPERATOR: &str = "registrar";
/// Whom it enrolled: somebody new, and a neighbour whom it met twice.
const ENTRIES: [&str; 3] = [
    r#"{"person":{"name":"Desta Worku Alemayehu","born":"1979-10-02","sex":"male"},"evidence":"Vouched for"}"#,
    r#"{"person":{"name":"Hawa Idrissa Toure","born":"1988-03-21","sex":"female"},"evidence":"Vouched for"}"#,
    r#"{"person":{"name":"Hawa Idrissa Touré","born":"1988-03-21","sex":"female"},"evidence":"Vouched for"}"#,
];

/// The kit and its packet that waits for a decision; made at the first call.
///
/// # Errors
/// When the store fails.
pub async fn kit(people: &People, cast: &Cast, roster: &Roster) -> Result<(Id, Id), Problem> {
    let senior = cast.actor("senior", roster)?;
    let known = people.kits(&senior).await?;
    let id = match known.iter().find(|kit| kit.name == NAME) {
        Some(kit) => kit.id,
        None => make(people).await.map_err(Problem::internal)?,
    };
    let view = people.kit_view(&senior, id).await?;
    Ok((id, packet_of(&view).ok_or_else(Problem::not_found)?))
}

fn packet_of(view: &KitView) -> Option<Id> {
    view.held.first().or_else(|| view.settled.first()).map(|row| row.id)
}

/// What comes beside the form of the one who was met twice: a drawing and a paper.
fn carried(sequence: u64) -> Body {
    if sequence < 3 {
        return Body::default();
    }
    let paper = Attachment { kind: "birth-certificate".into(), bytes: super::seed::PAPER.to_vec() };
    Body { photo: Some(super::seed::PHOTO.to_vec()), documents: vec![paper], ..Body::default() }
}

async fn make(people: &People) -> Result<Id> {
    let world = people.store().world().clone();
    let (device, operator) = (Signer::from_seed(&world.bytes())?, Signer::from_seed(&world.bytes())?);
    let made = Moment { wall: world.now().0, boot: String::new(), uptime: 0 };
    let request = Request {
        name: NAME.into(),
        device: *device.public(),
        nonce: world.bytes(),
        operators: vec![Operator { login: OPERATOR.into(), key: *operator.public() }],
        made: made.clone(),
    };
    let request = statement::sign(&request, &device)?;
    let by = Proven::system("demo");
    let allowed = people.allow_kit(&by, &request, 14, &Country::default()).await?;
    let registry = SealingKey(people.kit_opening_key()?.public().0);
    let contact = Contact { registry: made.wall, device: made.clone() };
    let (installation, mut previous) = (world.bytes(), BEGINNING);
    for (sequence, entry) in (1..).zip(ENTRIES) {
        let body = Body { entry: entry.into(), ..carried(sequence) };
        let times = Times { made: made.clone(), contact: Some(contact.clone()) };
        let draft = Draft { installation, sequence, previous, times, body: &body };
        let packet = seal(&draft, (&device, &operator), &registry, &world.bytes())?;
        previous = hash(&packet);
        people.take_packet(packet).await?;
    }
    Ok(allowed.kit)
}
