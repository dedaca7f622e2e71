//! A whole hub on SQLite in a temporary directory, and land grants for it: the first grant of the shipped sample under other
//! numbers, so that every message makes a record of its own.

use std::path::Path;

use hub::boot::{self, Hub, Missing};
use hub::clock;
use hub::config::{Config, Texts};
use hub::store::{KeyId, KeyStatus, PartnerId, PartnerKey, insert_key};

/// Who sends the grants, and under which name.
pub const SENDER: (&str, &str) = ("natural-resources", "land_grant");

/// A hub in `directory`, with settings of its own.
pub fn hub(directory: &Path, settings: &[(&str, &str)]) -> Hub {
    let data = directory.join("data");
    let given = [("data", data.to_str().unwrap()), ("listen", "127.0.0.1:0"), ("log.level", "off")];
    let texts: Texts =
        given.iter().chain(settings).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    boot::open(Config::load(&texts, &Texts::new()).unwrap(), Missing::Create).unwrap()
}

/// A key of a partner; its id.
pub fn key(hub: &Hub, partner: &str) -> String {
    let row = PartnerKey {
        id: KeyId::from(format!("{partner}-bench")),
        partner: PartnerId::from(partner),
        scheme: "hmac-sha256".to_owned(),
        status: KeyStatus::Active,
        public_key: None,
        created_by: "bench".to_owned(),
        created_at: clock::now().into(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    hub.store.write(|conn| insert_key(conn, &row)).unwrap();
    row.id.to_string()
}

/// Messages of one grant each.
pub struct Grants {
    head: String,
    grant: String,
    tail: String,
}

impl Grants {
    /// From the shipped sample.
    pub fn new() -> Self {
        let sample =
            concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/natural-resources/land_grant/sample.json");
        let text = std::fs::read_to_string(sample).unwrap();
        // The sample has one grant a line between the lines of its envelope.
        let lines: Vec<&str> = text.lines().collect();
        let [head, grant, .., last] = lines.as_slice() else { panic!("the sample has other lines") };
        let tail = last.rsplit_once("}]").unwrap().1;
        Self {
            head: (*head).to_owned(),
            grant: grant.trim_end_matches(',').to_owned(),
            tail: format!("]{tail}"),
        }
    }

    /// The message of the `n`th grant, `n` below 100,000.
    pub fn message(&self, n: usize) -> Vec<u8> {
        let grant = self
            .grant
            .replace("3304022026B00017", &format!("3304022026B{n:05}"))
            .replace("330402005003GB00217", &format!("330402005003GB{n:05}"))
            .replace("3304022026017", &format!("3304022026{n:05}"));
        assert_ne!(grant, self.grant, "the sample has other numbers");
        format!("{}{grant}{}", self.head, self.tail).into_bytes()
    }
}
