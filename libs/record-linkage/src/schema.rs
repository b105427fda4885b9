//! What the fields of a record are.

/// Fields of a schema.
pub const MAX_FIELDS: usize = 12;

/// What a field holds; it decides how two values are compared and which keys it takes part in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person's name, in any order and number of parts.
    Name,
    /// A date, `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; the first of January may stand for the year.
    Date,
    /// A place: a text that has variants, such as a town and the county around it.
    Place,
    /// A code whose beginning means more than its end: a postcode, a number of a household.
    Code,
    /// One of few values: sex, occupation.
    Category,
}

impl Kind {
    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Date => "date",
            Self::Place => "place",
            Self::Code => "code",
            Self::Category => "category",
        }
    }
}

/// One field.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Field {
    /// Its name, for explanations.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// The fields of all records that are linked with each other.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Field>", into = "Vec<Field>")]
pub struct Schema(Vec<Field>);

/// Why fields make no schema.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadSchema {
    /// Nothing says who somebody is.
    #[error("a schema needs a field of kind name")]
    NoName,
    /// Every key is a combination: a name alone finds nobody.
    #[error("a schema needs a second field beside the name: nobody is found by a name alone")]
    OnlyName,
    /// More than [`MAX_FIELDS`].
    #[error("a schema has at most 12 fields")]
    TooMany,
    /// Two fields of one name.
    #[error("two fields are called {0}")]
    Twice(String),
}

impl Schema {
    /// Makes a schema.
    ///
    /// # Errors
    /// When a rule of [`BadSchema`] is broken.
    pub fn new(fields: Vec<Field>) -> Result<Self, BadSchema> {
        if fields.len() > MAX_FIELDS {
            return Err(BadSchema::TooMany);
        }
        for (place, field) in fields.iter().enumerate() {
            if fields[place + 1..].iter().any(|other| other.name == field.name) {
                return Err(BadSchema::Twice(field.name.clone()));
            }
        }
        if !fields.iter().any(|field| field.kind == Kind::Name) {
            return Err(BadSchema::NoName);
        }
        if fields.len() < 2 {
            return Err(BadSchema::OnlyName);
        }
        Ok(Self(fields))
    }
    /// The fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.0
    }
}

impl TryFrom<Vec<Field>> for Schema {
    type Error = BadSchema;
    fn try_from(fields: Vec<Field>) -> Result<Self, BadSchema> {
        Self::new(fields)
    }
}
impl From<Schema> for Vec<Field> {
    fn from(schema: Schema) -> Self {
        schema.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(kinds: &[Kind]) -> Vec<Field> {
        kinds.iter().enumerate().map(|(n, kind)| Field { name: format!("f{n}"), kind: *kind }).collect()
    }

    #[test]
    fn rules_of_a_schema() {
        assert!(Schema::new(fields(&[Kind::Name, Kind::Date])).is_ok());
        assert_eq!(Schema::new(fields(&[Kind::Date, Kind::Code])), Err(BadSchema::NoName));
        assert_eq!(Schema::new(fields(&[Kind::Name])), Err(BadSchema::OnlyName));
        assert!(Schema::new(fields(&[Kind::Name; MAX_FIELDS])).is_ok());
        assert_eq!(Schema::new(fields(&[Kind::Name; MAX_FIELDS + 1])), Err(BadSchema::TooMany));
        let mut twice = fields(&[Kind::Name, Kind::Date]);
        twice[1].name = "f0".into();
        assert_eq!(Schema::new(twice), Err(BadSchema::Twice("f0".into())));
    }
}
