//! Asking a power supply how it is, through Network UPS Tools (RFC 9271, "Uninterruptible Power Supply (UPS) Management
//! Protocol").
//!
//! Only the reading half of the protocol is spoken: Daftar never switches a supply. One connection a reading, so that a server
//! that was started anew or hangs costs one reading and no more.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longest answer to one request, in bytes.
pub const ANSWER_BYTES: u64 = 64 * 1024;
/// How long a reading may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The port of a NUT server (RFC 9271 section 6).
pub const PORT: u16 = 3493;

/// Where a supply is asked: `ups@host` or `ups@host:port`, as NUT's own programs write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    /// Its name at the server.
    pub name: String,
    /// `host:port`.
    pub server: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NutError {
    /// The address is not `ups@host:port`.
    #[error("'{0}' is not the address of a supply. Write name@host or name@host:port")]
    Address(String),
    /// Nobody answers there, or not in time.
    #[error("the NUT server at {server} does not answer: {reason}")]
    Gone {
        /// Where.
        server: String,
        /// What the system says.
        reason: String,
    },
    /// The server refuses: a word of RFC 9271 section 4.3, such as `UNKNOWN-UPS` or `DATA-STALE`.
    #[error("the NUT server says {0}")]
    Refused(String),
    /// It says something the protocol does not know.
    #[error("the NUT server's answer makes no sense: {0}")]
    Nonsense(String),
}

impl Supply {
    /// Reads `name@host` or `name@host:port`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, NutError> {
        let odd = || NutError::Address(text.to_string());
        let (name, host) = text.split_once('@').ok_or_else(odd)?;
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if !plain(name) || !plain(host) {
            return Err(odd());
        }
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        // The brackets of an IPv6 address hold colons of its own.
        let server =
            if has_port && !host.ends_with(']') { host.to_string() } else { format!("{host}:{PORT}") };
        Ok(Self { name: name.to_string(), server })
    }

    /// All its variables.
    ///
    /// # Errors
    /// When it cannot be asked or does not answer in time.
    pub async fn variables(&self) -> Result<BTreeMap<String, String>, NutError> {
        tokio::time::timeout(PATIENCE, self.ask())
            .await
            .unwrap_or_else(|_| Err(self.gone(&format!("nothing for {} seconds", PATIENCE.as_secs()))))
    }

    async fn ask(&self) -> Result<BTreeMap<String, String>, NutError> {
        let failed = |error: std::io::Error| self.gone(&error.to_string());
        let mut stream = TcpStream::connect(&self.server).await.map_err(failed)?;
        stream.write_all(format!("LIST VAR {}\n", self.name).as_bytes()).await.map_err(failed)?;
        let mut lines = BufReader::new((&mut stream).take(ANSWER_BYTES)).lines();
        let mut list = List::new(&self.name);
        while let Some(line) = lines.next_line().await.map_err(failed)? {
            if list.take(&line)? {
                drop(lines);
                // A courtesy (RFC 9271 section 4.2.8): nothing hangs on it.
                let _ = stream.write_all(b"LOGOUT\n").await;
                return Ok(list.variables);
            }
        }
        Err(NutError::Nonsense("the list has no end".into()))
    }

    fn gone(&self, reason: &str) -> NutError {
        NutError::Gone { server: self.server.clone(), reason: reason.to_string() }
    }
}

/// A `LIST VAR` answer while it comes (RFC 9271 section 4.2.7.6).
struct List<'a> {
    name: &'a str,
    begun: bool,
    variables: BTreeMap<String, String>,
}

impl<'a> List<'a> {
    const fn new(name: &'a str) -> Self {
        Self { name, begun: false, variables: BTreeMap::new() }
    }

    /// Takes a line; true when it was the last.
    fn take(&mut self, line: &str) -> Result<bool, NutError> {
        let odd = || NutError::Nonsense(line.chars().take(200).collect());
        let words = words(line).ok_or_else(odd)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["ERR", reason, ..] => Err(NutError::Refused((*reason).to_string())),
            ["BEGIN", "LIST", "VAR", name] if !self.begun && *name == self.name => {
                self.begun = true;
                Ok(false)
            }
            ["VAR", name, variable, value] if self.begun && *name == self.name => {
                self.variables.insert((*variable).to_string(), (*value).to_string());
                Ok(false)
            }
            ["END", "LIST", "VAR", name] if self.begun && *name == self.name => Ok(true),
            _ => Err(odd()),
        }
    }
}

/// The words of a line; in quotes a word may hold spaces, and `\"` and `\\` stand for themselves (RFC 9271 section 4.1).
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim_end_matches('\r').chars().peekable();
    loop {
        while rest.next_if_eq(&' ').is_some() {}
        let Some(first) = rest.next() else { return Some(words) };
        let mut word = String::new();
        if first == '"' {
            loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => word.push(rest.next()?),
                    other => word.push(other),
                }
            }
        } else {
            word.push(first);
            while let Some(next) = rest.next_if(|next| *next != ' ') {
                word.push(next);
            }
        }
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let server = |text: &str| Supply::parse(text).map(|supply| supply.server).ok();
        assert_eq!(server("main@localhost").as_deref(), Some("localhost:3493"));
        assert_eq!(server("main@10.0.0.1:99").as_deref(), Some("10.0.0.1:99"));
        assert_eq!(server("main@[::1]").as_deref(), Some("[::1]:3493"));
        assert_eq!(server("main@[::1]:99").as_deref(), Some("[::1]:99"));
        for odd in ["", "main", "@host", "main@", "a b@host", "a\n@host", "a\"@host"] {
            assert_eq!(server(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn a_list_is_read_to_its_end() {
        let mut list = List::new("su700");
        let lines = [
            "BEGIN LIST VAR su700",
            "VAR su700 ups.status \"OL CHRG\"",
            "VAR su700 ups.mfr \"A \\\"B\\\" \\\\ C\"",
        ];
        for line in lines {
            assert!(!list.take(line).unwrap());
        }
        assert!(list.take("END LIST VAR su700").unwrap());
        assert_eq!(list.variables["ups.status"], "OL CHRG");
        assert_eq!(list.variables["ups.mfr"], "A \"B\" \\ C");
    }

    #[test]
    fn what_the_protocol_does_not_know_is_no_answer() {
        let first = |line: &str| List::new("su700").take(line);
        assert!(matches!(first("ERR DATA-STALE"), Err(NutError::Refused(word)) if word == "DATA-STALE"));
        for odd in [
            "",
            "VAR su700 a \"b\"",
            "END LIST VAR su700",
            "BEGIN LIST VAR other",
            "HTTP/1.1 400",
            "VAR su700 a \"b",
        ] {
            assert!(matches!(first(odd), Err(NutError::Nonsense(_))), "{odd}");
        }
    }
}
