//! The attestation object (§6.5.4), with the two statements that need no certificate: `none` (§8.7), and `packed` signed by the
//! credential itself (§8.2). Browsers may pass the latter on although none was asked for (§5.1.3 step 22).

use crate::Refusal;
use crate::auth_data::AuthData;
use minicbor::Decoder;
use minicbor::data::Type;

/// Most bytes of an attestation object.
pub const MAX_OBJECT: usize = 8192;

/// An attestation object, parsed.
#[derive(Clone, Debug)]
pub struct Object {
    /// What the authenticator says.
    pub data: AuthData,
    bytes: Vec<u8>,
    statement: Statement,
}

#[derive(Clone, Debug)]
enum Statement {
    None,
    Own { algorithm: i64, signature: Vec<u8> },
}

fn bad(_: minicbor::decode::Error) -> Refusal {
    Refusal::Data
}

impl Object {
    /// Parses the whole of it: nothing may follow, no member comes twice, none is unknown.
    ///
    /// # Errors
    /// [`Refusal::Data`], [`Refusal::Format`], [`Refusal::Attestation`], and those of [`AuthData::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_OBJECT {
            return Err(Refusal::Data);
        }
        let mut decoder = Decoder::new(bytes);
        if decoder.map().map_err(bad)? != Some(3) {
            return Err(Refusal::Data);
        }
        let (mut format, mut statement, mut data) = (None, None, None);
        for _ in 0..3 {
            match decoder.str().map_err(bad)? {
                "fmt" if format.is_none() => format = Some(decoder.str().map_err(bad)?),
                "attStmt" if statement.is_none() => {
                    let from = decoder.position();
                    decoder.skip().map_err(bad)?;
                    statement = bytes.get(from..decoder.position());
                }
                "authData" if data.is_none() => data = Some(decoder.bytes().map_err(bad)?),
                _ => return Err(Refusal::Data),
            }
        }
        let (Some(format), Some(statement), Some(data)) = (format, statement, data) else {
            return Err(Refusal::Data);
        };
        if decoder.position() != bytes.len() {
            return Err(Refusal::Data);
        }
        let statement = match format {
            // An empty map, and nothing else (§8.7).
            "none" if statement == [0xa0] => Statement::None,
            "none" => return Err(Refusal::Attestation),
            "packed" => own(statement)?,
            _ => return Err(Refusal::Format),
        };
        Ok(Self { data: AuthData::parse(data)?, bytes: data.to_vec(), statement })
    }

    /// Checks the statement (§7.1 step 23): one's own signature must be that of the new key (§8.2, "If x5c is not present").
    ///
    /// # Errors
    /// [`Refusal::Attestation`].
    pub fn check(&self, client_data_hash: &[u8; 32]) -> Result<(), Refusal> {
        let Statement::Own { algorithm, signature } = &self.statement else { return Ok(()) };
        let credential = self.data.attested.as_ref().ok_or(Refusal::Data)?;
        let signed = [self.bytes.as_slice(), client_data_hash].concat();
        if *algorithm != credential.key.algorithm() {
            return Err(Refusal::Attestation);
        }
        credential.key.verify(&signed, signature).map_err(|_| Refusal::Attestation)
    }
}

/// A `packed` statement without a certificate. One with a certificate is refused: nobody here knows whom to believe.
fn own(bytes: &[u8]) -> Result<Statement, Refusal> {
    let mut decoder = Decoder::new(bytes);
    let (mut algorithm, mut signature) = (None, None);
    for _ in 0..decoder.map().map_err(bad)?.ok_or(Refusal::Data)? {
        match (decoder.str().map_err(bad)?, decoder.datatype().map_err(bad)?) {
            ("alg", _) if algorithm.is_none() => algorithm = Some(decoder.i64().map_err(bad)?),
            ("sig", Type::Bytes) if signature.is_none() => {
                signature = Some(decoder.bytes().map_err(bad)?.to_vec());
            }
            ("x5c", _) => return Err(Refusal::Format),
            _ => return Err(Refusal::Attestation),
        }
    }
    match (algorithm, signature) {
        (Some(algorithm), Some(signature)) => Ok(Statement::Own { algorithm, signature }),
        _ => Err(Refusal::Attestation),
    }
}
