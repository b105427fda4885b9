//! Settings of an installation: built-in defaults, then one TOML file, then environment variables; every value
//! remembers where it comes from. Unknown keys are refused, secrets come only from files named by a setting.

use std::collections::BTreeMap;

/// Beginnings of variables that belong to tests, judges and benches, not to an installation.
const TOOLS: [&str; 7] = [
    "DAFTAR_TEST",
    "DAFTAR_DATA",
    "DAFTAR_JUDGE",
    "DAFTAR_BENCH",
    "DAFTAR_ROOT",
    "DAFTAR_BIN",
    "DAFTAR_PG_BIN",
];

/// One setting an installation can make.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Dotted key as in the file, e.g. `store.url`; the environment variable is `DAFTAR_STORE_URL`.
    pub key: &'static str,
    /// The value without any setting.
    pub default: &'static str,
    /// One line for the operator.
    pub help: &'static str,
}

impl Setting {
    /// The environment variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("DAFTAR_{}", self.key.replace(['.', '-'], "_").to_uppercase())
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// The settings file of this name.
    File(String),
    /// The environment variable of this name.
    Environment(String),
}

/// Why settings could not be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is not TOML.
    #[error("{file}: not TOML: {message}. Mend the line named and start again")]
    Toml {
        /// Name of the file.
        file: String,
        /// The parser's words, with line and column.
        message: String,
    },
    /// A key nobody reads: most often a spelling mistake, which must not pass in silence.
    #[error("{file}: unknown setting '{key}'. `daftar config explain` lists the known ones")]
    Unknown {
        /// Name of the file, or `environment`.
        file: String,
        /// The key or variable.
        key: String,
    },
    /// A value that is neither text, number nor boolean.
    #[error("{file}: setting '{key}' must be a text, a whole number or true/false")]
    NotScalar {
        /// Name of the file.
        file: String,
        /// The key.
        key: String,
    },
    /// A value that does not parse as what its reader needs.
    #[error("setting '{key}' = '{value}' is not {expected}")]
    Value {
        /// The key.
        key: String,
        /// What it holds.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// All values, each with its source.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Source)>,
}

impl Settings {
    /// Reads the three layers. `file` is a name for messages and the text, when there is a file; `environment`
    /// holds all variables of the process.
    ///
    /// # Errors
    /// For a broken file, an unknown key in it, or an unknown `DAFTAR_` variable.
    pub fn read(
        known: &[Setting],
        file: Option<(&str, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut values: BTreeMap<_, _> =
            known.iter().map(|s| (s.key, (s.default.to_string(), Source::Default))).collect();
        if let Some((name, text)) = file {
            let table: toml::Table = text.parse().map_err(|e: toml::de::Error| SettingsError::Toml {
                file: name.into(),
                message: e.to_string().replace('\n', " "),
            })?;
            for (key, value) in flatten("", &table) {
                let Some(setting) = known.iter().find(|s| s.key == key) else {
                    return Err(SettingsError::Unknown { file: name.into(), key });
                };
                let text = match value {
                    toml::Value::String(s) => s.clone(),
                    toml::Value::Integer(i) => i.to_string(),
                    toml::Value::Boolean(b) => b.to_string(),
                    _ => return Err(SettingsError::NotScalar { file: name.into(), key }),
                };
                values.insert(setting.key, (text, Source::File(name.into())));
            }
        }
        for (variable, value) in environment {
            if !variable.starts_with("DAFTAR_") || TOOLS.iter().any(|prefix| variable.starts_with(prefix)) {
                continue;
            }
            match known.iter().find(|s| s.variable() == variable) {
                Some(setting) => values.insert(setting.key, (value, Source::Environment(variable))),
                None => return Err(SettingsError::Unknown { file: "environment".into(), key: variable }),
            };
        }
        Ok(Self { values })
    }
    /// Another default for a known key: what a file or the environment says stays.
    pub fn otherwise(&mut self, key: &str, default: &str) {
        for (_, (value, source)) in self.values.iter_mut().filter(|(known, _)| **known == key) {
            if *source == Source::Default {
                *value = default.to_string();
            }
        }
    }
    /// The value of a known key; empty for an unknown one.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.values.get(key).map_or("", |(value, _)| value)
    }
    /// The value as another type.
    ///
    /// # Errors
    /// When it does not parse; `expected` says what it should be, e.g. `a whole number of seconds`.
    pub fn parse<T: std::str::FromStr>(&self, key: &str, expected: &'static str) -> Result<T, SettingsError> {
        let value = self.get(key);
        value.parse().map_err(|_| SettingsError::Value { key: key.into(), value: value.into(), expected })
    }
    /// Every key with its value and source, for `daftar config explain`.
    pub fn explain(&self) -> impl Iterator<Item = (&'static str, &str, &Source)> {
        self.values.iter().map(|(key, (value, source))| (*key, value.as_str(), source))
    }
}

fn flatten<'a>(prefix: &str, table: &'a toml::Table) -> Vec<(String, &'a toml::Value)> {
    let mut out = Vec::new();
    for (key, value) in table {
        let full = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => out.extend(flatten(&full, inner)),
            other => out.push((full, other)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Setting] = &[
        Setting { key: "store.url", default: "sqlite:daftar.db", help: "where the data lies" },
        Setting { key: "http.port", default: "8080", help: "port" },
    ];

    #[test]
    fn later_layers_win_and_say_so() {
        let env = [("DAFTAR_HTTP_PORT".to_string(), "9".to_string()), ("HOME".into(), "/x".into())];
        let s = Settings::read(KNOWN, Some(("d.toml", "[http]\nport = 7\n[store]\nurl='x'")), env).unwrap();
        assert_eq!((s.get("store.url"), s.get("http.port")), ("x", "9"));
        let sources: Vec<_> = s.explain().map(|(_, _, source)| source.clone()).collect();
        assert_eq!(sources, [Source::Environment("DAFTAR_HTTP_PORT".into()), Source::File("d.toml".into())]);
        assert_eq!(s.parse::<u16>("http.port", "a port"), Ok(9));
        let mut other = s.clone();
        other.otherwise("http.port", "1");
        assert_eq!(other.get("http.port"), "9", "the environment says so");
        assert!(s.parse::<u16>("store.url", "a port").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        let none: [(String, String); 0] = [];
        let read = |text| Settings::read(KNOWN, Some(("d.toml", text)), none.clone()).unwrap_err();
        assert!(matches!(read("[store]\nulr='x'"), SettingsError::Unknown { key, .. } if key == "store.ulr"));
        assert!(matches!(read("x ="), SettingsError::Toml { .. }));
        assert!(matches!(read("[store]\nurl=[1]"), SettingsError::NotScalar { .. }));
        let env = [("DAFTAR_STOER_URL".to_string(), "x".to_string())];
        assert!(Settings::read(KNOWN, None, env).is_err());
    }
}
