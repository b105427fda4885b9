//! What an official may do, as dotted words that services declare and roles list.

/// A permission a service declares: roles in the country pack name its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Dotted code, service first: `identity.person.register`.
    pub code: &'static str,
    /// One line for whoever writes the roles.
    pub help: &'static str,
}

/// Create accounts of officials and send their links again. Whoever holds this is an administrator.
pub const ACCOUNT_CREATE: &str = "office.account.create";
/// Suspend and resume accounts of officials.
pub const ACCOUNT_SUSPEND: &str = "office.account.suspend";
/// Give officials a role in an office, and end it.
pub const ASSIGN: &str = "office.assignment.manage";
/// See who works where.
pub const ACCOUNT_SEE: &str = "office.account.see";
/// Open and close cases of the own agency.
pub const CASE_MANAGE: &str = "office.case.manage";
/// Answer complaints that were assigned to the own office.
pub const COMPLAINT_ANSWER: &str = "office.complaint.answer";
/// Review another office's look at a person.
pub const LOOK_REVIEW: &str = "office.look.review";
/// Ask for, or agree to, a look staying hidden longer than a court first ordered.
pub const SEAL_EXTEND: &str = "office.seal.extend";
/// See and close alarms about unusual readers.
pub const ALARM_SEE: &str = "office.alarm.see";

/// What this crate declares.
pub const PERMISSIONS: &[Permission] = &[
    Permission { code: ACCOUNT_CREATE, help: "create accounts of officials and send their links again" },
    Permission { code: ACCOUNT_SUSPEND, help: "suspend and resume accounts of officials" },
    Permission { code: ASSIGN, help: "give officials a role in an office, and end it" },
    Permission { code: ACCOUNT_SEE, help: "see who works where" },
    Permission { code: CASE_MANAGE, help: "open and close cases of the own agency" },
    Permission { code: COMPLAINT_ANSWER, help: "answer complaints assigned to the own office" },
    Permission { code: LOOK_REVIEW, help: "review another office's look at a person" },
    Permission {
        code: SEAL_EXTEND,
        help: "ask for, or agree to, a look staying hidden longer than a court first ordered",
    },
    Permission { code: ALARM_SEE, help: "see and close alarms about unusual readers" },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::is_permission;

    #[test]
    fn declared_once_and_well_formed() {
        for (i, p) in PERMISSIONS.iter().enumerate() {
            assert!(is_permission(p.code), "{}", p.code);
            assert!(PERMISSIONS[..i].iter().all(|q| q.code != p.code), "{} twice", p.code);
        }
    }
}
