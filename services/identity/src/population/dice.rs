//! Repeatable choices (SplitMix64), one sequence for each household.

pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64, number: u64) -> Self {
        // Two odd multipliers keep the sequences of neighbouring households apart.
        let mut dice =
            Self(seed.wrapping_mul(0xd129_42f7_7a3c_5b8d) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.next();
        dice
    }
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// From 0 up to, not including, `bound`; 0 when `bound` is 0. The bias is below one in 2^32 for our
    /// bounds.
    pub(super) const fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * bound as u64) >> 32) as u32
    }
    /// True so many times in a thousand.
    pub(super) const fn per_mille(&mut self, times: u32) -> bool {
        self.below(1000) < times
    }
    /// One of the list; `None` when it is empty.
    pub(super) fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(u32::try_from(list.len()).unwrap_or(u32::MAX)) as usize)
    }
    /// One of the list by weights; the first when all weights are zero.
    pub(super) fn weighted<'a, T>(&mut self, list: &'a [T], weight: impl Fn(&T) -> u32) -> Option<&'a T> {
        let total: u32 = list.iter().map(&weight).sum();
        let mut draw = self.below(total);
        for item in list {
            match draw.checked_sub(weight(item)) {
                Some(rest) => draw = rest,
                None => return Some(item),
            }
        }
        list.first()
    }
}
