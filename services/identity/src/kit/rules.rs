//! What becomes of a packet that opened and whose signatures hold. Pure: facts in, verdict out.

use enrolment_packet::chain::Standing;

/// Why a packet waits for an official's decision. The first that applies is the one that is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Hold {
    /// Another packet of the same installation has its place: the device was copied, or brought back to an older state.
    Fork,
    /// The kit was withdrawn before it arrived.
    KitWithdrawn,
    /// It was made after the kit's time had ended.
    KitEnded,
    /// The operator's key is not among those allowed with this kit.
    OperatorUnknown,
    /// The operator has no role that may register people any more.
    OperatorEnded,
    /// What the form said breaks the rules of the register, or does not read.
    Entry,
    /// The photo is none that can be kept.
    Photo,
    /// A document is none that can be kept.
    Document,
    /// Somebody alike is in the register: perhaps registered meanwhile elsewhere, or by another kit.
    Double,
    /// Nobody answers for a child, or a card of somebody who should does not fit.
    Guardian,
}

impl Hold {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Fork,
        Self::KitWithdrawn,
        Self::KitEnded,
        Self::OperatorUnknown,
        Self::OperatorEnded,
        Self::Entry,
        Self::Photo,
        Self::Document,
        Self::Double,
        Self::Guardian,
    ];
    /// The word in the table and in acknowledgements; pages use the message `identity-hold-<word>`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::KitWithdrawn => "kit-withdrawn",
            Self::KitEnded => "kit-ended",
            Self::OperatorUnknown => "operator-unknown",
            Self::OperatorEnded => "operator-ended",
            Self::Entry => "entry",
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Double => "double",
            Self::Guardian => "guardian",
        }
    }
}

/// What is known of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Where it stands in its chain. A replay never comes here: it is answered as before.
    pub standing: Standing,
    /// Whether the kit was withdrawn.
    pub withdrawn: bool,
    /// Whether it was made after the kit's time.
    pub ended: bool,
    /// Whether the operator is one of the kit's.
    pub operator_known: bool,
    /// Whether the operator may register people today, where they could when the kit was allowed.
    pub operator_may: bool,
    /// Whether the entry passes the register's rules.
    pub entry_good: bool,
    /// Whether the photo, if there is one, can be kept.
    pub photo_good: bool,
    /// Whether every document, if there are any, can be kept.
    pub documents_good: bool,
    /// How many in the register may be the same person.
    pub alike: usize,
    /// Whether those who must stand beside the person do.
    pub guarded: bool,
}

/// Why the packet is held; `None`: the person is registered.
#[must_use]
pub const fn hold(facts: &Facts) -> Option<Hold> {
    if matches!(facts.standing, Standing::Fork) {
        Some(Hold::Fork)
    } else if facts.withdrawn {
        Some(Hold::KitWithdrawn)
    } else if facts.ended {
        Some(Hold::KitEnded)
    } else if !facts.operator_known {
        Some(Hold::OperatorUnknown)
    } else if !facts.operator_may {
        Some(Hold::OperatorEnded)
    } else if !facts.entry_good {
        Some(Hold::Entry)
    } else if !facts.photo_good {
        Some(Hold::Photo)
    } else if !facts.documents_good {
        Some(Hold::Document)
    } else if facts.alike > 0 {
        Some(Hold::Double)
    } else if !facts.guarded {
        Some(Hold::Guardian)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Facts = Facts {
        standing: Standing::Next,
        withdrawn: false,
        ended: false,
        operator_known: true,
        operator_may: true,
        entry_good: true,
        photo_good: true,
        documents_good: true,
        alike: 0,
        guarded: true,
    };

    #[test]
    fn each_fact_alone_holds_and_the_gravest_is_said() {
        assert_eq!(hold(&GOOD), None);
        assert_eq!(
            hold(&Facts { standing: Standing::Gap, ..GOOD }),
            None,
            "a gap is listed, nobody suffers for it"
        );
        let single = [
            Facts { standing: Standing::Fork, ..GOOD },
            Facts { withdrawn: true, ..GOOD },
            Facts { ended: true, ..GOOD },
            Facts { operator_known: false, ..GOOD },
            Facts { operator_may: false, ..GOOD },
            Facts { entry_good: false, ..GOOD },
            Facts { photo_good: false, ..GOOD },
            Facts { documents_good: false, ..GOOD },
            Facts { alike: 1, ..GOOD },
            Facts { guarded: false, ..GOOD },
        ];
        for (facts, expected) in single.iter().zip(Hold::ALL) {
            assert_eq!(hold(facts), Some(expected));
        }
        let all = Facts {
            standing: Standing::Fork,
            withdrawn: true,
            ended: true,
            operator_known: false,
            operator_may: false,
            entry_good: false,
            photo_good: false,
            documents_good: false,
            alike: 9,
            guarded: false,
        };
        assert_eq!(hold(&all), Some(Hold::Fork));
    }
}
