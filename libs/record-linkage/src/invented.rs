//! Invented people, some of them recorded twice with a known slip, and families in which people resemble each
//! other: to see what linkage does with each, where no real file says.

use crate::mix::{Dice, mix};
use crate::schema::{BadSchema, Field, Kind, Schema};

/// How the second record of somebody differs, or how two people resemble each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Likeness {
    /// One person, written the same twice.
    Copy,
    /// One person; a letter of the family name is wrong.
    Misspelled,
    /// One person; forename and surname exchanged.
    NamesExchanged,
    /// One person; another common spelling of the forename (Mohammed, Muhamad).
    Transcribed,
    /// One person; the name in Arabic letters.
    OtherScript,
    /// One person; the year of birth is off by two or three.
    YearsOff,
    /// One person; day and month exchanged.
    DayMonthExchanged,
    /// One person; the first of January stands for the year.
    YearOnly,
    /// One person, who has moved: another place and postcode.
    Moved,
    /// One person; a middle name is left out.
    MiddleNameLost,
    /// Two people: twins, the same family name, date and address.
    Twins,
    /// Two people: parent and child of the same name at the same address.
    Namesakes,
    /// Two people: brothers or sisters, some years apart, at the same address.
    Siblings,
}

impl Likeness {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Copy,
        Self::Misspelled,
        Self::NamesExchanged,
        Self::Transcribed,
        Self::OtherScript,
        Self::YearsOff,
        Self::DayMonthExchanged,
        Self::YearOnly,
        Self::Moved,
        Self::MiddleNameLost,
        Self::Twins,
        Self::Namesakes,
        Self::Siblings,
    ];
    /// Whether the two records speak of one person.
    #[must_use]
    pub const fn is_one_person(self) -> bool {
        !matches!(self, Self::Twins | Self::Namesakes | Self::Siblings)
    }
    /// The words in tables.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Copy => "written the same",
            Self::Misspelled => "one letter wrong",
            Self::NamesExchanged => "forename and surname exchanged",
            Self::Transcribed => "other spelling of the forename",
            Self::OtherScript => "name in Arabic letters",
            Self::YearsOff => "birth year off by 2 or 3",
            Self::DayMonthExchanged => "day and month exchanged",
            Self::YearOnly => "first of January for the year",
            Self::Moved => "moved elsewhere",
            Self::MiddleNameLost => "middle name left out",
            Self::Twins => "twins",
            Self::Namesakes => "parent and child of one name",
            Self::Siblings => "brothers and sisters",
        }
    }
}

/// An invented file.
#[derive(Clone, Debug)]
pub struct Invented {
    /// The texts of [`schema`]'s fields.
    pub rows: Vec<Vec<String>>,
    /// Two rows each, and how they are alike. Of one kind as many as of any other.
    pub pairs: Vec<(u32, u32, Likeness)>,
}

/// The fields of the invented rows: name, date of birth, place, postcode, sex.
///
/// # Errors
/// Never: these fields make a schema.
pub fn schema() -> Result<Schema, BadSchema> {
    let fields = [
        ("name", Kind::Name),
        ("born", Kind::Date),
        ("place", Kind::Place),
        ("postcode", Kind::Code),
        ("sex", Kind::Category),
    ];
    Schema::new(fields.map(|(name, kind)| Field { name: name.into(), kind }).into())
}

/// Forenames, each with another spelling and its Arabic form; the first half are men's.
const FORENAMES: [(&str, &str, &str); 24] = [
    ("Mohammed", "Muhamad", "محمد"),
    ("Ahmed", "Ahmad", "أحمد"),
    ("Yusuf", "Youssef", "يوسف"),
    ("Khalid", "Khaled", "خالد"),
    ("Hassan", "Hasan", "حسن"),
    ("Hussein", "Husain", "حسين"),
    ("Omar", "Umar", "عمر"),
    ("Karim", "Kareem", "كريم"),
    ("Rashid", "Rasheed", "رشيد"),
    ("Samir", "Sameer", "سمير"),
    ("Tariq", "Tarek", "طارق"),
    ("Bilal", "Belal", "بلال"),
    ("Fatima", "Fatma", "فاطمة"),
    ("Aisha", "Aysha", "عائشة"),
    ("Mariam", "Maryam", "مريم"),
    ("Zainab", "Zaynab", "زينب"),
    ("Layla", "Leila", "ليلى"),
    ("Amina", "Aminah", "أمينة"),
    ("Salma", "Selma", "سلمى"),
    ("Nadia", "Nadya", "نادية"),
    ("Samira", "Sameera", "سميرة"),
    ("Hanan", "Hanane", "حنان"),
    ("Rania", "Ranya", "رانيا"),
    ("Khadija", "Khadeeja", "خديجة"),
];
const ONSETS: [(&str, &str); 12] = [
    ("B", "ب"),
    ("D", "د"),
    ("F", "ف"),
    ("H", "ه"),
    ("J", "ج"),
    ("K", "ك"),
    ("L", "ل"),
    ("M", "م"),
    ("N", "ن"),
    ("R", "ر"),
    ("S", "س"),
    ("T", "ت"),
];
const MIDDLES: [(&str, &str); 10] = [
    ("al", "ال"),
    ("ar", "ار"),
    ("as", "اس"),
    ("am", "ام"),
    ("an", "ان"),
    ("il", "يل"),
    ("ir", "ير"),
    ("is", "يس"),
    ("ur", "ور"),
    ("ul", "ول"),
];
const ENDS: [(&str, &str); 8] = [
    ("aki", "اكي"),
    ("awi", "اوي"),
    ("ani", "اني"),
    ("adi", "ادي"),
    ("iri", "يري"),
    ("oun", "ون"),
    ("ali", "الي"),
    ("ami", "امي"),
];
const PLACES: [&str; 16] = [
    "Marsa",
    "Sidi Amer",
    "Qalat",
    "Ouled Taher",
    "Tell Zahra",
    "Bir Hamdan",
    "Wadi Nour",
    "Rass Jabal",
    "Hammam Saf",
    "Ain Draham",
    "Port Said Bay",
    "Jebel Ayad",
    "Beni Khalled",
    "Dar Chaab",
    "Zawiya",
    "Nahr Fadi",
];

#[derive(Clone)]
struct Being {
    forename: usize,
    middle: usize,
    family: [usize; 3],
    year: u32,
    month: u32,
    day: u32,
    home: usize,
}

/// Makes a file: `each` pairs of every likeness among `single` people who are recorded once. The same numbers
/// give the same file.
#[must_use]
pub fn file(single: usize, each: usize, seed: u64) -> Invented {
    let mut dice = Dice::new(mix(seed));
    let mut rows: Vec<Vec<String>> = (0..single).map(|_| row(&being(&mut dice))).collect();
    let mut pairs = Vec::new();
    for likeness in Likeness::ALL {
        for _ in 0..each {
            let first = being(&mut dice);
            let second = second(&first, likeness, &mut dice);
            pairs.push((rows.len() as u32, rows.len() as u32 + 1, likeness));
            rows.push(row(&first));
            rows.push(second);
        }
    }
    Invented { rows, pairs }
}

fn being(dice: &mut Dice) -> Being {
    Being {
        forename: dice.below(FORENAMES.len()),
        middle: dice.below(12),
        family: [dice.below(ONSETS.len()), dice.below(MIDDLES.len()), dice.below(ENDS.len())],
        year: 1930 + dice.below(80) as u32,
        month: 2 + dice.below(11) as u32,
        day: 1 + dice.below(28) as u32,
        home: dice.below(4_000),
    }
}

fn second(first: &Being, likeness: Likeness, dice: &mut Dice) -> Vec<String> {
    let mut other = first.clone();
    // Another forename of the same sex.
    let another =
        |forename: usize, dice: &mut Dice| forename / 12 * 12 + (forename % 12 + 1 + dice.below(11)) % 12;
    match likeness {
        Likeness::YearsOff => other.year += 2 + dice.below(2) as u32,
        Likeness::DayMonthExchanged => {
            other.day = other.day.min(12);
            (other.day, other.month) = (other.month, other.day);
        }
        Likeness::Moved => other.home = dice.below(4_000),
        Likeness::Twins => other.forename = another(first.forename, dice),
        Likeness::Siblings => {
            other.forename = another(first.forename, dice);
            (other.month, other.day) = (2 + dice.below(11) as u32, 1 + dice.below(28) as u32);
            other.year += 1 + dice.below(6) as u32;
        }
        Likeness::Namesakes => {
            (other.month, other.day) = (2 + dice.below(11) as u32, 1 + dice.below(28) as u32);
            other.year += 20 + dice.below(15) as u32;
        }
        _ => {}
    }
    let mut row = row(&other);
    let (forename, middle, family) =
        (FORENAMES[other.forename], FORENAMES[other.middle].0, family(&other.family));
    match likeness {
        Likeness::Misspelled => {
            let mut letters: Vec<char> = family.chars().collect();
            let place = 1 + dice.below(letters.len() - 1);
            letters[place] = if letters[place] == 'e' { 'o' } else { 'e' };
            row[0] = format!("{} {middle} {}", forename.0, letters.iter().collect::<String>());
        }
        Likeness::NamesExchanged => row[0] = format!("{family} {}", forename.0),
        Likeness::Transcribed => row[0] = format!("{} {middle} {family}", forename.1),
        Likeness::OtherScript => {
            let [a, b, c] = other.family;
            let family = [ONSETS[a].1, MIDDLES[b].1, ENDS[c].1].concat();
            row[0] = format!("{} {} {family}", forename.2, FORENAMES[other.middle].2);
        }
        Likeness::YearOnly => row[1] = format!("{}-01-01", other.year),
        Likeness::MiddleNameLost => row[0] = format!("{} {family}", forename.0),
        _ => {}
    }
    row
}

fn family(parts: &[usize; 3]) -> String {
    [ONSETS[parts[0]].0, MIDDLES[parts[1]].0, ENDS[parts[2]].0].concat()
}

fn row(being: &Being) -> Vec<String> {
    let (place, sex) = (PLACES[being.home % 16], if being.forename < 12 { "male" } else { "female" });
    vec![
        format!("{} {} {}", FORENAMES[being.forename].0, FORENAMES[being.middle].0, family(&being.family)),
        format!("{}-{:02}-{:02}", being.year, being.month, being.day),
        place.into(),
        format!("{:02}-{:04}", being.home % 16 + 10, being.home),
        sex.into(),
    ]
}
