//! Column types both databases share: identifiers, instants, words of fixed lists, JSON kept as text.

use std::sync::Mutex;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Text, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use uuid::{ContextV7, Uuid};

use crate::error::{Error, Result};

/// Ids made in this process increase even within one millisecond, so that rows made in order sort in order.
static ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A fresh id of 32 hex digits (`UUIDv7`) whose leading part is `now`; the clock itself is never read here.
#[must_use]
pub fn fresh_id(now: DateTime<Utc>) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let stamp = uuid::Timestamp::from_unix(&ORDER, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(stamp).simple().to_string()
}

/// Declares identifiers: text in the database, a type of its own in the code.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new one; later ones sort later.
            #[must_use]
            pub fn fresh(now: DateTime<Utc>) -> Self {
                Self(fresh_id(now))
            }

            /// The id as it stands in the database and in addresses.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $name
        where
            String: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                String::from_sql(raw).map(Self)
            }
        }
    )*};
}

ids! {
    /// A partner system, by its stable English name (`tax`).
    PartnerId;
    /// A partner's key; travels with every signed request.
    KeyId;
    /// One message as it was received.
    MessageId;
    /// What one department says about one thing, from one message.
    ClaimId;
    /// One real thing: one project, one basement, one payment.
    RecordId;
    /// A difference between two departments about one field.
    DiscrepancyId;
    /// A piece of work to be done later.
    JobId;
    /// What one partner is to get.
    SubscriptionId;
    /// One change for one subscription: the receipt id a partner sees with every try.
    DeliveryId;
    /// A person's account.
    AccountId;
    /// A signed-in session: the digest of its token, never the token.
    SessionId;
    /// An official document, from draft to archive.
    DocumentId;
    /// A batch of documents issued together.
    BatchId;
    /// One decision over messages in quarantine.
    MendingId;
    /// A file that belongs to a document.
    FileId;
    /// One service of a document on one recipient.
    ServiceId;
    /// A plan whose breakdown is tracked.
    PlanId;
    /// A task of a plan.
    TaskId;
}

/// An instant, UTC. Stored without zone, to the microsecond, by both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Instant(NaiveDateTime);

impl Instant {
    /// The same instant for arithmetic and display.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        // PostgreSQL keeps microseconds; cutting here keeps what is written equal to what is read.
        let cut = DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at);
        Self(cut.naive_utc())
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(at: Instant) -> Self {
        at.utc()
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Instant
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Instant
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(raw).map(Self)
    }
}

/// The text of a column that holds JSON. Lists read it without parsing; who needs the value asks for it.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json(String);

impl Json {
    /// The JSON text of a value.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        serde_json::to_string(value).map(Self).map_err(|cause| Error::internal(format!("to JSON: {cause}")))
    }

    /// `{}`.
    #[must_use]
    pub fn empty() -> Self {
        Self("{}".into())
    }

    /// `[]`.
    #[must_use]
    pub fn list() -> Self {
        Self("[]".into())
    }

    /// The value, in the shape the caller expects.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0).map_err(|cause| Error::internal(format!("stored JSON: {cause}")))
    }

    /// The text as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        let value: serde_json::Value = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        value.serialize(s)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Json
where
    String: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Json
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(raw).map(Self)
    }
}

/// A LIKE pattern, with `\\` as its escape, for a text that contains a word; its own `%` and `_` are letters.
pub(super) fn containing(word: &str) -> String {
    format!("%{}%", word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Rows of a page, at most 1,000.
    pub size: u32,
}

impl Page {
    /// The first rows.
    #[must_use]
    pub fn first(size: u32) -> Self {
        Self { number: 1, size }
    }

    pub(super) fn limit(self) -> i64 {
        i64::from(self.size.clamp(1, 1000))
    }

    pub(super) fn offset(self) -> i64 {
        i64::from(self.number.max(1) - 1) * self.limit()
    }
}

/// The rows of one page and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Rows on all pages.
    pub total: i64,
}

/// Declares a fixed list of words kept as text, each with its Chinese title for people.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $stored:literal $title:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        pub enum $name {
            $($(#[$word_doc])* #[doc = $title] $word,)*
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &[Self] = &[$(Self::$word),*];

            /// The word as stored.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $stored,)*
                }
            }

            /// The word as people read it.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$word => $title,)*
                }
            }

            /// The word of a stored text.
            #[must_use]
            pub fn parse(stored: &str) -> Option<Self> {
                match stored {
                    $($stored => Some(Self::$word),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
                let stored = String::deserialize(d)?;
                Self::parse(&stored).ok_or_else(|| serde::de::Error::custom(format!("unknown word `{stored}`")))
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $name
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let stored = String::from_sql(raw)?;
                Self::parse(&stored).ok_or_else(|| format!("unknown word `{stored}`").into())
            }
        }
    )*};
}
pub(super) use words;
