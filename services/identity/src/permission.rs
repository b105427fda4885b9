//! What roles in the country pack may be given.

use daftar_office::Permission;

/// Register people.
pub const REGISTER: &str = "identity.person.register";
/// Find and read people.
pub const READ: &str = "identity.person.read";
/// Correct a person's record.
pub const CORRECT: &str = "identity.person.correct";
/// Ask for a person's data to be erased, approve it, and carry it out.
pub const ERASE: &str = "identity.person.erase";
/// Give a citizen a code to claim their account with.
pub const ACTIVATE: &str = "identity.account.activate";
/// Issue and replace cards, and print certificates.
pub const CARD: &str = "identity.card.issue";
/// Compare two records that may be one person, and decide it with a second official.
pub const DOUBLE: &str = "identity.double.decide";
/// Bring in an old register.
pub const IMPORT: &str = "identity.import.run";

/// Ask for a record to be suspended, marked as deceit or a death undone, and the contrary, or for a court's decision about a guardian;
/// approve it and carry it out.
pub const SUSPEND: &str = "identity.person.suspend";

/// Register and withdraw services that people sign in to.
pub const CLIENT: &str = "identity.client.register";

/// Allow and withdraw kits for offline enrolment, and decide about packets that are held.
pub const KIT: &str = "identity.kit.manage";

/// Do for somebody, who agrees to that one thing, what they could do themselves.
pub const ASSIST: &str = "identity.person.assist";

/// What this service declares.
pub const PERMISSIONS: &[Permission] = &[
    Permission { code: REGISTER, help: "register people" },
    Permission { code: READ, help: "find and read people, through the access gate" },
    Permission { code: CORRECT, help: "correct a person's record" },
    Permission { code: ERASE, help: "ask for a person's data to be erased, approve it, and carry it out" },
    Permission { code: ACTIVATE, help: "give a citizen a code to claim their account with" },
    Permission { code: CARD, help: "issue and replace cards, and print certificates" },
    Permission { code: IMPORT, help: "bring in an old register" },
    Permission {
        code: DOUBLE,
        help: "compare two records that may be one person, and decide it with a second official",
    },
    Permission {
        code: SUSPEND,
        help: "ask for a record to be suspended, marked or a death undone, approve it, carry it out",
    },
    Permission { code: CLIENT, help: "register and withdraw services that people sign in to" },
    Permission {
        code: KIT,
        help: "allow and withdraw kits for offline enrolment, and decide about held packets",
    },
    Permission { code: ASSIST, help: "do one thing for a person who agrees to it at the counter" },
];

#[cfg(test)]
mod tests {
    #[test]
    fn declared_once() {
        for (i, p) in super::PERMISSIONS.iter().enumerate() {
            assert!(super::PERMISSIONS[..i].iter().all(|q| q.code != p.code), "{} twice", p.code);
            assert!(p.code.starts_with("identity."));
        }
    }
}
