//! Everything that can be wrong with a packet, a statement or a wrapped key.

/// What is wrong. None carries anything that a packet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than a packet may have.
    #[error("larger than {} bytes", crate::packet::PACKET_BYTES_MAX)]
    TooLarge,
    /// It ends before its own lengths say so.
    #[error("cut short")]
    Truncated,
    /// The first bytes are not those of a packet.
    #[error("not an enrolment packet")]
    NotAPacket,
    /// A version this program does not know.
    #[error("format version {0}, and only {ours} is known here", ours = crate::packet::VERSION)]
    Version(u16),
    /// Sealed for a registry key that is not the one at hand.
    #[error("sealed for another registry's key")]
    OtherKey,
    /// It does not open: bytes were changed, or it was sealed for somebody else.
    #[error("does not open: bytes were changed")]
    Sealed,
    /// The device's signature does not hold.
    #[error("the device's signature does not hold")]
    DeviceSignature,
    /// The operator's signature does not hold.
    #[error("the operator's signature does not hold")]
    OperatorSignature,
    /// A statement's signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// What was sealed is not laid out as the format says.
    #[error("the content is not laid out as the format says: {0}")]
    Malformed(&'static str),
    /// A part is larger than its named limit, or there are too many parts.
    #[error("over the limit of {0}")]
    Limit(&'static str),
    /// A key of the wrong form.
    #[error("not a usable key")]
    Key,
    /// The PIN does not open the key, or the file was changed.
    #[error("the PIN does not open the key")]
    Pin,
    /// The PIN is too short, too long or of a single sign.
    #[error(
        "a PIN has {} to {} characters and not all the same",
        crate::pin::PIN_CHARS_MIN,
        crate::pin::PIN_CHARS_MAX
    )]
    WeakPin,
}

impl Fault {
    /// The stable word of lists and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Truncated => "truncated",
            Self::NotAPacket => "not-a-packet",
            Self::Version(_) => "version",
            Self::OtherKey => "other-key",
            Self::Sealed => "sealed",
            Self::DeviceSignature => "device-signature",
            Self::OperatorSignature => "operator-signature",
            Self::Signature => "signature",
            Self::Malformed(_) => "malformed",
            Self::Limit(_) => "limit",
            Self::Key => "key",
            Self::Pin => "pin",
            Self::WeakPin => "weak-pin",
        }
    }
}
