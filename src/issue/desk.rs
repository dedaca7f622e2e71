//! What every step of issuing needs: the model, the kinds of documents, the faces.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::document::{FontStore, Kind, Kinds};
use crate::error::{Error, Result, codes};
use crate::model::Schema;
use crate::model::calendar::Calendar;
use crate::model::rules::Rules;
use crate::store::{Conn, NumberSeries, save_series};

/// The clerk's desk. Cheap to clone; boot makes one.
#[derive(Clone)]
pub struct Desk {
    /// The canonical model.
    pub schema: Arc<Schema>,
    /// Dated rules: ratios, articles, periods.
    pub rules: Arc<Rules>,
    /// Working days, for periods the law counts in them.
    pub calendar: Arc<Calendar>,
    /// The kinds of documents.
    pub kinds: Arc<Kinds>,
    /// The faces documents are set in, or why there are none: a hub without fonts still exchanges data.
    pub fonts: Result<Arc<FontStore>>,
}

impl Desk {
    /// The faces.
    ///
    /// # Errors
    /// Why no document can be set on this machine.
    pub fn faces(&self) -> Result<&FontStore> {
        self.fonts.as_deref().map_err(Clone::clone)
    }

    /// A kind of document that must exist.
    pub fn kind(&self, name: &str) -> Result<&Kind> {
        self.kinds.get(name).ok_or_else(|| {
            Error::new(
                codes::document::UNKNOWN_KIND,
                format!("没有“{name}”这种文书，可用 hub document kinds 查看全部文种。"),
            )
        })
    }
}

/// Opens the series of every kind that is numbered, so that the register (文号簿) shows them before the first number is taken.
pub fn open_series(conn: &mut Conn, desk: &Desk, now: DateTime<Utc>) -> Result<()> {
    for kind in desk.kinds.iter() {
        if let Some(numbering) = &kind.numbering {
            let row = NumberSeries {
                id: numbering.series.clone(),
                title: kind.title.clone(),
                pattern: numbering.pattern.clone(),
                created_at: now.into(),
            };
            save_series(conn, &row)?;
        }
    }
    Ok(())
}
