//! The `claims` parameter (OpenID Connect Core §5.5): single claims asked for, in the ID token or at the userinfo endpoint.

use crate::Refusal;
use crate::scope::{Scope, Scopes};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest parameter, in bytes.
pub const MAX_CLAIMS_BYTES: usize = 2000;

/// What is asked of one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Whether the client cannot do its work without it (§5.5.1).
    pub essential: bool,
    /// Values the client would take; empty for any.
    pub values: Vec<Value>,
}

/// What is asked for, by the claim's name. Names we do not know are left out, as §5.5 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsRequest {
    /// In the ID token.
    pub id_token: BTreeMap<String, Wish>,
    /// At the userinfo endpoint.
    pub userinfo: BTreeMap<String, Wish>,
}

impl ClaimsRequest {
    /// Reads the parameter.
    ///
    /// # Errors
    /// `invalid_request` when it is too long or not of the shape of §5.5.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = Refusal::request("claims is not a claims request of OpenID Connect Core 5.5");
        if text.len() > MAX_CLAIMS_BYTES {
            return Err(bad);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| bad)?;
        let object = value.as_object().ok_or(bad)?;
        let part =
            |name: &str| object.get(name).map_or_else(|| Ok(BTreeMap::new()), |v| wishes(v).ok_or(bad));
        Ok(Self { id_token: part("id_token")?, userinfo: part("userinfo")? })
    }
    /// The scopes whose claims are asked for one by one.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        Scopes::new(self.id_token.keys().chain(self.userinfo.keys()).filter_map(|name| Scope::of_claim(name)))
    }
    /// As the parameter, without what was left out; empty when nothing is asked.
    #[must_use]
    pub fn to_text(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let part = |wishes: &BTreeMap<String, Wish>| -> Value {
            wishes
                .iter()
                .map(|(name, wish)| {
                    let wish = serde_json::json!({ "essential": wish.essential, "values": wish.values });
                    (name.clone(), wish)
                })
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        serde_json::json!({ "id_token": part(&self.id_token), "userinfo": part(&self.userinfo) }).to_string()
    }
}

fn wishes(value: &Value) -> Option<BTreeMap<String, Wish>> {
    let mut out = BTreeMap::new();
    for (name, wish) in value.as_object()? {
        let wish = match wish {
            Value::Null => Wish::default(),
            Value::Object(asked) => {
                let essential = asked.get("essential").map_or(Some(false), Value::as_bool)?;
                let one = asked.get("value").cloned();
                let several =
                    asked.get("values").map_or(Some(&[][..]), |v| v.as_array().map(Vec::as_slice))?;
                Wish { essential, values: one.into_iter().chain(several.iter().cloned()).collect() }
            }
            _ => return None,
        };
        if matches!(name.as_str(), "acr" | "auth_time") || Scope::of_claim(name).is_some() {
            out.insert(name.clone(), wish);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_section_5_5() {
        let text = r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"email":{"essential":true},
            "email_verified":{"essential":true},"picture":null,"http://example.info/claims/groups":null},
            "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}}"#;
        let request = ClaimsRequest::parse(text).unwrap();
        let names: Vec<&str> = request.userinfo.keys().map(String::as_str).collect();
        assert_eq!(names, ["email", "email_verified", "given_name"], "those we do not know are passed over");
        assert!(request.userinfo["email"].essential && request.id_token["auth_time"].essential);
        assert_eq!(request.id_token["acr"].values, ["urn:mace:incommon:iap:silver"]);
        assert_eq!(request.scopes().to_string(), "profile email");
        assert_eq!(ClaimsRequest::parse(&request.to_text()).unwrap(), request);
    }

    #[test]
    fn other_shapes_are_refused() {
        for bad in [
            "",
            "[]",
            "7",
            "{\"userinfo\":7}",
            "{\"id_token\":{\"sub\":7}}",
            "{\"id_token\":{\"sub\":{\"essential\":\"yes\"}}}",
            "{\"userinfo\":{\"email\":{\"values\":\"x\"}}}",
        ] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad}");
        }
        let long = |n: usize| format!("{{\"x\":\"{}\"}}", "a".repeat(n - 8));
        assert!(ClaimsRequest::parse(&long(MAX_CLAIMS_BYTES)).is_ok());
        assert!(ClaimsRequest::parse(&long(MAX_CLAIMS_BYTES + 1)).is_err());
        assert_eq!(ClaimsRequest::parse("{}").unwrap().to_text(), "");
    }
}
