//! The writing systems this library knows how to name, and where Debian keeps a font for each.

use harfrust::Script;

/// A writing system in use today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WritingSystem {
    /// Code of ISO 15924, such as `Arab`.
    pub code: &'static str,
    /// English name, such as `Arabic`.
    pub name: &'static str,
    /// Letters that a font must have to count as covering it.
    pub sample: &'static str,
    /// Debian and Ubuntu package with a font for it.
    pub package: &'static str,
}

const NOTO: &str = "fonts-noto-core";
const DEJAVU: &str = "fonts-dejavu-core";
const CJK: &str = "fonts-noto-cjk";

const fn system(
    code: &'static str,
    name: &'static str,
    sample: &'static str,
    package: &'static str,
) -> WritingSystem {
    WritingSystem { code, name, sample, package }
}

/// Every writing system that `coverage` reports on. Order: alphabetical by code.
pub const WRITING_SYSTEMS: &[WritingSystem] = &[
    system("Adlm", "Adlam", "\u{1e900}\u{1e922}\u{1e943}", NOTO),
    system("Arab", "Arabic", "ابتثجحخدرسشصطعغفقكلمنهويءآأؤإئىپچژگکی", NOTO),
    system("Armn", "Armenian", "ԱԲԳաբգևֆ", DEJAVU),
    system("Beng", "Bengali", "কখগঙচছািুৃেো্", NOTO),
    system("Cans", "Canadian syllabics", "ᐁᐃᐅᐊᒐᓀ", NOTO),
    system("Cher", "Cherokee", "ᎠᎡᎢᏴ", NOTO),
    system("Cyrl", "Cyrillic", "АБВГДЖЩЪЫЭЮЯабвгджщъыэюяіїєўқөү", DEJAVU),
    system("Deva", "Devanagari", "अआकखगघङचछजझािीुूेैोौ्ंः", NOTO),
    system("Ethi", "Ethiopic", "ሀለሐመሠረሰሸቀበተኀነአከወዐዘየደገጠጰጸፈፐ፡።", NOTO),
    system("Geor", "Georgian", "აბგდევზჰ", DEJAVU),
    system("Grek", "Greek", "ΑΒΓΩαβγωάέήίόύώς", DEJAVU),
    system("Gujr", "Gujarati", "અઆકખગાિ્", NOTO),
    system("Guru", "Gurmukhi", "ਅਆਕਖਗਾਿ੍", NOTO),
    system("Hang", "Hangul", "가나다한글", CJK),
    system("Hani", "Chinese characters", "一人中国文字漢字", CJK),
    system("Hebr", "Hebrew", "אבגדהםןץת", DEJAVU),
    system("Hira", "Japanese kana", "あいうアイウ", CJK),
    system("Java", "Javanese", "ꦲꦤꦕꦫꦏ", NOTO),
    system("Khmr", "Khmer", "កខគឃាិ្", NOTO),
    system("Knda", "Kannada", "ಅಆಕಖಗಾಿ್", NOTO),
    system("Laoo", "Lao", "ກຂຄງາິີ", NOTO),
    system("Latn", "Latin", "AZazÀÉàéçñßŁłŐőŞşĞğŊŋƁɓƊɗƘƙẸẹṢṣ", DEJAVU),
    system("Mlym", "Malayalam", "അആകഖഗാി്", NOTO),
    system("Mong", "Mongolian", "ᠠᠡᠢᠨ", NOTO),
    system("Mymr", "Burmese", "ကခဂငာိီ္", NOTO),
    system("Nkoo", "N'Ko", "ߊߋߌߎߏ", NOTO),
    system("Olck", "Ol Chiki", "ᱚᱛᱜᱝ", NOTO),
    system("Orya", "Odia", "ଅଆକଖଗାି୍", NOTO),
    system("Sinh", "Sinhala", "අආකඛගාි්", NOTO),
    system("Syrc", "Syriac", "ܐܒܓܕ", NOTO),
    system("Taml", "Tamil", "அஆகஙசாி்", NOTO),
    system("Telu", "Telugu", "అఆకఖగాి్", NOTO),
    system("Tfng", "Tifinagh", "ⴰⴱⴳⴷⵣⵥ", NOTO),
    system("Thaa", "Thaana", "ހށނރަިު", NOTO),
    system("Thai", "Thai", "กขคงาิี่", NOTO),
    system("Tibt", "Tibetan", "ཀཁགངིུ་", NOTO),
    system("Vaii", "Vai", "ꔀꔁꔂ", NOTO),
];

/// The script of a character, by its code in ISO 15924; `Zyyy` and `Zinh` are shared by several.
pub(crate) fn code_of(c: char) -> String {
    harfrust::unicode::script(u32::from(c)).tag().to_string()
}

/// Whether a character takes the script of what stands around it.
pub(crate) fn is_shared(c: char) -> bool {
    let script = harfrust::unicode::script(u32::from(c));
    script == Script::COMMON || script == Script::INHERITED
}

/// The name and the package for a character that no font has.
pub(crate) fn describe(c: char) -> (String, String) {
    let code = code_of(c);
    let code = if code == "Kana" { "Hira".to_string() } else { code };
    WRITING_SYSTEMS.iter().find(|s| s.code == code).map_or_else(
        || (format!("{code} (U+{:04X})", u32::from(c)), "fonts-noto".to_string()),
        |s| (s.name.to_string(), s.package.to_string()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_letters_of_their_own_script_and_codes_are_sorted() {
        assert!(WRITING_SYSTEMS.windows(2).all(|w| w[0].code < w[1].code));
        for s in WRITING_SYSTEMS {
            for c in s.sample.chars().filter(|c| !is_shared(*c)) {
                let code = code_of(c);
                let same = code == s.code || (s.code == "Hira" && code == "Kana");
                assert!(same, "{c} (U+{:04X}) of {} is {code}", u32::from(c), s.name);
            }
        }
    }

    #[test]
    fn what_no_font_has_is_still_named() {
        assert_eq!(describe('ሀ'), ("Ethiopic".into(), "fonts-noto-core".into()));
        assert_eq!(describe('ア').1, "fonts-noto-cjk");
        assert_eq!(describe('\u{12000}').0, "Xsux (U+12000)");
    }
}
