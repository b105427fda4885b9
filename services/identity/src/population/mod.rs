//! Made-up people for the demo country: the same ones for the same seed, in households, in the scripts of the
//! name lists, with the gaps and slips real registers have.

mod dice;
mod household;
mod pool;

pub use pool::{BadPool, NamePool, Style};

use crate::person::Entry;
use dice::Dice;

/// Where made-up people live, with weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomePlace {
    /// Code of the place in the country pack.
    pub code: String,
    /// How many live there, compared with the others.
    pub weight: u32,
}

/// What a population is made of.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Everything follows from it.
    pub seed: u64,
    /// The year in which the population lives.
    pub this_year: i16,
    /// Name lists, at least one.
    pub pools: Vec<NamePool>,
    /// Places, at least one.
    pub places: Vec<HomePlace>,
}

/// One made-up person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MadeUp {
    /// What a form would say of them.
    pub entry: Entry,
    /// Whether this is an earlier person of the sequence once more, with slips: a duplicate to be found.
    pub slip: bool,
}

/// An endless sequence of made-up people. Each household follows from the seed and its number alone.
pub struct Population {
    recipe: Recipe,
    household: u64,
    waiting: std::collections::VecDeque<MadeUp>,
}

impl Population {
    /// The population of a recipe; `None` when it has no names or no places.
    #[must_use]
    pub fn new(recipe: Recipe) -> Option<Self> {
        let places = recipe.places.iter().any(|place| place.weight > 0);
        let pools = recipe.pools.iter().any(|pool| pool.share > 0);
        (places && pools).then(|| Self { recipe, household: 0, waiting: std::collections::VecDeque::new() })
    }
}

impl Iterator for Population {
    type Item = MadeUp;
    fn next(&mut self) -> Option<MadeUp> {
        while self.waiting.is_empty() {
            let mut dice = Dice::new(self.recipe.seed, self.household);
            self.household += 1;
            self.waiting.extend(household::make(&self.recipe, &mut dice));
        }
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Rules;
    use crate::weigh::Scales;

    fn recipe(seed: u64) -> Recipe {
        let pool = |text: &str| NamePool::parse(text).unwrap();
        Recipe {
            seed,
            this_year: 2026,
            pools: vec![
                pool(
                    r#"format = 1
                    language = "fr"
                    share = 3
                    style = "given-family"
                    female = ["Amélie", "Claire", "Zoé", "Fatou"]
                    male = ["Jean", "Étienne", "Moussa"]
                    family = ["Dubois", "Lefèvre", "Traoré"]"#,
                ),
                pool(
                    r#"format = 1
                    language = "am"
                    share = 1
                    style = "given-father-grandfather"
                    single_per_mille = 500
                    female = ["አበበች", "ሰላም"]
                    male = ["አበበ", "ከበደ"]"#,
                ),
            ],
            places: vec![
                HomePlace { code: "p-1".into(), weight: 9 },
                HomePlace { code: "p-2".into(), weight: 1 },
            ],
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        let people = |seed| Population::new(recipe(seed)).unwrap().take(300).collect::<Vec<_>>();
        assert_eq!(people(7), people(7));
        assert_ne!(people(7), people(8));
    }

    #[test]
    fn they_pass_the_rules_and_have_the_gaps_of_real_ones() {
        let rules = Rules {
            today: jiff::civil::date(2026, 11, 23),
            knows_place: &|code| matches!(code, "p-1" | "p-2"),
        };
        let people: Vec<MadeUp> = Population::new(recipe(1)).unwrap().take(5000).collect();
        let checked: Vec<_> = people.iter().map(|made| made.entry.check(&rules).unwrap()).collect();
        let share =
            |test: &dyn Fn(&crate::person::Person) -> bool| checked.iter().filter(|p| test(p)).count();
        assert!((30..600).contains(&share(&|p| p.born.year().is_none())), "some birth dates are unknown");
        assert!((100..900).contains(&share(&|p| p.born.year().is_some() && p.born.day().is_none())));
        assert!(share(&|p| !p.name.as_str().contains(' ')) > 100, "some have a single name");
        assert!((800..1800).contains(&share(&|p| p.name.as_str().starts_with(|c: char| c as u32 > 0x1000))));
        assert!((3900..4900).contains(&share(&|p| p.address.place.as_deref() == Some("p-1"))));
        assert!(people.iter().filter(|made| made.slip).count() > 5);
    }

    #[test]
    fn slips_are_found_again() {
        let rules = Rules { today: jiff::civil::date(2026, 11, 23), knows_place: &|_| true };
        let people: Vec<MadeUp> = Population::new(recipe(3)).unwrap().take(20_000).collect();
        let check = |made: &MadeUp| made.entry.check(&rules).unwrap();
        let scales = Scales::starting().unwrap();
        let (mut slips, mut found) = (0, 0);
        for (place, made) in people.iter().enumerate().filter(|(_, made)| made.slip) {
            slips += 1;
            let again = check(made);
            let near = people[place.saturating_sub(12)..place].iter();
            found +=
                usize::from(near.into_iter().any(|other| scales.weigh(&check(other), &again).is_candidate()));
        }
        assert!(slips > 20 && found * 10 >= slips * 9, "{found} of {slips}");
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert!(Population::new(Recipe { pools: vec![], ..recipe(1) }).is_none());
        assert!(Population::new(Recipe { places: vec![], ..recipe(1) }).is_none());
    }
}
