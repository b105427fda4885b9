//! A small mail server that speaks just enough SMTP (RFC 5321) and remembers what it was told.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

/// What the server saw of one conversation.
#[derive(Clone, Default, Debug)]
pub struct Seen {
    /// Commands as they came.
    pub commands: Vec<String>,
    /// The message: header and body with its CR LF and doubled dots; empty when there was none.
    pub data: String,
}

impl Seen {
    /// A header's value, unfolded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split_once("\r\n\r\n").map_or(self.data.as_str(), |(head, _)| head);
        let head = head.replace("\r\n ", " ");
        let found = head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.map(str::to_string)
    }
}

/// A command's beginning and the reply it gets instead of the usual one.
pub type Refusal = (&'static str, &'static str);

/// One conversation from its greeting to its end. A client that breaks off ends it.
///
/// # Panics
/// When a line of the message does not end with CR LF.
pub fn converse(stream: &mut (impl Read + Write), refuse: Option<Refusal>) -> Seen {
    let mut seen = Seen::default();
    if stream.write_all(b"220 mail.test ESMTP\r\n").is_err() {
        return seen;
    }
    loop {
        let command = read_line(stream).trim_end().to_string();
        let reply = match refuse.filter(|(start, _)| command.starts_with(start)) {
            _ if command.is_empty() => return seen,
            Some((_, reply)) => format!("{reply}\r\n"),
            None if command.starts_with("EHLO") => "250-mail.test\r\n250 8BITMIME\r\n".to_string(),
            None if command == "DATA" => "354 go on\r\n".to_string(),
            None if command == "QUIT" => "221 bye\r\n".to_string(),
            None => "250 OK\r\n".to_string(),
        };
        let data = command == "DATA" && reply.starts_with("354");
        seen.commands.push(command.clone());
        if stream.write_all(reply.as_bytes()).is_err() || command == "QUIT" {
            return seen;
        }
        if data {
            loop {
                let text = read_line(stream);
                assert!(text.ends_with("\r\n"), "every line ends with CR LF: {text:?}");
                if text == ".\r\n" {
                    break;
                }
                seen.data.push_str(&text);
            }
            if stream.write_all(b"250 taken\r\n").is_err() {
                return seen;
            }
        }
    }
}

/// One line; nothing at the end of the conversation or when the handshake fails.
fn read_line(stream: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        line.push(byte[0]);
    }
    String::from_utf8_lossy(&line).into_owned()
}

/// A server on a free port of this machine that takes one conversation after another, until the test ends.
#[derive(Clone)]
pub struct MailServer {
    /// Where it listens.
    pub port: u16,
    mails: Arc<Mutex<Vec<Seen>>>,
    refusal: Arc<Mutex<Option<Refusal>>>,
}

impl MailServer {
    /// Starts it.
    ///
    /// # Panics
    /// When this machine has no free port.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot have its mail server must stop")]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = Self { port, mails: Arc::default(), refusal: Arc::default() };
        let here = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let refusal = *here.refusal.lock().unwrap_or_else(PoisonError::into_inner);
                // Held while they talk: who asks for the mails after a message was taken waits for the end of
                // its conversation and finds it.
                let mut mails = here.mails.lock().unwrap_or_else(PoisonError::into_inner);
                mails.push(converse(&mut stream, refusal));
            }
        });
        server
    }
    /// From now on a command gets another reply; none: everything is taken.
    pub fn refuse(&self, refusal: Option<Refusal>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }
    /// The conversations so far in which a message was taken; waits for the end of one that goes on.
    #[must_use]
    pub fn mails(&self) -> Vec<Seen> {
        let all = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|seen| !seen.data.is_empty()).cloned().collect()
    }
}
