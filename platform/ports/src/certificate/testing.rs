//! A key, a card and a certificate for the tests.

use super::{Certificate, Line, PublicKey, Words};
use aws_lc_rs::signature::Ed25519KeyPair;
use daftar_kernel::{Lang, Timestamp};
use pdf_writing::{Colour, Photo};

/// The public half of the test key, as openssl prints it.
pub(crate) const KEY_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=
-----END PUBLIC KEY-----
";

/// A key everybody knows.
pub(crate) fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}
/// Its public half.
pub(crate) fn public() -> PublicKey {
    PublicKey::of_pair(&key())
}

/// A card in English.
pub(crate) fn sample() -> Certificate {
    Certificate {
        kind: "identity-card".into(),
        serial: "7042-1189-3".into(),
        title: "Identity card".into(),
        issuer: "Civil Registry of Demo".into(),
        lines: vec![
            Line::proved("Name", "Abeba Tesfaye"),
            Line::proved("Born", "1991"),
            Line::printed("Place of birth", "Debre Markos"),
        ],
        photo: None,
        issued: Timestamp::from_seconds(1_782_900_000),
        zone: "Africa/Addis_Ababa".into(),
        valid_until: Some("2031-06-30".parse().unwrap()),
        lang: Lang::english(),
        words: Words {
            number: "Number".into(),
            issued: "Issued on".into(),
            valid_until: "Valid until".into(),
            how_to_check:
                "Read this code with any phone and give its text to “daftar certificate check”. It works \
                           without network. The code proves the words, not the photo."
                    .into(),
            code_description: "QR code with the signed content of this card".into(),
            photo_description: "Photo of the holder".into(),
        },
        accent: Colour::rgb(0x14, 0x4d, 0x5f),
    }
}

/// A card in Arabic.
pub(crate) fn arabic() -> Certificate {
    let english = sample();
    Certificate {
        title: "بطاقة الهوية الوطنية".into(),
        issuer: "السجل المدني".into(),
        lines: vec![
            Line::proved("الاسم الكامل", "لالة مريم الأندلسي بنت عبد الله"),
            Line::proved("تاريخ الميلاد", "20 يونيو 1991"),
            Line::printed("مكان الميلاد", "فاس"),
        ],
        lang: Lang::parse("ar").unwrap(),
        words: Words {
            number: "الرقم".into(),
            issued: "تاريخ الإصدار".into(),
            valid_until: "صالحة حتى".into(),
            how_to_check:
                "اقرأ هذا الرمز بأي هاتف ثم تحقق من نصه بالأمر daftar certificate check دون اتصال بالشبكة. \
                           يثبت الرمز الكلمات لا الصورة."
                    .into(),
            code_description: "رمز بالمحتوى الموقع لهذه البطاقة".into(),
            photo_description: "صورة صاحب البطاقة".into(),
        },
        ..english
    }
}

/// A drawn face, as a stand-in for a photo.
pub(crate) fn photo() -> Photo {
    let (width, height) = (300_i32, 400_i32);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let round = |cx: i32, cy: i32, r: i32| (x - cx).pow(2) + (y - cy).pow(2) < r * r;
            let pixel = match () {
                () if round(115, 160, 10) || round(185, 160, 10) => [40, 30, 30],
                () if round(150, 170, 85) => [150, 105, 80],
                () if round(150, 430, 140) => [40, 80, 120],
                () => [210, 220, 225],
            };
            rgb.extend(pixel);
        }
    }
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 90).encode(&rgb, 300, 400, jpeg_encoder::ColorType::Rgb).unwrap();
    pdf_writing::photo::normalise(&jpeg).unwrap()
}
