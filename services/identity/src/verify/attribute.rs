//! What a partner may ask about: a closed list. There is no attribute for the national number, and none for anything the
//! register must not know.

use std::collections::BTreeSet;

/// One thing about a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Attribute {
    /// The name, compared as the register folds names.
    Name,
    /// The date of birth, as exact as either side knows it.
    Born,
    /// Whether somebody has reached an age.
    OverAge,
    /// Sex as the papers say it.
    Sex,
    /// Place of birth.
    BirthPlace,
    /// The place somebody lives in; never the street.
    AddressPlace,
    /// Whether the register believes the person alive.
    Alive,
    /// Whether the card is valid now.
    CardValid,
    /// The photo: released with consent, never compared.
    Photo,
}

impl Attribute {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Born,
        Self::OverAge,
        Self::Sex,
        Self::BirthPlace,
        Self::AddressPlace,
        Self::Alive,
        Self::CardValid,
        Self::Photo,
    ];
    /// The word on the wire and in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Born => "born",
            Self::OverAge => "over_age",
            Self::Sex => "sex",
            Self::BirthPlace => "birth_place",
            Self::AddressPlace => "address_place",
            Self::Alive => "alive",
            Self::CardValid => "card_valid",
            Self::Photo => "photo",
        }
    }
    /// The attribute of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.word() == word)
    }
    /// The field of the access register when a claim was compared: the citizen reads that a claim was checked, not shown.
    #[must_use]
    pub const fn checked_field(self) -> &'static str {
        match self {
            Self::Name => "checked_name",
            Self::Born => "checked_born",
            Self::OverAge => "checked_over_age",
            Self::Sex => "checked_sex",
            Self::BirthPlace => "checked_birth_place",
            Self::AddressPlace => "checked_address_place",
            Self::Alive => "checked_alive",
            Self::CardValid => "checked_card_valid",
            Self::Photo => "photo",
        }
    }
    /// The field of the access register when it was handed over.
    #[must_use]
    pub const fn shown_field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Born => "born",
            Self::Sex => "sex",
            Self::BirthPlace => "birth_place",
            Self::AddressPlace => "address",
            Self::Photo => "photo",
            // Of these only a yes or no is handed over.
            other => other.checked_field(),
        }
    }
}

/// A set of attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub BTreeSet<Attribute>);

impl Attributes {
    /// From a column; a word we do not know any more opens nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.split(' ').filter_map(Attribute::from_word).collect())
    }
    /// For a column.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.words().join(" ")
    }
    /// The words, in the order of [`Attribute::ALL`].
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|attribute| attribute.word()).collect()
    }
    /// Whether the other set holds all of this one.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
    /// Whether it holds one.
    #[must_use]
    pub fn has(&self, attribute: Attribute) -> bool {
        self.0.contains(&attribute)
    }
    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Attribute> for Attributes {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        Self(attributes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_and_nothing_else_does() {
        let all: Attributes = Attribute::ALL.into_iter().collect();
        assert_eq!(Attributes::parse(&all.to_text()), all);
        assert_eq!(Attributes::parse("name number Name photo").words(), ["name", "photo"]);
        assert!(Attributes::parse("").is_empty());
        assert!(Attributes::parse("name").within(&all) && !all.within(&Attributes::parse("name")));
    }

    #[test]
    fn no_attribute_leads_to_the_number() {
        for attribute in Attribute::ALL {
            for field in [attribute.checked_field(), attribute.shown_field()] {
                assert!(!["number", "card", "history", "standing", "contacts"].contains(&field));
            }
        }
    }
}
