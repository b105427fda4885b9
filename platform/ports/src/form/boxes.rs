//! What stands in a field's boxes, and the answer it means. Pages and JSON both come through here, so that both are
//! refused for the same reasons.

use daftar_kernel::date::BadDate;
use daftar_kernel::{Lang, PartialDate};
use serde_json::{Value, json};

use super::clean::{self, Refusal};
use super::{ADDRESS_LINES_MAX, AnswerFault, Field, Kind, Options, Sources};

/// The texts of a field's boxes, as many as its kind has.
pub(super) type Boxes = Vec<String>;

impl Field {
    /// The names of the field's boxes in a page, in the order of their values.
    #[must_use]
    pub fn box_names(&self) -> Vec<String> {
        let part = |suffix: &str| format!("{}-{suffix}", self.id);
        match self.kind {
            Kind::PartialDate => vec![part("day"), part("month"), part("year")],
            Kind::Address => vec![self.id.clone(), part("place")],
            _ => vec![self.id.clone()],
        }
    }

    /// The answer that stands in the boxes; none when they are empty.
    pub(super) fn answer(
        &self,
        boxes: &[String],
        sources: &dyn Sources,
    ) -> Result<Option<Value>, AnswerFault> {
        let first = boxes.first().map_or("", String::as_str);
        let value = match self.kind {
            Kind::PartialDate => self.date(boxes)?,
            Kind::Address => self.address(first, boxes.get(1).map_or("", String::as_str), sources)?,
            _ => {
                let text = self.cleaned(first)?;
                if text.is_empty() { None } else { Some(self.single(text, sources)?) }
            }
        };
        if value.is_none() && self.required {
            return Err(self.fault("ports-form-required"));
        }
        Ok(value)
    }

    fn single(&self, text: String, sources: &dyn Sources) -> Result<Value, AnswerFault> {
        match self.kind {
            Kind::Name if !clean::is_name(&text) => Err(self.fault("ports-form-name")),
            Kind::Choice | Kind::Place if !self.has_option(&text, sources) => {
                Err(self.fault("ports-form-choice"))
            }
            Kind::Phone => {
                clean::phone(&text).map(Value::String).ok_or_else(|| self.fault("ports-form-phone"))
            }
            Kind::Email => {
                clean::email(&text).map(Value::String).ok_or_else(|| self.fault("ports-form-email"))
            }
            Kind::Photo if !is_reference(&text) => Err(self.fault("ports-form-photo")),
            Kind::YesNo => match text.as_str() {
                "yes" => Ok(json!(true)),
                "no" => Ok(json!(false)),
                _ => Err(self.fault("ports-form-choice")),
            },
            Kind::Number => self.number(&text),
            _ => Ok(Value::String(text)),
        }
    }

    fn number(&self, text: &str) -> Result<Value, AnswerFault> {
        let digits: String = clean::latin_digits(text).replace('\u{2212}', "-");
        let digits: String =
            digits.chars().filter(|c| !matches!(c, ' ' | ',' | '\u{66c}' | '\u{202f}')).collect();
        let number: i64 = digits.parse().map_err(|_| self.fault("ports-form-number"))?;
        let (least, most) = self.bounds;
        if (least..=most).contains(&number) {
            Ok(json!(number))
        } else {
            Err(self.fault("ports-form-bounds").arg("least", least).arg("most", most))
        }
    }

    fn date(&self, boxes: &[String]) -> Result<Option<Value>, AnswerFault> {
        let part = |index: usize| -> Result<Option<i16>, AnswerFault> {
            let text =
                clean::line(boxes.get(index).map_or("", String::as_str)).map_err(|r| self.refusal(r))?;
            let digits = clean::latin_digits(&text);
            if digits.is_empty() {
                return Ok(None);
            }
            let plain = digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
            let number = if plain { digits.parse().ok() } else { None };
            number.map(Some).ok_or_else(|| self.fault("ports-form-date-digits"))
        };
        let (day, month, year) = (part(0)?, part(1)?, part(2)?);
        if year.is_none() && (day.is_some() || month.is_some()) {
            return Err(self.fault("ports-form-date-year"));
        }
        if day.is_some() && month.is_none() {
            return Err(self.fault("ports-form-date-month"));
        }
        // 200 is no month: larger than any i8 must not wrap into one.
        let small = |part: Option<i16>| part.map(|n| i8::try_from(n).unwrap_or(i8::MAX));
        match PartialDate::from_parts(year, small(month), small(day)) {
            Ok(PartialDate::Unknown) => Ok(None),
            Ok(date) => Ok(Some(json!(date.to_string()))),
            Err(BadDate::Form(_) | BadDate::Calendar(_)) => Err(self.fault("ports-form-date")),
        }
    }

    fn address(&self, lines: &str, place: &str, sources: &dyn Sources) -> Result<Option<Value>, AnswerFault> {
        let text = self.cleaned(lines)?;
        let place = clean::line(place).map_err(|refusal| self.refusal(refusal))?;
        let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
        if lines.len() > ADDRESS_LINES_MAX {
            return Err(self.fault("ports-form-lines").arg("max", ADDRESS_LINES_MAX));
        }
        if place.is_empty() {
            // Lines without a place cannot be found by anybody; a place without lines can.
            return if lines.is_empty() { Ok(None) } else { Err(self.fault("ports-form-place")) };
        }
        if !self.has_option(&place, sources) {
            return Err(self.fault("ports-form-choice"));
        }
        Ok(Some(json!({ "lines": lines, "place": place })))
    }

    fn cleaned(&self, entered: &str) -> Result<String, AnswerFault> {
        // Long before anything is computed over it: normalizing a megabyte is work nobody should get for free.
        if self.max_chars > 0 && entered.chars().take(self.max_chars * 4 + 1).count() > self.max_chars * 4 {
            return Err(self.too_long());
        }
        let text = clean::text(self.kind, entered).map_err(|refusal| self.refusal(refusal))?;
        if self.max_chars > 0 && text.chars().count() > self.max_chars {
            Err(self.too_long())
        } else {
            Ok(text)
        }
    }

    fn too_long(&self) -> AnswerFault {
        self.fault("ports-form-long").arg("max", self.max_chars)
    }
    fn refusal(&self, refusal: Refusal) -> AnswerFault {
        match refusal {
            Refusal::Characters => self.fault("ports-form-characters"),
        }
    }
    pub(super) fn fault(&self, key: &'static str) -> AnswerFault {
        AnswerFault::new(&self.id, key)
    }
    pub(super) fn has_option(&self, value: &str, sources: &dyn Sources) -> bool {
        match &self.options {
            Options::None => false,
            Options::Inline(choices) => choices.iter().any(|choice| choice.value == value),
            Options::Source(source) => sources.label(source, value, &Lang::english()).is_some(),
        }
    }

    /// The boxes that show an answer.
    pub(super) fn boxes_of(&self, answer: Option<&Value>) -> Boxes {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let Some(answer) = answer else { return vec![String::new(); self.box_names().len()] };
        match self.kind {
            Kind::PartialDate => {
                let date: PartialDate = text(answer).parse().unwrap_or(PartialDate::Unknown);
                let shown = |part: Option<i64>| part.map_or_else(String::new, |n| n.to_string());
                vec![
                    shown(date.day().map(i64::from)),
                    shown(date.month().map(i64::from)),
                    shown(date.year().map(i64::from)),
                ]
            }
            Kind::Address => {
                let lines = answer["lines"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
                vec![lines.join("\n"), text(&answer["place"])]
            }
            Kind::YesNo => vec![if answer == &json!(true) { "yes" } else { "no" }.into()],
            Kind::Number => vec![answer.as_i64().map_or_else(String::new, |n| n.to_string())],
            _ => vec![text(answer)],
        }
    }
}

/// A stored photo's reference, made by whoever stores it: letters, digits, `-` and `_`.
fn is_reference(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
