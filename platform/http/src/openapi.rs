//! The OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.0), made from the route list so that it cannot drift from it.

use crate::route::{Access, ApiDoc, Body, Route, RouteKind, Routes};
use serde_json::{Map, Value, json};

/// The document of every API route.
#[must_use]
pub fn document(routes: &Routes, title: &str, version: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut schemas: Map<String, Value> = Map::new();
    schemas.insert("Problem".into(), problem_schema());
    for route in routes.iter().filter(|route| route.kind == RouteKind::Api) {
        let item = paths.entry(route.path.to_string()).or_insert_with(|| json!({}));
        item[route.method.to_lowercase()] = operation(route);
        for (name, schema) in &route.doc.schemas {
            schemas.insert(name.clone(), json!(schema));
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": "Every official act and every look at a person leaves a receipt. Errors are RFC 9457 problem details.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "session": {
                "type": "http", "scheme": "bearer",
                "description": "The token that POST /api/v1/session gives after password and one-time code.",
            }, "partner": {
                "type": "oauth2",
                "description": "A token of a registered program's own; docs/verification-api.md says how to get one.",
                "flows": { "clientCredentials": {
                    "tokenUrl": "/openid/token",
                    "scopes": { "verify": "Ask about people in the program's own name." },
                }},
            }},
        },
    });
    for (name, description) in routes.iter().filter_map(|route| route.doc.tokens) {
        document["components"]["securitySchemes"][name] =
            json!({ "type": "http", "scheme": "bearer", "description": description });
    }
    document
}

/// Names under which routes declare different shapes: a document has one shape a name, so all but the last would be lost.
#[must_use]
pub fn clashing_schemas(routes: &Routes) -> Vec<String> {
    let mut shapes: Map<String, Value> = Map::new();
    let mut clashes = Vec::new();
    shapes.insert("Problem".into(), problem_schema());
    for (name, schema) in routes.iter().flat_map(|route| &route.doc.schemas) {
        let shape = json!(schema);
        if *shapes.entry(name.clone()).or_insert_with(|| shape.clone()) != shape {
            clashes.push(name.clone());
        }
    }
    clashes
}

fn operation(route: &Route) -> Value {
    let doc = &route.doc;
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": doc.summary,
        "tags": [doc.tag],
        "parameters": parameters(route),
        "responses": responses(route),
    });
    match route.access {
        Access::Public => {}
        Access::Partner => match doc.tokens {
            Some((name, _)) => operation["security"] = json!([{ name: [] }]),
            None => operation["security"] = json!([{ "partner": ["verify"] }]),
        },
        _ => operation["security"] = json!([{ "session": [] }]),
    }
    if let Some(permission) = route.access.permission() {
        operation["description"] = json!(format!("Needs the permission `{permission}`."));
    }
    if let Some(schema) = &doc.request {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": reference(schema) } },
        });
    }
    operation
}

/// `GET /api/v1/people/{person}/looks` becomes `get_people_person_looks`.
fn operation_id(route: &Route) -> String {
    let words = route.path.trim_start_matches("/api/v1").split(|c: char| !c.is_ascii_alphanumeric());
    let mut id = route.method.to_lowercase();
    for word in words.filter(|word| !word.is_empty()) {
        id.push('_');
        id.push_str(word);
    }
    id
}

fn parameters(route: &Route) -> Vec<Value> {
    // A parameter that stands for a row is an identifier; what is none has no row, which is a 404.
    let in_path = path_parameters(route.path).map(|name| {
        let is_id = route.examples.iter().any(|(known, value)| *known == name && value.starts_with('$'));
        let schema =
            if is_id { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let listed = |place: &'static str, schema: Value, list: &[(&'static str, bool, &'static str)]| {
        list.iter()
            .map(move |(name, required, meaning)| {
                json!({ "name": name, "in": place, "required": required, "description": meaning, "schema": schema })
            })
            .collect::<Vec<_>>()
    };
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let visible = json!({ "type": "string", "pattern": "^[!-~]{1,100}$" });
    in_path
        .chain(listed("query", text, &route.doc.query))
        .chain(listed("header", visible, &route.doc.headers))
        .collect()
}

/// The names between braces in a path.
pub fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(|name| name.trim_start_matches('*'))
}

fn responses(route: &Route) -> Value {
    let mut out = Map::new();
    for (status, meaning, body) in &route.doc.responses {
        let mut answer = json!({ "description": meaning });
        match body {
            Body::None => {}
            Body::Schema(name) => {
                answer["content"] = json!({ "application/json": { "schema": reference(name) } });
            }
            Body::Bytes(content_type) => answer["content"] = json!({ *content_type: {} }),
        }
        out.insert(status.to_string(), answer);
    }
    for status in problem_statuses(route.access, &route.doc) {
        out.entry(status.to_string()).or_insert_with(|| {
            json!({
                "description": "A problem; `code` says which.",
                "content": { "application/problem+json": { "schema": reference("Problem") } },
            })
        });
    }
    Value::Object(out)
}

fn problem_statuses(access: Access, doc: &ApiDoc) -> Vec<u16> {
    let mut all = vec![400, 404, 413, 429, 500, 503];
    if access != Access::Public {
        all.extend([401, 403]);
    }
    all.extend(&doc.problems);
    all.sort_unstable();
    all.dedup();
    all
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457 problem details.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": { "type": "string", "description": "A relative reference that names the problem." },
            "title": { "type": "string", "description": "What happened." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "code": { "type": "string", "description": "Stable code." },
            "detail": { "type": "string", "description": "The next step." },
            "errors": { "type": "array", "items": {
                "type": "object", "required": ["field", "message"],
                "properties": { "field": { "type": "string" }, "message": { "type": "string" } },
            }},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reply;

    #[derive(serde::Serialize, utoipa::ToSchema)]
    struct Thing {
        /// How many.
        count: i64,
    }

    #[test]
    fn one_route_one_operation() {
        let mut routes = Routes::new();
        routes
            .api("GET", "/api/v1/things/{id}", Access::Official("thing.read"), |_| async { Reply::json(&1) })
            .doc("things", "One thing.")
            .query("q", false, "A word.")
            .gives::<Thing>(200, "The thing.");
        routes.page("GET", "/page", Access::Public, |_| async { Ok(Reply::html("")) });
        let doc = document(&routes, "Daftar", "1");
        let get = &doc["paths"]["/api/v1/things/{id}"]["get"];
        assert_eq!(get["operationId"], "get_things_id");
        assert_eq!(get["parameters"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/Thing"
        );
        assert!(get["responses"]["403"].is_object());
        assert_eq!(doc["components"]["schemas"]["Thing"]["properties"]["count"]["type"], "integer");
        assert!(doc["paths"]["/page"].is_null());
    }

    mod elsewhere {
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub(super) struct Thing {
            name: String,
        }
    }

    #[test]
    fn two_shapes_of_one_name_are_found() {
        let mut routes = Routes::new();
        let mut add = |path| {
            routes
                .api("GET", path, Access::Public, |_| async { Reply::json(&1) })
                .doc("things", "Things.")
                .gives::<Thing>(200, "One.");
        };
        add("/api/v1/a");
        add("/api/v1/b");
        assert!(clashing_schemas(&routes).is_empty(), "the same shape twice is one");
        routes
            .api("GET", "/api/v1/c", Access::Public, |_| async { Reply::json(&1) })
            .doc("things", "Other.")
            .gives::<elsewhere::Thing>(200, "One.");
        assert_eq!(clashing_schemas(&routes), ["Thing"]);
    }
}
