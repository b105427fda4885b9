//! The right to look at persons: for a purpose of one's role, in a case where one is needed, hidden for a while only by a court's
//! order.
//!
//! A [`Permit`] exists only when all of that was checked; [`Office::look`] turns it into a row of the access register, counts it
//! for the alarm about unusual readers, and draws looks for review by a second office.

use crate::office::Office;
use crate::roster::{Purpose, Review, Role, Sealed};
use crate::{Roster, case, problems, text};
use daftar_kernel::{Id, Official, Problem, Timestamp, World};
use daftar_record::look::{Look, MAX_SEALED_DAYS};
use daftar_store::{Tx, params, sql};

/// One look in so many is reviewed by a second office.
pub const REVIEW_ONE_IN: u64 = 100;
/// Farthest unseal date, in days: within 12 months.
pub const UNSEAL_MAX_DAYS: i64 = 365;
pub(crate) const COURT_MAX_CHARS: usize = 100;
// The access register refuses what lies farther; we must refuse it first, with an answer people understand.
const _: () = assert!(UNSEAL_MAX_DAYS <= MAX_SEALED_DAYS);

/// A court's order that a look be hidden for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The court's reference.
    pub reference: String,
    /// When the person learns of the look.
    pub unseal: Timestamp,
}

/// What an official asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The purpose's code.
    pub purpose: String,
    /// The case's number, as typed.
    pub case: Option<String>,
    /// The court's order, for purposes that may be hidden.
    pub order: Option<Order>,
}

/// What is known of the case that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseCheck {
    /// None was named.
    None,
    /// It is an open one of the official's agency, of this number.
    Open(String),
    /// It is none, or closed.
    Unknown,
}

/// The checked right to look at persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    official: Official,
    purpose: String,
    basis: String,
    case: Option<String>,
    sealed_until: Option<Timestamp>,
    review: Review,
    looks_per_hour: u32,
}

impl Permit {
    /// Decides, from what is known. Pure: [`Office::permit`] looks the case up.
    ///
    /// # Errors
    /// `office-purpose`, `office-case-needed`, `office-court-needed`, `office-unseal-date`, `office-not-sealed`.
    pub fn decide(
        roster: &Roster,
        official: &Official,
        ask: &Ask,
        case: CaseCheck,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let (role, purpose) =
            granted(roster, official, &ask.purpose).ok_or_else(problems::purpose_unknown)?;
        let case = match case {
            CaseCheck::Open(number) => Some(number),
            CaseCheck::None if !purpose.needs_case => None,
            CaseCheck::None | CaseCheck::Unknown => return Err(problems::case_needed()),
        };
        let order = sealing(purpose, ask.order.as_ref(), now)?;
        let basis = match &order {
            // The reference is part of why it was allowed: it is committed with the look.
            Some((reference, _)) => format!("{}; {reference}", purpose.basis),
            None => purpose.basis.clone(),
        };
        Ok(Self {
            official: official.clone(),
            purpose: purpose.code.clone(),
            basis,
            case,
            sealed_until: order.map(|(_, unseal)| unseal),
            review: purpose.review,
            looks_per_hour: role.looks_per_hour,
        })
    }
    /// Who may look.
    #[must_use]
    pub const fn official(&self) -> &Official {
        &self.official
    }
    /// The purpose's code.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }
    /// The case's number.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        self.case.as_deref()
    }
    /// The row of the access register for one person, by the record's token, and the fields that are shown.
    #[must_use]
    pub fn to_look(&self, subject: Id, service: &'static str, fields: &[&str]) -> Look {
        Look {
            subject,
            reader: (&self.official).into(),
            service,
            purpose: self.purpose.clone(),
            basis: self.basis.clone(),
            case: self.case.clone(),
            fields: fields.iter().map(|field| (*field).to_string()).collect(),
            sealed_until: self.sealed_until,
        }
    }
    /// Whether this look is drawn for review.
    #[must_use]
    pub fn is_drawn(&self, world: &World) -> bool {
        self.review == Review::Always || world.below(REVIEW_ONE_IN) == 0
    }
}

fn granted<'r>(roster: &'r Roster, official: &Official, purpose: &str) -> Option<(&'r Role, &'r Purpose)> {
    let role = roster.role(&official.role)?;
    let listed = role.purposes.iter().any(|code| code == purpose);
    listed.then(|| roster.purpose(purpose)).flatten().map(|purpose| (role, purpose))
}

fn sealing(
    purpose: &Purpose,
    order: Option<&Order>,
    now: Timestamp,
) -> Result<Option<(String, Timestamp)>, Problem> {
    match (purpose.sealed, order) {
        (Sealed::None, None) => Ok(None),
        (Sealed::None, Some(_)) => Err(problems::not_sealed()),
        (Sealed::Court, None) => Err(problems::court_needed()),
        (Sealed::Court, Some(order)) => {
            let reference = text::clean_name(&order.reference)
                .filter(|text| text.chars().count() <= COURT_MAX_CHARS)
                .ok_or_else(problems::court_needed)?;
            let latest = now.plus_seconds(UNSEAL_MAX_DAYS * 86_400);
            if order.unseal <= now || order.unseal > latest {
                return Err(problems::unseal_date());
            }
            Ok(Some((reference, order.unseal)))
        }
    }
}

/// Whether so many looks within an hour are more than a role usually needs.
#[must_use]
pub const fn is_unusual(looks_this_hour: i64, looks_per_hour: u32) -> bool {
    looks_this_hour > looks_per_hour as i64
}

impl Office {
    /// Checks the right to look at persons.
    ///
    /// # Errors
    /// As [`Permit::decide`].
    pub async fn permit(&self, tx: &mut Tx, official: &Official, ask: &Ask) -> Result<Permit, Problem> {
        let case = match ask.case.as_deref().filter(|typed| !typed.trim().is_empty()) {
            None => CaseCheck::None,
            Some(typed) => match self.case_of(tx, &official.agency, typed).await? {
                Some(case::Case { closed: None, number, .. }) => CaseCheck::Open(number),
                Some(_) => CaseCheck::Unknown,
                // A complaint is a case of the desk that answers it, for as long as it is open.
                None => self
                    .open_complaint_of(tx, official, typed)
                    .await?
                    .map_or(CaseCheck::Unknown, CaseCheck::Open),
            },
        };
        Permit::decide(&self.roster(), official, ask, case, self.now())
    }

    /// Commits one look at one person to the access register. No byte may leave before this transaction has committed.
    ///
    /// # Errors
    /// As [`daftar_record::Record::look`].
    pub async fn look(
        &self,
        tx: &mut Tx,
        permit: &Permit,
        subject: Id,
        service: &'static str,
        fields: &[&str],
    ) -> Result<Id, Problem> {
        let look = self.record().look(tx, &permit.to_look(subject, service, fields)).await?;
        self.count_look(tx, permit).await?;
        if permit.is_drawn(self.world()) {
            self.draw_review(tx, permit, look).await?;
        }
        Ok(look)
    }

    async fn count_look(&self, tx: &mut Tx, permit: &Permit) -> Result<(), Problem> {
        let hour = self.now().seconds().div_euclid(3600);
        let row = tx
            .query_one(
                sql!(
                    "insert into office_reading (official, hour, looks) values ($1, $2, 1) \
                     on conflict (official, hour) do update set looks = office_reading.looks + 1 returning looks"
                ),
                &params![permit.official.id, hour],
            )
            .await?;
        if is_unusual(row.get(0)?, permit.looks_per_hour) {
            self.raise_alarm(tx, &permit.official, hour, permit.looks_per_hour).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testbed::roster;
    use daftar_kernel::{time::ManualClock, world::SeededRandom};

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn official(role: &str) -> Official {
        let (agency, office) = ("police".into(), "police-centre".into());
        Official { id: Id::from_bytes([7; 16]), name: "Amal".into(), agency, office, role: role.into() }
    }

    fn decide(role: &str, ask: &Ask, case: CaseCheck) -> Result<Permit, &'static str> {
        Permit::decide(&roster(), &official(role), ask, case, NOW).map_err(|p| p.code)
    }

    fn ask(purpose: &str, order: Option<(&str, i64)>) -> Ask {
        let order = order.map(|(reference, days)| Order {
            reference: reference.into(),
            unseal: NOW.plus_seconds(days * 86_400),
        });
        Ask { purpose: purpose.into(), case: None, order }
    }

    #[test]
    fn only_purposes_of_the_role() {
        assert!(decide("clerk", &ask("issue-card", None), CaseCheck::None).is_ok());
        for (role, purpose) in
            [("clerk", "investigate"), ("clerk", "nothing"), ("admin", "issue-card"), ("x", "issue-card")]
        {
            assert_eq!(
                decide(role, &ask(purpose, None), CaseCheck::None),
                Err("office-purpose"),
                "{role} {purpose}"
            );
        }
    }

    #[test]
    fn a_case_where_one_is_needed_and_a_real_one_where_one_is_named() {
        let sealed = ask("investigate", Some(("Court 12/26", 30)));
        assert_eq!(decide("detective", &sealed, CaseCheck::None), Err("office-case-needed"));
        assert_eq!(decide("detective", &sealed, CaseCheck::Unknown), Err("office-case-needed"));
        let permit = decide("detective", &sealed, CaseCheck::Open("P-1".into())).unwrap();
        assert_eq!(permit.case(), Some("P-1"));
        assert_eq!(decide("clerk", &ask("issue-card", None), CaseCheck::Unknown), Err("office-case-needed"));
    }

    #[test]
    fn hidden_only_by_a_court_and_for_a_year_at_most() {
        let open = || CaseCheck::Open("P-1".into());
        let try_order = |order| decide("detective", &ask("investigate", order), open());
        assert_eq!(try_order(None), Err("office-court-needed"));
        assert_eq!(try_order(Some((" ", 30))), Err("office-court-needed"));
        assert_eq!(try_order(Some(("Court 12/26", 0))), Err("office-unseal-date"));
        assert_eq!(try_order(Some(("Court 12/26", -1))), Err("office-unseal-date"));
        assert_eq!(try_order(Some(("Court 12/26", 366))), Err("office-unseal-date"));
        let look = try_order(Some(("Court 12/26", 365))).unwrap().to_look(
            Id::from_bytes([1; 16]),
            "identity",
            &["name"],
        );
        assert_eq!(look.sealed_until, Some(NOW.plus_seconds(365 * 86_400)));
        assert_eq!(look.basis, "Registration Act, section 4; Court 12/26");
        assert_eq!(look.fields, ["name"]);
        let plain = ask("issue-card", Some(("Court 12/26", 30)));
        assert_eq!(decide("clerk", &plain, CaseCheck::None), Err("office-not-sealed"));
    }

    #[test]
    fn one_in_a_hundred_is_drawn_and_all_of_some_purposes() {
        let world = World::new(ManualClock::new(NOW), SeededRandom::new(11));
        let sampled = decide("clerk", &ask("issue-card", None), CaseCheck::None).unwrap();
        let drawn = (0..20_000).filter(|_| sampled.is_drawn(&world)).count();
        assert!((150..=250).contains(&drawn), "{drawn} of 20000");
        let always =
            decide("detective", &ask("investigate", Some(("C", 1))), CaseCheck::Open("P".into())).unwrap();
        assert!((0..100).all(|_| always.is_drawn(&world)));
    }

    #[test]
    fn unusual_is_one_more_than_usual() {
        assert!(!is_unusual(60, 60));
        assert!(is_unusual(61, 60));
    }
}
