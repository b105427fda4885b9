//! The form a model is kept in, and what is checked when it comes back.

use crate::level::Codes;
use crate::model::Model;
use crate::parameters::Parameters;
use crate::schema::Schema;
use crate::vocabulary::{Vocabulary, alias_key, population};
use std::collections::BTreeMap;

/// Version of the form.
pub const FORM: u32 = 1;

/// A model as it is kept.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    form: u32,
    schema: Schema,
    people: u64,
    parameters: Rounded,
    /// For each field, the values that two people or more bear, with their shares.
    shares: Vec<BTreeMap<String, f32>>,
    /// For each field, values that stand for each other and for how many people they did.
    aliases: Vec<Vec<(String, String, u32)>>,
    /// For each field, how rare a value without a share is, in bits; empty where the number of people says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rarest: Vec<f32>,
}

/// Parameters in the precision that a text keeps exactly.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rounded {
    m: Vec<f32>,
    u: Vec<f32>,
    mean_share: Vec<f32>,
    prior: f32,
    relatives: f32,
}

impl From<&Parameters> for Rounded {
    fn from(from: &Parameters) -> Self {
        let round = |table: &[f64]| table.iter().map(|number| *number as f32).collect();
        Self {
            m: round(&from.m),
            u: round(&from.u),
            mean_share: round(&from.mean_share),
            prior: from.prior as f32,
            relatives: from.relatives as f32,
        }
    }
}

impl From<&Rounded> for Parameters {
    fn from(from: &Rounded) -> Self {
        let wide = |table: &[f32]| table.iter().copied().map(f64::from).collect();
        Self {
            m: wide(&from.m),
            u: wide(&from.u),
            mean_share: wide(&from.mean_share),
            prior: from.prior.into(),
            relatives: from.relatives.into(),
        }
    }
}

impl Parameters {
    /// As they are when they have been kept and read again.
    pub(crate) fn rounded(&self) -> Self {
        Self::from(&Rounded::from(self))
    }
}

/// Why a kept model is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadModel {
    /// Of another version.
    #[error("the model is of another version: train it again")]
    Form,
    /// Tables that do not fit the schema.
    #[error("the model's tables do not fit its schema")]
    Tables,
    /// A number outside its range.
    #[error("the model holds a number that is no share")]
    Number,
    /// An alias of a value without a share.
    #[error("the model holds an alias of a value it does not know")]
    Alias,
}

impl From<Model> for Saved {
    fn from(model: Model) -> Self {
        let Model { schema, vocabulary, parameters, .. } = model;
        // What one person alone bears has no share, like anything unknown: leaving it out changes no weight.
        let shares = vocabulary.lexicons.iter().map(|lexicon| {
            let kept = (0..lexicon.len() as u32).filter(|id| lexicon.share(*id).0 > 0.0);
            kept.map(|id| (lexicon.term(id).text.to_string(), lexicon.share(id).0)).collect()
        });
        let shares = shares.collect();
        let aliases = vocabulary.aliases.iter().zip(&vocabulary.lexicons).map(|(aliases, lexicon)| {
            let text = |id: u64| lexicon.term(id as u32).text.to_string();
            let pair = |pair: u64| {
                let (a, b) = (text(pair >> 32), text(pair & 0xffff_ffff));
                if a <= b { (a, b) } else { (b, a) }
            };
            let alias = |(key, people): (&u64, &u32)| {
                let (a, b) = pair(*key);
                (a, b, *people)
            };
            let mut list: Vec<_> = aliases.iter().map(alias).collect();
            list.sort();
            list
        });
        let aliases = aliases.collect();
        let usual = (population(vocabulary.people).max(2) as f32).log2();
        let rarest: Vec<f32> = vocabulary.lexicons.iter().map(crate::lexicon::Lexicon::rarest).collect();
        let follows = rarest.iter().all(|rarity| (rarity - usual).abs() < 1e-3);
        Self {
            rarest: if follows { Vec::new() } else { rarest },
            form: FORM,
            schema,
            people: vocabulary.people,
            parameters: Rounded::from(&parameters),
            shares,
            aliases,
        }
    }
}

impl TryFrom<Saved> for Model {
    type Error = BadModel;
    fn try_from(saved: Saved) -> Result<Self, BadModel> {
        let Saved { form, schema, people, parameters, shares, aliases, rarest } = saved;
        if form != FORM {
            return Err(BadModel::Form);
        }
        let (codes, parameters) = (Codes::new(&schema), Parameters::from(&parameters));
        let fields = schema.fields().len();
        if shares.len() != fields
            || aliases.len() != fields
            || !parameters.fit(&codes)
            || people > u64::from(u32::MAX)
            || !(rarest.is_empty() || rarest.len() == fields)
        {
            return Err(BadModel::Tables);
        }
        if !parameters.are_shares()
            || !shares.iter().flat_map(BTreeMap::values).all(|s| (0.0..=1.0).contains(s))
        {
            return Err(BadModel::Number);
        }
        if !rarest.iter().all(|rarity| (0.0..=64.0).contains(rarity)) {
            return Err(BadModel::Number);
        }
        let mut vocabulary = Vocabulary::new(&schema);
        vocabulary.people = people;
        for (field, (shares, aliases)) in shares.into_iter().zip(aliases).enumerate() {
            let lexicon = &mut vocabulary.lexicons[field];
            for text in shares.keys() {
                lexicon.intern(text);
            }
            lexicon.set_shares(shares.into_values(), population(people));
            if let Some(rarity) = rarest.get(field) {
                lexicon.set_rarest(*rarity);
            }
            for (a, b, people) in aliases {
                let (Some(a), Some(b)) = (lexicon.find(&a), lexicon.find(&b)) else {
                    return Err(BadModel::Alias);
                };
                vocabulary.aliases[field].insert(alias_key(a, b), people);
            }
        }
        Ok(Self::new(schema, codes, vocabulary, parameters))
    }
}
