//! What the operations of the API take and answer: `operations.json` beside this file, one entry per route, and the shapes of
//! the answers in `schemas.json`. Tests hold both against the route table and against what is really answered.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::web::routes::Entry;

/// A media type and the schema of what is of it; none when it is no JSON.
type Content = BTreeMap<String, Option<String>>;

/// One operation beyond its path, summary and door.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Described {
    /// Query parameters: schema, `description` and `required`.
    #[serde(default)]
    query: Map<String, Value>,
    /// Request headers, in the same form.
    #[serde(default)]
    headers: Map<String, Value>,
    /// What is sent.
    #[serde(default)]
    body: Content,
    /// The one good answer, 200.
    #[serde(default)]
    answer: Content,
    /// Several answers: status, what it says, content.
    #[serde(default)]
    answers: BTreeMap<String, (String, Content)>,
}

static OPERATIONS: LazyLock<BTreeMap<String, Described>> =
    LazyLock::new(|| serde_json::from_str(include_str!("operations.json")).unwrap_or_default());

static NOTHING: LazyLock<Described> = LazyLock::new(Described::default);

/// What is known of a route; a test sees to it that this is never nothing.
pub(super) fn of(entry: &Entry) -> &'static Described {
    OPERATIONS.get(&format!("{} {}", entry.method, entry.path)).unwrap_or(&NOTHING)
}

/// The shapes of answers by name.
pub(super) fn schemas() -> Map<String, Value> {
    serde_json::from_str(include_str!("schemas.json")).unwrap_or_default()
}

impl Described {
    /// Parameters of query and headers.
    pub(super) fn parameters(&self) -> impl Iterator<Item = Value> + '_ {
        let query = self.query.iter().map(|it| ("query", it));
        query.chain(self.headers.iter().map(|it| ("header", it))).map(|(place, (name, said))| {
            let mut schema = said.as_object().cloned().unwrap_or_default();
            let description = schema.remove("description");
            let required = schema.remove("required").unwrap_or(Value::Bool(false));
            json!({
                "name": name, "in": place, "required": required, "description": description, "schema": schema,
            })
        })
    }

    /// The request body, if there is one.
    pub(super) fn body(&self) -> Option<Value> {
        (!self.body.is_empty()).then(|| json!({ "required": true, "content": content(&self.body) }))
    }

    /// The good answers by status.
    pub(super) fn answers(&self) -> Map<String, Value> {
        let one = (!self.answer.is_empty()).then_some(("200", "成功", &self.answer));
        let several = self.answers.iter().map(|(status, (said, of))| (status.as_str(), said.as_str(), of));
        one.into_iter()
            .chain(several)
            .map(|(status, said, of)| {
                let mut answer = json!({ "description": said });
                if let (Some(answer), false) = (answer.as_object_mut(), of.is_empty()) {
                    answer.insert("content".to_owned(), content(of));
                }
                (status.to_owned(), answer)
            })
            .collect()
    }
}

fn content(of: &Content) -> Value {
    of.iter()
        .map(|(media, schema)| {
            let schema = match schema {
                Some(name) => json!({ "$ref": format!("#/components/schemas/{name}") }),
                None => json!({}),
            };
            (media.clone(), json!({ "schema": schema }))
        })
        .collect::<Map<String, Value>>()
        .into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::OPERATIONS;
    use crate::web::routes::API;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let routes: BTreeSet<String> = API.iter().map(|it| format!("{} {}", it.method, it.path)).collect();
        let described: BTreeSet<String> = OPERATIONS.keys().cloned().collect();
        assert_eq!(described, routes);
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let schemas = super::schemas();
        let named = OPERATIONS.values().flat_map(|it| {
            let several = it.answers.values().flat_map(|(_, content)| content.values());
            it.body.values().chain(it.answer.values()).chain(several).flatten()
        });
        for name in named {
            assert!(name == "Error" || schemas.contains_key(name), "{name}");
        }
    }
}
