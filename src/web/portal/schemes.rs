//! `/portal/schemes`: what is signed and how it travels, with worked examples: the same that the tests hold true.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::shell::show;
use crate::signing::{Example, Keying, SCHEMES, Scheme};
use crate::web::app::App;

/// `GET /portal/schemes`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let window = app.signature.window.as_secs();
    show(&req, &app, "portal/schemes.html", move |_, _| {
        let schemes: Vec<Value> = SCHEMES.iter().map(|it| scheme(it)).collect();
        Ok(json!({ "schemes": schemes, "window": window }))
    })
    .await
}

fn scheme(of: &Scheme) -> Value {
    json!({ "name": of.name, "title": of.title, "about": of.about, "pair": of.keying == Keying::Pair,
        "covers_body": of.covers_body, "examples": of.examples.iter().map(example).collect::<Vec<_>>() })
}

fn example(of: &Example) -> Value {
    let query = if of.query.is_empty() { String::new() } else { format!("?{}", of.query) };
    let mut request = format!("{} {}{query}\n", of.method, of.path);
    for (name, value) in of.headers {
        request.push_str(&format!("{name}: {value}\n"));
    }
    if !of.body.is_empty() {
        request.push_str(&format!("\n{}", of.body));
    }
    json!({ "about": of.about, "request": request, "key": of.key.trim(), "text": of.text })
}
