//! One household: one or two grown-ups, children, sometimes a grandparent; they share a place and name each
//! other.

use super::dice::Dice;
use super::{MadeUp, NamePool, Recipe, Style};
use crate::person::Entry;

/// People in a thousand who appear a second time, with slips.
const SLIPS_PER_MILLE: u32 = 4;

struct Home<'a> {
    pool: &'a NamePool,
    place: &'a str,
    birth_place: &'a str,
    address: Vec<String>,
    this_year: i16,
}

struct Given {
    own: String,
    fathers: String,
    grandfathers: String,
    family: String,
}

/// Everybody of one household; never empty for a recipe with names and places.
pub(super) fn make(recipe: &Recipe, dice: &mut Dice) -> Vec<MadeUp> {
    let Some(pool) = dice.weighted(&recipe.pools, |pool| pool.share) else { return Vec::new() };
    let Some(place) = dice.weighted(&recipe.places, |place| place.weight) else { return Vec::new() };
    // A quarter was born elsewhere.
    let born_at = if dice.per_mille(250) {
        dice.weighted(&recipe.places, |p| p.weight).unwrap_or(place)
    } else {
        place
    };
    let home = Home {
        pool,
        place: &place.code,
        birth_place: &born_at.code,
        address: address(pool, dice),
        this_year: recipe.this_year,
    };
    let mut people = Vec::new();
    for entry in members(&home, dice) {
        let again = dice.per_mille(SLIPS_PER_MILLE).then(|| with_slip(&entry, dice));
        people.push(MadeUp { entry, slip: false });
        people.extend(again.map(|entry| MadeUp { entry, slip: true }));
    }
    people
}

fn members(home: &Home<'_>, dice: &mut Dice) -> Vec<Entry> {
    let male = |dice: &mut Dice| dice.one(&home.pool.male).cloned().unwrap_or_default();
    let family = |dice: &mut Dice| dice.one(&home.pool.family).cloned().unwrap_or_default();
    let age = age_of_elder(dice);
    let mut people = Vec::new();
    let father =
        Given { own: male(dice), fathers: male(dice), grandfathers: male(dice), family: family(dice) };
    let alone = dice.per_mille(280);
    let elder_female = dice.per_mille(520);
    let mother = Given {
        own: dice.one(&home.pool.female).cloned().unwrap_or_default(),
        fathers: male(dice),
        grandfathers: male(dice),
        family: if dice.per_mille(600) { father.family.clone() } else { family(dice) },
    };
    let mother_age = (age - 6 + i16::try_from(dice.below(10)).unwrap_or(0)).max(18);
    if !alone || !elder_female {
        people.push(person(home, &father, "male", age, None, dice));
    }
    if !alone || elder_female {
        people.push(person(home, &mother, "female", mother_age, None, dice));
    }
    // Children live at home until about twenty-five.
    let oldest_child = (mother_age - 18).min(25);
    if oldest_child > 0 && (elder_female || !alone) {
        for _ in 0..dice.below(if mother_age < 50 { 5 } else { 3 }) {
            let girl = dice.per_mille(490);
            let list = if girl { &home.pool.female } else { &home.pool.male };
            let child = Given {
                own: dice.one(list).cloned().unwrap_or_default(),
                fathers: father.own.clone(),
                grandfathers: father.fathers.clone(),
                family: father.family.clone(),
            };
            let age = i16::try_from(dice.below(u32::try_from(oldest_child).unwrap_or(0) + 1)).unwrap_or(0);
            people.push(person(
                home,
                &child,
                if girl { "female" } else { "male" },
                age,
                Some((&mother, &father)),
                dice,
            ));
        }
    }
    people
}

/// From 18 to 94, the young more often.
fn age_of_elder(dice: &mut Dice) -> i16 {
    let spread = dice.below(77).min(dice.below(77));
    18 + i16::try_from(spread).unwrap_or(0)
}

fn person(
    home: &Home<'_>,
    names: &Given,
    sex: &str,
    age: i16,
    parents: Option<(&Given, &Given)>,
    dice: &mut Dice,
) -> Entry {
    let single = dice.per_mille(home.pool.single_per_mille);
    let whole = |given: &Given| full_name(home.pool, given);
    let grown = age >= 16;
    Entry {
        name: if single { names.own.clone() } else { whole(names) },
        given: if single { String::new() } else { names.own.clone() },
        family: if single || home.pool.style == Style::GivenFatherGrandfather {
            String::new()
        } else {
            names.family.clone()
        },
        born: birth_date(home.this_year, age, dice),
        birth_place: home.birth_place.into(),
        sex: sex.into(),
        mother: parents.map(|(mother, _)| whole(mother)).unwrap_or_default(),
        father: parents.map(|(_, father)| whole(father)).unwrap_or_default(),
        address_place: home.place.into(),
        address_lines: home.address.clone(),
        phone: if grown && dice.per_mille(650) {
            format!("+999{:09}", dice.below(1_000_000_000))
        } else {
            String::new()
        },
        email: if grown && dice.per_mille(200) {
            format!("p{:08}@post.example", dice.below(100_000_000))
        } else {
            String::new()
        },
        language: home.pool.language.clone(),
        standing: standing(dice).into(),
        ..Entry::default()
    }
}

fn standing(dice: &mut Dice) -> &'static str {
    match dice.below(1000) {
        0..=939 => "citizen",
        940..=974 => "foreigner",
        975..=989 => "refugee",
        990..=993 => "stateless",
        _ => "unknown",
    }
}

fn full_name(pool: &NamePool, given: &Given) -> String {
    let parts: [&str; 3] = match pool.style {
        Style::GivenFamily => [&given.own, "", &given.family],
        Style::FamilyGiven => [&given.family, "", &given.own],
        Style::GivenFatherFamily => [&given.own, &given.fathers, &given.family],
        Style::GivenFatherGrandfather => [&given.own, &given.fathers, &given.grandfathers],
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&pool.between)
}

/// The older somebody is, the less exactly their date of birth is known.
fn birth_date(this_year: i16, age: i16, dice: &mut Dice) -> String {
    let year = this_year - 1 - age;
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    let vague = u32::try_from(age).unwrap_or(0) * 3;
    match dice.below(1000) {
        draw if draw < vague / 4 + 4 => String::new(),
        draw if draw < vague + 20 => format!("{year}"),
        draw if draw < vague + 40 => format!("{year}-{month:02}"),
        _ => format!("{year}-{month:02}-{day:02}"),
    }
}

fn address(pool: &NamePool, dice: &mut Dice) -> Vec<String> {
    match dice.one(&pool.landmarks) {
        Some(landmark) if dice.per_mille(500) => vec![landmark.clone()],
        Some(landmark) => vec![format!("{landmark} {}", 1 + dice.below(200))],
        None => Vec::new(),
    }
}

/// The same person as another clerk on another day would have written them.
fn with_slip(entry: &Entry, dice: &mut Dice) -> Entry {
    let mut again = entry.clone();
    match dice.below(4) {
        0 => again.name = name_slip(&again.name),
        1 => again.born = date_slip(&again.born, dice),
        2 => {
            // The parts in another order.
            let mut parts: Vec<&str> = entry.name.split(' ').collect();
            parts.reverse();
            again.name = parts.join(" ");
        }
        _ => again.name = again.name.to_uppercase(),
    }
    again.phone = String::new();
    again.email = String::new();
    again
}

/// A doubled letter loses its twin, or an accent is left out.
fn name_slip(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain: String = name.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc().collect();
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        if !(out.ends_with(c) && c.is_alphabetic()) {
            out.push(c);
        }
    }
    out
}

/// Day and month exchanged when the calendar allows it, else a year off.
fn date_slip(date: &str, dice: &mut Dice) -> String {
    let parts: Vec<i16> = date.split('-').filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [year, month, day] if day <= 12 && day != month => format!("{year}-{day:02}-{month:02}"),
        [year, month, day] => format!("{}-{month:02}-{day:02}", year - 1 - i16::from(dice.per_mille(500))),
        _ => date.to_string(),
    }
}
