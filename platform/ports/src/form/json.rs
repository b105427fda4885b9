//! Answers as JSON. A value becomes the boxes it would stand in, and those are read as a page's would be.

use serde_json::Value;

use super::{AnswerFault, Answers, Field, Form, Kind, Sources};

impl Field {
    /// The canonical answer of a JSON value.
    pub(super) fn answer_of_json(
        &self,
        value: &Value,
        sources: &dyn Sources,
    ) -> Result<Option<Value>, AnswerFault> {
        let boxes = self.json_boxes(value).ok_or_else(|| self.fault("ports-form-type"))?;
        self.answer(&boxes, sources)
    }
    /// Whether a stored answer is still good.
    pub(super) fn check(
        &self,
        answer: Option<&Value>,
        sources: &dyn Sources,
    ) -> Result<Option<Value>, AnswerFault> {
        self.answer_of_json(answer.unwrap_or(&Value::Null), sources)
    }

    fn json_boxes(&self, value: &Value) -> Option<Vec<String>> {
        if value.is_null() {
            return Some(vec![String::new(); self.box_names().len()]);
        }
        match self.kind {
            Kind::PartialDate => {
                let text = value.as_str()?;
                let parts: Vec<&str> = text.split('-').collect();
                let boxes = match parts.as_slice() {
                    [year, month, day] => [*day, *month, *year],
                    [year, month] => ["", *month, *year],
                    _ => ["", "", text],
                };
                // JSON is for programs: exactly two digits, or the schema would say one thing and this another.
                let exact = text.is_empty() || matches!(text.len(), 4 | 7 | 10);
                // A part that is there but empty, as in 1956--20, is a mistake and not an unknown month.
                let whole = text.is_empty() || parts.iter().all(|part| !part.is_empty());
                let boxes = if exact && whole { boxes } else { ["", "", "?"] };
                Some(boxes.map(String::from).into())
            }
            Kind::Address => {
                let object = value.as_object()?;
                if object.keys().any(|key| key != "lines" && key != "place") {
                    return None;
                }
                let lines = match object.get("lines") {
                    None => Vec::new(),
                    Some(lines) => lines.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?,
                };
                let place = object.get("place").map_or(Some(""), Value::as_str)?;
                Some(vec![lines.join("\n"), place.to_string()])
            }
            Kind::YesNo => Some(vec![if value.as_bool()? { "yes" } else { "no" }.into()]),
            Kind::Number => Some(vec![value.as_i64()?.to_string()]),
            _ => Some(vec![value.as_str()?.to_string()]),
        }
    }
}

impl Form {
    /// Reads answers from JSON, as the schema of [`Form::schema`] describes them.
    ///
    /// # Errors
    /// Every fault at once; the same as a page's would be, and those of JSON alone: another type, an unknown field, an
    /// answer to a question that is not asked.
    pub fn read_json(&self, body: &Value, sources: &dyn Sources) -> Result<Answers, Vec<AnswerFault>> {
        let Some(object) = body.as_object() else {
            return Err(vec![AnswerFault::new("", "ports-form-object")]);
        };
        let mut faults = Vec::new();
        let mut answers = Answers::default();
        // Fields in their order: a condition looks at answers of earlier pages only.
        for field in self.fields() {
            let given = object.get(&field.id).unwrap_or(&Value::Null);
            if !self.is_asked(field, &answers) {
                if !given.is_null() {
                    faults.push(field.fault("ports-form-not-asked"));
                }
                continue;
            }
            match field.answer_of_json(given, sources) {
                Ok(Some(value)) => {
                    answers.0.insert(field.id.clone(), value);
                }
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        let unknown = object.keys().filter(|id| self.field(id).is_none());
        faults.extend(unknown.map(|id| AnswerFault::new(id, "ports-form-unknown")));
        if faults.is_empty() { Ok(answers) } else { Err(faults) }
    }
}
