//! Files a browser asks for: what pages are made of, and documents.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::web::app::App;
use crate::web::routes::nowhere;

/// Bytes on their way to a browser.
pub struct Sent {
    /// Media type.
    pub media_type: String,
    /// Name for saving.
    pub name: String,
    /// Whether the browser shows it instead of saving it.
    pub inline: bool,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Sent {
    /// The answer.
    #[must_use]
    pub fn answer(self) -> HttpResponse {
        let way = if self.inline { "inline" } else { "attachment" };
        // RFC 6266: the name in UTF-8, percent-encoded.
        let name: String = self.name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, self.media_type))
            .insert_header((CONTENT_DISPOSITION, format!("{way}; filename*=UTF-8''{name}")))
            .body(self.bytes)
    }
}

/// `GET /assets/{name}`: the name changes with the content, so browsers may keep it for ever.
pub async fn asset(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    match app.pages.asset(req.match_info().query("name")) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, asset.media_type))
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.bytes.clone()),
        None => nowhere(req).await,
    }
}
