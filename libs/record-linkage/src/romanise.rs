//! One part of a name from another script into Latin letters, roughly as passports write it: enough to lay
//! محمد beside Mohammed, and Александр beside Alexander. Vowels that a script does not write stay unwritten;
//! the sound key drops them anyway.

/// The part (folded, see [`crate::fold::tokens`]) in Latin letters; `None` when a letter is of a script that
/// is not known here.
#[must_use]
pub fn romanise(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    for (place, c) in token.chars().enumerate() {
        match u32::from(c) {
            0x30..=0x39 | 0x61..=0x7a => out.push(c),
            0x370..=0x3ff => out.push_str(greek(c)?),
            0x400..=0x52f => out.push_str(cyrillic(c)?),
            0x5d0..=0x5ea => out.push_str(hebrew(c, place)?),
            0x600..=0x6ff => out.push_str(arabic(c, place)?),
            0x900..=0xd7f => out.push_str(indic(u32::from(c) & 0x7f)?),
            0x1200..=0x1357 => {
                out.push_str(ethiopic(u32::from(c) & !7)?);
                out.push_str(["e", "u", "i", "a", "e", "", "o", "a"][(u32::from(c) & 7) as usize]);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// ELOT 743, simplified.
const fn greek(c: char) -> Option<&'static str> {
    Some(match c {
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

/// ICAO Doc 9303 part 3, table B, simplified.
const fn cyrillic(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' | 'ђ' => "d",
        'е' | 'э' | 'ё' => "e",
        'є' => "ie",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'й' => "i",
        'ї' => "i",
        'ы' => "y",
        'ј' => "j",
        'к' => "k",
        'л' | 'љ' => "l",
        'м' => "m",
        'н' | 'њ' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' | 'ћ' => "ch",
        'ш' | 'щ' => "sh",
        'ю' => "iu",
        'я' => "ia",
        'ь' | 'ъ' => "",
        _ => return None,
    })
}

const fn hebrew(c: char, place: usize) -> Option<&'static str> {
    Some(match c {
        'א' | 'ע' => "a",
        'ב' => "b",
        'ג' => "g",
        'ד' => "d",
        'ה' | 'ח' => "h",
        'ו' if place == 0 => "v",
        'ו' => "o",
        'ז' => "z",
        'ט' | 'ת' => "t",
        'י' if place == 0 => "y",
        'י' => "i",
        'כ' | 'ך' | 'ק' => "k",
        'ל' => "l",
        'מ' | 'ם' => "m",
        'נ' | 'ן' => "n",
        'ס' => "s",
        'פ' | 'ף' => "p",
        'צ' | 'ץ' => "ts",
        'ר' => "r",
        'ש' => "sh",
        _ => return None,
    })
}

/// Of folded letters; و and ي are consonants at the beginning and vowels elsewhere.
const fn arabic(c: char, place: usize) -> Option<&'static str> {
    Some(match c {
        'ا' | 'ع' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' => "t",
        'ث' => "th",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' => "h",
        'خ' => "kh",
        'د' | 'ض' => "d",
        'ذ' => "dh",
        'ر' => "r",
        'ز' | 'ظ' => "z",
        'ژ' => "zh",
        'س' | 'ص' => "s",
        'ش' => "sh",
        'غ' => "gh",
        'ف' | 'ڤ' => "f",
        'ق' => "q",
        'ك' | 'گ' => "k",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ں' => "n",
        'و' if place == 0 => "w",
        'و' => "u",
        'ي' if place == 0 => "y",
        'ي' => "i",
        _ => return None,
    })
}

/// By the offset in the block, which the scripts of India share (ISCII).
const fn indic(offset: u32) -> Option<&'static str> {
    Some(match offset {
        0x02 => "n",
        0x04..=0x14 => "a",
        0x15 => "k",
        0x16 => "kh",
        0x17 => "g",
        0x18 => "gh",
        0x19 | 0x1e | 0x23 | 0x28 | 0x29 => "n",
        0x1a | 0x1b => "ch",
        0x1c | 0x1d => "j",
        0x1f | 0x20 | 0x24 | 0x25 => "t",
        0x21 | 0x22 | 0x26 | 0x27 => "d",
        0x2a => "p",
        0x2b => "ph",
        0x2c | 0x2d => "b",
        0x2e => "m",
        0x2f => "y",
        0x30 | 0x31 => "r",
        0x32..=0x34 => "l",
        0x35 => "v",
        0x36 | 0x37 => "sh",
        0x38 => "s",
        0x39 => "h",
        // The sign that takes a consonant's vowel away.
        0x4d => "",
        0x01 | 0x03 | 0x3c => "",
        0x3e..=0x4c => "a",
        _ => return None,
    })
}

/// By series of eight.
const fn ethiopic(series: u32) -> Option<&'static str> {
    Some(match series {
        0x1200 | 0x1210 | 0x1280 => "h",
        0x1208 => "l",
        0x1218 => "m",
        0x1220 | 0x1230 => "s",
        0x1228 => "r",
        0x1238 => "sh",
        0x1240 | 0x1248 => "k",
        0x1260 => "b",
        0x1268 => "v",
        0x1270 | 0x1320 => "t",
        0x1278 | 0x1328 => "ch",
        0x1290 | 0x1298 => "n",
        0x12a0 | 0x12d0 => "",
        0x12a8 => "k",
        0x12b8 => "kh",
        0x12c8 => "w",
        0x12d8 => "z",
        0x12e0 => "zh",
        0x12e8 => "y",
        0x12f0 | 0x12f8 => "d",
        0x1300 => "j",
        0x1308 => "g",
        0x1330 | 0x1350 => "p",
        0x1338 | 0x1340 => "ts",
        0x1348 => "f",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold;
    use crate::sound::shared_key;

    #[test]
    fn scripts_meet_in_the_sound_key() {
        for (a, b) in [
            ("محمد", "Mohammed"),
            ("فاطمة", "Fatima"),
            ("يوسف", "Yusuf"),
            ("خالد", "Khalid"),
            ("عمر", "Omar"),
            ("حسن", "Hassan"),
            ("شريف", "Sharif"),
            ("Александр", "Alexander"),
            ("Иванов", "Ivanov"),
            ("Γεωργιος", "Georgios"),
            ("משה", "Moshe"),
            ("אברהם", "Avraham"),
            ("አበበ", "Abebe"),
            ("ሰሎሞን", "Solomon"),
            ("राम", "Ram"),
            ("शर्मा", "Sharma"),
            ("सीता", "Sita"),
        ] {
            let key = |text: &str| shared_key(&fold::tokens(text)[0]);
            if a == "אברהם" {
                // b and v are one letter in Hebrew and two sounds: this one is missed, and said to be.
                assert_ne!(key(a), key(b));
            } else {
                assert_eq!(key(a), key(b), "{a} / {b}");
            }
        }
    }

    #[test]
    fn other_names_stay_apart() {
        let key = |text: &str| shared_key(&fold::tokens(text)[0]);
        for (a, b) in [("محمد", "Khalid"), ("Иванов", "Petrov"), ("राम", "Shyam"), ("王伟", "Wang")]
        {
            assert_ne!(key(a), key(b), "{a} / {b}");
        }
        assert_eq!(romanise("王"), None);
    }
}
