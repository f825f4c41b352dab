//! The description of an API, looked up and held against answers.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use reqwest::{Body, Response};
use serde_json::{Map, Value};

use crate::common::{Running, get, http};

/// `/api/v1/openapi.json`.
pub(crate) struct Document(pub(crate) Value);

impl Document {
    pub(crate) async fn of(server: &Running) -> Self {
        let answer = get(server.at("/api/v1/openapi.json")).await;
        assert_eq!(answer.headers()["content-type"], "application/json");
        Self(answer.json().await.unwrap())
    }

    /// Method in lower case, path and description of every operation.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (String, String, &Value)> {
        self.0["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(|(method, operation)| (method.clone(), path.clone(), operation))
        })
    }

    pub(crate) fn operation(&self, method: &str, path: &str) -> &Value {
        let operation = &self.0["paths"][path][method];
        assert!(operation.is_object(), "{method} {path} is not described");
        operation
    }

    /// What a reference refers to, or the value itself.
    pub(crate) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        let pointer = reference.strip_prefix('#').expect("a reference into this document");
        self.0.pointer(pointer).unwrap_or_else(|| panic!("{reference} refers to nothing"))
    }

    /// Panics at a reference that refers to nothing.
    pub(crate) fn check_references(&self) {
        let mut values = vec![&self.0];
        while let Some(value) = values.pop() {
            match value {
                Value::Object(map) => {
                    self.resolved(value);
                    values.extend(map.values());
                }
                Value::Array(items) => values.extend(items),
                _ => {}
            }
        }
    }

    /// Panics at an answer whose status, headers or body are not described.
    pub(crate) async fn check_answer(&self, method: &str, route: &str, answer: Response) {
        let status = answer.status().as_u16().to_string();
        let what = format!("{method} {route} {status}");
        let described = &self.operation(&method.to_lowercase(), route)["responses"][&status];
        assert!(described.is_object(), "{what} is not described");
        let described = self.resolved(described);
        for name in described["headers"].as_object().iter().flat_map(|headers| headers.keys()) {
            assert!(answer.headers().contains_key(name), "{what}: no {name}");
        }
        for name in ["etag", "content-range", "accept-ranges", "retry-after", "www-authenticate"] {
            let known = described["headers"]
                .as_object()
                .is_some_and(|headers| headers.keys().any(|described| described.eq_ignore_ascii_case(name)));
            assert_eq!(known, answer.headers().contains_key(name), "{what}: {name}");
        }
        let media_type = answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let body = answer.bytes().await.unwrap();
        if body.is_empty() {
            assert!(described["content"].is_null(), "{what}: no body");
            return;
        }
        let media_type = media_type.unwrap();
        let content = described["content"].as_object().unwrap_or_else(|| panic!("{what}: a body"));
        let (_, content) = content
            .iter()
            .find(|(known, _)| *known == "*/*" || media_type.starts_with(known.as_str()))
            .unwrap_or_else(|| panic!("{what}: {media_type}"));
        if media_type == "application/json" {
            self.check(&content["schema"], &serde_json::from_slice(&body).unwrap(), &what);
        }
    }

    /// Panics at a value that a schema does not allow, as far as this project's schemas say it.
    fn check(&self, schema: &Value, value: &Value, what: &str) {
        let schema = self.resolved(schema);
        if let Some(parts) = schema["allOf"].as_array() {
            let known: Map<String, Value> = parts
                .iter()
                .filter_map(|part| self.resolved(part)["properties"].as_object())
                .flat_map(Clone::clone)
                .collect();
            return self.check_object(&known, value, what);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let chosen = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
            return self.check(chosen.unwrap_or_else(|| panic!("{what}: {value}")), value, what);
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let kinds = &schema["type"];
        let allowed =
            |kind: &str| kinds == kind || kinds.as_array().is_some_and(|all| all.contains(&kind.into()));
        let allowed = allowed(kind) || kind == "integer" && allowed("number");
        assert!(allowed, "{what}: {value} is no {kinds}");
        if let Some(known) = schema["enum"].as_array() {
            assert!(known.contains(value), "{what}: {value}");
        }
        for item in value.as_array().into_iter().flatten() {
            self.check(&schema["items"], item, what);
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(value.get(name.as_str().unwrap()).is_some(), "{what}: no {name}");
        }
        if let Some(known) = schema["properties"].as_object() {
            self.check_object(known, value, what);
        } else if schema["additionalProperties"].is_object() {
            for value in value.as_object().unwrap().values() {
                self.check(&schema["additionalProperties"], value, what);
            }
        }
    }

    fn check_object(&self, known: &Map<String, Value>, value: &Value, what: &str) {
        for (name, value) in value.as_object().unwrap_or_else(|| panic!("{what}: {value}")) {
            let schema = known.get(name).unwrap_or_else(|| panic!("{what}: {name} is not described"));
            self.check(schema, value, &format!("{what} {name}"));
        }
    }
}

/// A request to a route, and the status that it is answered with.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    status: u16,
}

/// A call of a route whose parameters have these values.
pub(crate) fn call(method: &'static str, route: &'static str, values: &[&str], status: u16) -> Call {
    let mut values = values.iter();
    let part = |part: &'static str| if part.starts_with('{') { values.next().unwrap() } else { part };
    let path = route.split('/').map(part).collect::<Vec<_>>().join("/");
    Call { method, route, path, headers: Vec::new(), body: Vec::new(), status }
}

impl Call {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    pub(crate) async fn send(&self, server: &Running, token: &str) -> Response {
        let mut request = http().request(self.method.parse().unwrap(), server.at(&self.path));
        if !self.headers.iter().any(|(name, _)| *name == "Authorization") {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.body(Body::from(self.body.clone())).send().await.unwrap();
        assert_eq!(answer.status(), self.status, "{} {}", self.method, self.path);
        answer
    }
}
