//! What this crate's tests share.

use crate::roster::{Agency, Complaints, Label, Office, Parts, Purpose, Review, Role, Roster, Sealed};
use daftar_kernel::Lang;
use std::sync::Arc;

fn office(code: &str, agency: &str, roles: &[&str]) -> Office {
    Office {
        code: code.into(),
        agency: agency.into(),
        label: Label::english(code),
        place: None,
        roles: roles.iter().map(|r| (*r).to_string()).collect(),
    }
}

fn role(code: &str, permissions: &[&str], purposes: &[&str]) -> Role {
    Role {
        code: code.into(),
        label: Label::english(code),
        permissions: permissions.iter().map(|p| (*p).to_string()).collect(),
        purposes: purposes.iter().map(|p| (*p).to_string()).collect(),
        looks_per_hour: 3,
    }
}

fn purpose(code: &str, needs_case: bool, sealed: Sealed, review: Review) -> Purpose {
    let basis = "Registration Act, section 4".to_string();
    let extended_by = match sealed {
        Sealed::Court => vec!["answerer".into()],
        Sealed::None => Vec::new(),
    };
    Purpose {
        code: code.into(),
        label: Label::english(code),
        basis,
        needs_case,
        sealed,
        review,
        extended_by,
        partners: false,
    }
}

/// A small country: a registry, the police, a ministry, an ombudsman and a court.
pub fn parts() -> Parts {
    use crate::permission as p;
    let agency = |code: &str| Agency { code: code.into(), label: Label::english(code) };
    Parts {
        agencies: ["registry", "police", "ministry", "ombudsman", "court"].map(agency).into(),
        offices: vec![
            office("registry-north", "registry", &["clerk"]),
            office("registry-south", "registry", &["clerk", "reviewer"]),
            office("police-centre", "police", &["detective"]),
            office("ministry-it", "ministry", &["admin"]),
            office("ombudsman-desk", "ombudsman", &["answerer"]),
            office("court-desk", "court", &["answerer"]),
        ],
        roles: vec![
            role(
                "admin",
                &[p::ACCOUNT_CREATE, p::ACCOUNT_SUSPEND, p::ASSIGN, p::ACCOUNT_SEE, p::ALARM_SEE],
                &[],
            ),
            role("clerk", &[p::CASE_MANAGE], &["issue-card"]),
            role("detective", &[p::CASE_MANAGE, p::SEAL_EXTEND], &["investigate"]),
            role("reviewer", &[p::LOOK_REVIEW, p::ALARM_SEE], &[]),
            role("answerer", &[p::COMPLAINT_ANSWER, p::SEAL_EXTEND], &[]),
        ],
        purposes: vec![
            purpose("issue-card", false, Sealed::None, Review::Sampled),
            purpose("investigate", true, Sealed::Court, Review::Always),
        ],
        complaints: Complaints { desks: vec!["ombudsman-desk".into(), "court-desk".into()], answer_days: 30 },
    }
}

/// The same, checked.
pub fn roster() -> Arc<Roster> {
    Arc::new(Roster::new(parts(), &[Lang::english()], crate::permission::PERMISSIONS).unwrap())
}
