//! The templates of the console and the portal and the files they use, compiled once at start.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::web::app::Files;

/// A file pages use: its bytes and media type.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Content.
    pub bytes: Vec<u8>,
    /// Media type.
    pub media_type: &'static str,
}

/// Templates and assets.
pub struct Pages {
    tera: tera::Tera,
    assets: BTreeMap<String, Asset>,
    css: String,
    htmx: String,
    js: String,
}

impl Pages {
    /// Compiles `console/*.html` and `portal/*.html` of the templates and names the assets after their content, so that
    /// browsers may keep them for ever and yet see a new version at once. Pages of the portal keep their folder's name.
    ///
    /// # Errors
    /// `setting` when a template is wrong or a file is missing.
    pub fn new(templates: &Files, assets: &Files) -> Result<Self> {
        let mut tera = tera::Tera::new();
        tera.autoescape_on(vec![".html"]);
        let files: Vec<(String, String)> = templates
            .iter()
            .filter_map(|(path, bytes)| {
                let page = path.ends_with(".html").then_some(path.as_str())?;
                let name =
                    page.strip_prefix("console/").or(Some(page).filter(|it| it.starts_with("portal/")))?;
                Some((name.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
            })
            .collect();
        tera.add_raw_templates(files)
            .map_err(|e| Error::new(codes::machine::SETTING, "页面模板有误，请改正后再启动。").because(e))?;
        let mut pages = Self {
            tera,
            assets: BTreeMap::new(),
            css: String::new(),
            htmx: String::new(),
            js: String::new(),
        };
        pages.css = pages.add(assets, "console/hub.css", "hub", "css", "text/css; charset=utf-8")?;
        pages.htmx =
            pages.add(assets, "vendor/htmx.min.js", "htmx", "js", "text/javascript; charset=utf-8")?;
        pages.js = pages.add(assets, "console/hub.js", "hub", "js", "text/javascript; charset=utf-8")?;
        Ok(pages)
    }

    fn add(
        &mut self,
        files: &Files,
        path: &str,
        stem: &str,
        ending: &str,
        media_type: &'static str,
    ) -> Result<String> {
        let bytes = files.get(path).cloned().ok_or_else(|| {
            Error::new(codes::machine::SETTING, format!("程序里缺少页面文件 {path}，请重新安装。"))
        })?;
        let digest = crypto::sha256_hex(&bytes)?;
        let name = format!("{stem}-{}.{ending}", digest.get(..12).unwrap_or(&digest));
        self.assets.insert(name.clone(), Asset { bytes, media_type });
        Ok(name)
    }

    /// A file by its name.
    #[must_use]
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.get(name)
    }

    /// A page.
    ///
    /// # Errors
    /// `internal` when the template cannot be filled.
    pub fn render(&self, template: &str, values: &Value) -> Result<String> {
        let mut context = tera::Context::new();
        for (name, value) in values.as_object().into_iter().flatten() {
            context.insert(name.clone(), value);
        }
        context.insert("assets", &serde_json::json!({ "css": self.css, "htmx": self.htmx, "js": self.js }));
        self.tera.render(template, &context).map_err(|e| Error::internal(format!("{template}: {e:?}")))
    }
}
