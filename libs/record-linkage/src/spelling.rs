//! How far two spellings lie apart: Damerau's errors of a typist, and the Jaro-Winkler similarity that record
//! linkage has used since the 1990 census of the United States.

/// Longest text these functions look at, in characters; what is longer is compared by its beginning.
pub const MAX_CHARS: usize = 64;

/// The restricted Damerau-Levenshtein distance (optimal string alignment: Damerau 1964; Boytsov 2011 §2.1)
/// when it is at most `most`: insertions, deletions, substitutions and exchanges of two neighbours, no part
/// edited twice.
#[must_use]
pub fn distance_within(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let (a, b) = (cut(a), cut(b));
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.is_empty() || b.is_empty() {
        let distance = a.len().max(b.len());
        return (distance <= most).then_some(distance);
    }
    let mut before = [0_usize; MAX_CHARS + 1];
    let mut last = [0_usize; MAX_CHARS + 1];
    let mut row = [0_usize; MAX_CHARS + 1];
    for (place, cell) in last.iter_mut().enumerate().take(b.len() + 1) {
        *cell = place;
    }
    for i in 1..=a.len() {
        row[0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[b.len()]).filter(|distance| *distance <= most)
}

/// The Jaro-Winkler similarity, 0 to 1 (Winkler 1990, *String Comparator Metrics and Enhanced Decision Rules
/// in the Fellegi-Sunter Model of Record Linkage*): prefix of at most four characters, scale 0.1.
#[must_use]
pub fn jaro_winkler(a: &[char], b: &[char]) -> f64 {
    let (a, b) = (cut(a), cut(b));
    let jaro = jaro(a, b);
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count() as f64;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

fn jaro(a: &[char], b: &[char]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut used_a, mut used_b) = (0_u64, 0_u64);
    let mut common = 0_usize;
    for (i, c) in a.iter().enumerate() {
        let from = i.saturating_sub(reach);
        let to = (i + reach + 1).min(b.len());
        if let Some(j) = (from..to).find(|j| used_b & (1 << j) == 0 && b[*j] == *c) {
            used_a |= 1 << i;
            used_b |= 1 << j;
            common += 1;
        }
    }
    if common == 0 {
        return 0.0;
    }
    let exchanged = places(used_a).zip(places(used_b)).filter(|(x, y)| a[*x] != b[*y]).count();
    let m = common as f64;
    (m / a.len() as f64 + m / b.len() as f64 + (m - exchanged as f64 / 2.0) / m) / 3.0
}

/// The places of the bits that are set, the lowest first.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (place < u64::BITS).then_some(place as usize)
    })
}

fn cut(text: &[char]) -> &[char] {
    &text[..text.len().min(MAX_CHARS)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }
    fn near(a: &str, b: &str) -> f64 {
        jaro_winkler(&chars(a), &chars(b))
    }

    /// Table of Winkler 1994, *Advanced Methods for Record Linkage*, to three places.
    #[test]
    fn winklers_own_examples() {
        for (a, b, jw) in [
            ("MARTHA", "MARHTA", 0.961),
            ("DWAYNE", "DUANE", 0.840),
            ("DIXON", "DICKSONX", 0.813),
            ("SHACKLEFORD", "SHACKELFORD", 0.982),
            ("NICHLESON", "NICHULSON", 0.956),
            ("JERALDINE", "GERALDINE", 0.926),
            ("MASSEY", "MASSIE", 0.933),
            ("ABROMS", "ABRAMS", 0.922),
        ] {
            assert!((near(a, b) - jw).abs() < 0.0006, "{a} {b}: {}", near(a, b));
        }
        assert!((near("abc", "xyz")).abs() < f64::EPSILON);
        assert!((near("", "") - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn errors_of_a_typist() {
        for (a, b, distance) in [
            ("smith", "smith", Some(0)),
            ("smith", "smiht", Some(1)),
            ("smith", "smth", Some(1)),
            ("smith", "smyth", Some(1)),
            ("smith", "smithe", Some(1)),
            ("ca", "abc", None),
            ("kitten", "sitting", None),
            ("hinchliff", "hunchlif", Some(2)),
            ("", "ab", Some(2)),
        ] {
            assert_eq!(distance_within(&chars(a), &chars(b), 2), distance, "{a} {b}");
        }
        assert_eq!(distance_within(&chars("kitten"), &chars("sitting"), 3), Some(3));
        assert_eq!(distance_within(&chars("ca"), &chars("abc"), 3), Some(3), "restricted: not 2");
    }

    #[test]
    fn long_texts_are_compared_by_their_beginning() {
        let long = vec!['a'; MAX_CHARS];
        let longer = vec!['a'; MAX_CHARS + 1];
        assert_eq!(distance_within(&long, &longer, 0), Some(0));
        assert!((jaro_winkler(&long, &longer) - 1.0).abs() < f64::EPSILON);
    }

    /// The plain table, without shortcuts.
    fn slow(a: &[char], b: &[char]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut cost = (d[i - 1][j] + 1)
                        .min(d[i][j - 1] + 1)
                        .min(d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        cost = cost.min(d[i - 2][j - 2] + 1);
                    }
                    cost
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_shortcuts_change_nothing(a in "[abc]{0,9}", b in "[abc]{0,9}", most in 0_usize..5) {
            let (a, b) = (chars(&a), chars(&b));
            let whole = slow(&a, &b);
            prop_assert_eq!(distance_within(&a, &b, most), (whole <= most).then_some(whole));
        }
        #[test]
        fn similarity_is_symmetric_and_bounded(a in "[a-e]{0,12}", b in "[a-e]{0,12}") {
            let (x, y) = (near(&a, &b), near(&b, &a));
            prop_assert!((x - y).abs() < 1e-9, "{} {}", x, y);
            prop_assert!((0.0..=1.0).contains(&x));
            prop_assert!((near(&a, &a) - 1.0).abs() < 1e-9);
        }
    }
}
