//! Reading and writing the byte layout: every length is checked against what is there before anything is taken.

use crate::fault::Fault;

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, bytes: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(Fault::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }
    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::Truncated)
    }
    pub(crate) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_be_bytes(self.fixed()?))
    }
    pub(crate) fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.fixed()?))
    }
    pub(crate) fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(self.fixed()?))
    }
    /// A length of four bytes and so many bytes, at most `limit`.
    pub(crate) fn part(&mut self, limit: usize, what: &'static str) -> Result<&'a [u8], Fault> {
        let length = u32::from_be_bytes(self.fixed()?);
        let length = usize::try_from(length).map_err(|_| Fault::Limit(what))?;
        if length > limit {
            return Err(Fault::Limit(what));
        }
        self.take(length)
    }
    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(Fault::Malformed("bytes behind the end")) }
    }
}

/// Writes a length of four bytes and the bytes, at most `limit`.
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8], limit: usize, what: &'static str) -> Result<(), Fault> {
    if bytes.len() > limit {
        return Err(Fault::Limit(what));
    }
    let length = u32::try_from(bytes.len()).map_err(|_| Fault::Limit(what))?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}
