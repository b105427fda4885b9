//! Lists of names, one TOML file a naming culture.

use crate::name::{BadName, Name};

/// How names are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Given name, family name.
    #[default]
    GivenFamily,
    /// Family name, given name.
    FamilyGiven,
    /// Given name, father's given name, family name.
    GivenFatherFamily,
    /// Given name, father's given name, grandfather's given name.
    GivenFatherGrandfather,
}

/// One list.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamePool {
    /// Version of this format; 1.
    pub format: u32,
    /// Language of the people, BCP 47.
    pub language: String,
    /// How many households, compared with the other lists.
    pub share: u32,
    /// How names are put together.
    #[serde(default)]
    pub style: Style,
    /// People in a thousand who have a single name.
    #[serde(default)]
    pub single_per_mille: u32,
    /// What stands between the parts.
    #[serde(default = "space")]
    pub between: String,
    /// Given names of women and girls.
    pub female: Vec<String>,
    /// Given names of men and boys.
    pub male: Vec<String>,
    /// Family names; may be empty where there are none.
    #[serde(default)]
    pub family: Vec<String>,
    /// Words an address may be made of, such as names of streets or landmarks.
    #[serde(default)]
    pub landmarks: Vec<String>,
}

fn space() -> String {
    " ".into()
}

/// Why a list of names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadPool {
    /// Not TOML, an unknown key, or a wrong type.
    #[error("the name list is no TOML of the expected form: {0}")]
    Toml(#[from] toml::de::Error),
    /// Another version.
    #[error("the name list has format {0}; this program reads format 1")]
    Format(u32),
    /// A list that is empty.
    #[error("the name list needs at least one name in `{0}`")]
    Empty(&'static str),
    /// A name that is none.
    #[error("the name list holds '{name}': {fault}")]
    Name {
        /// The text.
        name: String,
        /// What is wrong.
        fault: BadName,
    },
}

impl NamePool {
    /// Reads a list.
    ///
    /// # Errors
    /// When it is malformed, empty, or holds what is no name.
    pub fn parse(text: &str) -> Result<Self, BadPool> {
        let pool: Self = toml::from_str(text)?;
        if pool.format != 1 {
            return Err(BadPool::Format(pool.format));
        }
        for (list, which) in [(&pool.female, "female"), (&pool.male, "male")] {
            if list.is_empty() {
                return Err(BadPool::Empty(which));
            }
        }
        let needs_family = !matches!(pool.style, Style::GivenFatherGrandfather);
        if needs_family && pool.family.is_empty() {
            return Err(BadPool::Empty("family"));
        }
        for name in pool.female.iter().chain(&pool.male).chain(&pool.family) {
            Name::parse(name).map_err(|fault| BadPool::Name { name: name.clone(), fault })?;
        }
        Ok(pool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named() {
        let fault = |text: &str| NamePool::parse(text).unwrap_err().to_string();
        let good = "format = 1\nlanguage = 'en'\nshare = 1\nfemale = ['A']\nmale = ['B']\nfamily = ['C']\n";
        assert!(NamePool::parse(good).is_ok());
        assert!(fault(&good.replace("format = 1", "format = 2")).contains("format 2"));
        assert!(fault(&good.replace("['A']", "[]")).contains("female"));
        assert!(fault(&good.replace("['C']", "[]")).contains("family"));
        assert!(fault(&good.replace("['C']", "['<']")).contains("'<'"));
        assert!(fault(&good.replace("share", "shaer")).contains("shaer"));
    }
}
