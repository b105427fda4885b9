//! The form's answers as a JSON Schema (2020-12), for OpenAPI and for other people's programs.

use daftar_kernel::Lang;
use serde_json::{Map, Value, json};

use super::{ADDRESS_LINES_MAX, Field, Form, Kind, Options};

impl Form {
    /// The schema of the object that [`Form::read_json`] reads. It is as strict as a schema can be; rules about
    /// characters and lists of places are checked beyond it.
    #[must_use]
    pub fn schema(&self, lang: &Lang) -> Value {
        let properties: Map<String, Value> =
            self.fields().map(|field| (field.id.clone(), field.schema(lang))).collect();
        let always = self.fields().filter(|field| field.required && field.show_if.is_none());
        let required: Vec<&str> = always.map(|field| field.id.as_str()).collect();
        let conditions: Vec<Value> = self.fields().filter_map(|field| self.condition_schema(field)).collect();
        let mut schema = json!({
            "type": "object",
            "title": self.title.get(lang),
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        if !conditions.is_empty() {
            schema["allOf"] = Value::Array(conditions);
        }
        schema
    }

    /// Asked: perhaps required. Not asked: not allowed, but for null.
    fn condition_schema(&self, field: &Field) -> Option<Value> {
        let condition = field.show_if.as_ref()?;
        let other = self.field(&condition.field)?;
        let answers: Vec<Value> = condition
            .is
            .iter()
            .map(|answer| if other.kind == Kind::YesNo { json!(answer == "yes") } else { json!(answer) })
            .collect();
        let mut schema = json!({
            "if": { "properties": { &other.id: { "enum": answers } }, "required": [other.id] },
            "else": { "properties": { &field.id: { "type": "null" } } },
        });
        if field.required {
            schema["then"] = json!({ "required": [field.id] });
        }
        Some(schema)
    }
}

impl Field {
    fn schema(&self, lang: &Lang) -> Value {
        let mut schema = self.value_schema();
        if !self.required || self.show_if.is_some() {
            schema["type"] = json!([schema["type"], "null"]);
            if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
        }
        schema["title"] = json!(self.label.get(lang));
        let help = self.help.get(lang);
        if !help.is_empty() {
            schema["description"] = json!(help);
        }
        schema
    }

    fn value_schema(&self) -> Value {
        let least = usize::from(self.required);
        match self.kind {
            Kind::Name | Kind::Text | Kind::LongText => {
                json!({ "type": "string", "minLength": least, "maxLength": self.max_chars })
            }
            Kind::Email => {
                json!({ "type": "string", "minLength": least, "maxLength": self.max_chars, "format": "email" })
            }
            Kind::PartialDate => {
                let date = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?";
                let pattern = if self.required { format!("^{date}$") } else { format!("^({date})?$") };
                json!({ "type": "string", "pattern": pattern, "examples": ["1956-06-20", "1956-06", "1956"] })
            }
            Kind::Choice | Kind::Place => match &self.options {
                Options::Inline(choices) => {
                    let mut values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
                    if !self.required {
                        values.push("");
                    }
                    json!({ "type": "string", "enum": values })
                }
                Options::Source(_) | Options::None => json!({ "type": "string", "minLength": least }),
            },
            Kind::Address => json!({
                "type": "object",
                "properties": {
                    "lines": { "type": "array", "items": { "type": "string" }, "maxItems": ADDRESS_LINES_MAX },
                    "place": { "type": "string", "minLength": least },
                },
                "required": if self.required { vec!["place"] } else { vec![] },
                "additionalProperties": false,
            }),
            Kind::Photo => {
                let pattern = if self.required { "^[A-Za-z0-9_-]{1,128}$" } else { "^[A-Za-z0-9_-]{0,128}$" };
                json!({ "type": "string", "pattern": pattern })
            }
            Kind::Phone => json!({ "type": "string", "minLength": least }),
            Kind::YesNo => json!({ "type": "boolean" }),
            Kind::Number => json!({ "type": "integer", "minimum": self.bounds.0, "maximum": self.bounds.1 }),
        }
    }
}
