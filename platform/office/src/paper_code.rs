//! Codes that stand on paper and open something without an account, such as a refusal: ten signs and a check sign, derived
//! from what they open, so that none is stored. Tries are counted by network prefix together with activation codes.

use crate::office::Office;
use crate::{Source, allowance, code};
use daftar_kernel::{Id, Problem};
use daftar_store::Tx;

impl Office {
    /// The code of a thing as it is printed: `ABCDE-FGHJK-M`. The same thing has the same code for ever; without the
    /// installation's keys nobody can compute it. `kind` keeps things of different kinds apart.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn paper_code(&self, kind: &str, thing: Id) -> Result<String, Problem> {
        let keyed = self.keyed("office-paper-code", &[kind.as_bytes(), thing.as_bytes()])?;
        // 31^10 lies far below 2^64: the rest of the division is as good as random.
        let mut number = keyed.iter().take(8).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        let signs: String = (0..code::CODE_SIGNS)
            .map(|_| {
                let sign = usize::try_from(number % 31).unwrap_or(0);
                number /= 31;
                char::from(code::ALPHABET[sign])
            })
            .collect();
        code::printed(&signs).ok_or_else(|| Problem::internal("a paper code of odd signs"))
    }

    /// Whether somebody without an account may begin one more thing of this kind, which then lies in a table for a while.
    ///
    /// # Errors
    /// `office-slow` after 300 in an hour from one network prefix.
    pub async fn may_begin(&self, tx: &mut Tx, kind: &str, source: Source) -> Result<(), Problem> {
        let parts: [&[u8]; 2] = [kind.as_bytes(), source.as_bytes()];
        let counter = [self.counter("beginning", allowance::BEGINNINGS, &parts, false)?];
        allowance::charge(tx, &counter, self.now()).await
    }

    /// Whether a typed code is that of the thing. A slip of the keyboard fails the check sign and costs no try; every other
    /// wrong code does. The answer must be committed either way: call it in a write that succeeds.
    ///
    /// # Errors
    /// `office-slow` after too many wrong tries from one network prefix.
    pub async fn paper_code_fits(
        &self,
        tx: &mut Tx,
        (kind, thing): (&str, Option<Id>),
        typed: &str,
        source: Source,
    ) -> Result<bool, Problem> {
        let Some(signs) = code::read_checked(typed) else { return Ok(false) };
        let now = self.now();
        let counter = [self.counter("activation", allowance::ACTIVATION, &[source.as_bytes()], false)?];
        allowance::charge(tx, &counter, now).await?;
        // A thing that does not exist is answered like a wrong code.
        let Some(thing) = thing else { return Ok(false) };
        // Both sides are hashed with a key: how long the comparison takes tells nothing about the code.
        let own = self.keyed("office-paper-code-typed", &[self.paper_code(kind, thing)?.as_bytes()])?;
        let typed = code::printed(&signs).unwrap_or_default();
        let fits = own == self.keyed("office-paper-code-typed", &[typed.as_bytes()])?;
        if fits {
            allowance::refund(tx, &counter, now).await?;
        }
        Ok(fits)
    }
}
