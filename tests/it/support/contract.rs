//! Every answer a test gets from the API is held against the hub's own `/openapi.json`: status, media type, shape, and that no
//! member is left undescribed.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::app::Reply;

/// Descriptions by address of the hub.
static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Contract>>>> = LazyLock::new(Mutex::default);

/// Fails unless the answer is one the description announces. What is no part of the API is let pass.
#[track_caller]
pub fn holds(base: &str, method: &str, path: &str, reply: &Reply) {
    let path = path.split('?').next().unwrap();
    if !path.starts_with("/api/") || path.contains('%') {
        return;
    }
    let found = KNOWN.lock().unwrap().get(base).cloned();
    // A hub that was killed since describes nothing any more.
    let Some(contract) = found.or_else(|| Contract::read(base).map(Arc::new)) else { return };
    KNOWN.lock().unwrap().insert(base.to_owned(), contract.clone());
    contract.holds(method, path, reply);
}

struct Contract {
    description: Value,
    /// Validators by what they are for, made when first asked for.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    fn read(base: &str) -> Option<Self> {
        let text = reqwest::blocking::get(format!("{base}/openapi.json")).ok()?.text().ok()?;
        let mut description: Value = serde_json::from_str(&text).unwrap();
        close(&mut description["components"]["schemas"], false);
        Some(Self { description, validators: Mutex::default() })
    }

    #[track_caller]
    fn holds(&self, method: &str, path: &str, reply: &Reply) {
        let Some(operation) = self.operation(method, path) else {
            assert!(matches!(reply.status, 403..=405), "{method} {path} is not described: {}", reply.status);
            return;
        };
        let answers = &operation["responses"];
        let status = reply.status.to_string();
        let name = if answers.get(&status).is_some() { status.as_str() } else { "default" };
        assert!(name != "default" || reply.status >= 400, "{method} {path}: {status} is not described");
        let content = &answers[name]["content"];
        if reply.text.is_empty() {
            assert!(content.is_null() || reply.status >= 400, "{method} {path}: {status} says nothing");
            return;
        }
        let media = reply.headers["content-type"].to_str().unwrap().split(';').next().unwrap();
        let schema = &content[media]["schema"];
        assert!(schema.is_object(), "{method} {path}: {status} as {media} is not described");
        if media == "application/json" {
            let key = format!("{method} {path} {name}");
            let validator = self.validator(&key, schema);
            let faults: Vec<String> = validator
                .iter_errors(&reply.json)
                .map(|it| format!("{}: {it}", it.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{method} {path} {status}: {}\n{}", faults.join("\n"), reply.text);
        }
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &str| {
            let wanted: Vec<&str> = pattern.split('/').collect();
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(want, is)| want == is || want.starts_with('{'))
        };
        let paths = self.description["paths"].as_object().unwrap();
        paths.iter().find(|(pattern, _)| fits(pattern)).and_then(|(_, it)| it.get(method.to_lowercase()))
    }

    fn validator(&self, key: &str, schema: &Value) -> Arc<Validator> {
        let mut known = self.validators.lock().unwrap();
        let made = || {
            let whole = json!({ "allOf": [schema], "components": self.description["components"] });
            Arc::new(jsonschema::draft202012::new(&whole).unwrap())
        };
        known.entry(key.to_owned()).or_insert_with(made).clone()
    }
}

/// Members that are not described become faults. A part of an `allOf` knows only its own members, so the whole is closed.
fn close(schema: &mut Value, part: bool) {
    match schema {
        Value::Object(it) => {
            let open = it.contains_key("additionalProperties");
            let closes = it.contains_key("properties") || it.contains_key("allOf");
            for (key, inner) in it.iter_mut() {
                close(inner, key == "allOf" || key == "Line");
            }
            if closes && !open && !part {
                it.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|it| close(it, part)),
        _ => {}
    }
}
