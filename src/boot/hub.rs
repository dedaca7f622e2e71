//! The hub as one process holds it: settings, files, model, mappings, database, keys.

use std::path::PathBuf;
use std::sync::Arc;

use super::files::{Files, assets, mappings, model_files, templates};
use super::fonts::font_dirs;
use super::secret::{master_key, sm2_key};
use crate::clock;
use crate::config::{Config, binary_dir};
use crate::crypto::MasterKey;
use crate::document::{self, FontStore, Kinds};
use crate::error::{Error, Problem, Result, codes};
use crate::intake::Intake;
use crate::issue::{Desk, open_series};
use crate::mapping::Mappings;
use crate::model::Schema;
use crate::model::calendar::Calendar;
use crate::model::rules::Rules;
use crate::outbox::{Outbox, Sm2Key};
use crate::store::{
    self, Address, GroupWriter, Instant, Json, Partner, PartnerId, Standing, Store, find_partner,
    save_partner,
};
use crate::tracking::Tracking;
use crate::{ways, web, worker};

/// Model and mappings: what needs no database.
#[derive(Clone)]
pub struct Model {
    /// The files they were read from, by path below `mappings/`.
    pub files: Arc<Files>,
    /// Kinds, code lists, departments.
    pub schema: Arc<Schema>,
    /// Every message of every partner.
    pub mappings: Arc<Mappings>,
}

/// An opened hub.
pub struct Hub {
    /// Settings in force.
    pub config: Config,
    /// Model and mappings.
    pub model: Model,
    /// The database.
    pub store: Store,
    /// Intake over it.
    pub intake: Intake,
    /// Task tracking over it.
    pub tracking: Tracking,
    /// The key partner secrets are derived from.
    pub keys: MasterKey,
    /// The key that signs deliveries with SM2, where one is set.
    pub sm2: Option<Sm2Key>,
    /// Document templates and console pages, by path below `templates/`.
    pub templates: Arc<Files>,
    /// Directories with fonts, in order.
    pub fonts: Vec<PathBuf>,
    /// What documents are issued with.
    pub desk: Desk,
}

/// Whether a database that is not there yet may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Make and migrate it.
    Create,
    /// Say so.
    Refuse,
}

/// Reads the model and the mappings, embedded and overlaid.
///
/// # Errors
/// `setting` with every finding; `file` when the overlay cannot be read.
pub fn load_model(config: &Config) -> Result<Model> {
    let files = mappings(config.mappings.as_deref())?;
    let schema = load_schema(&files)?;
    let mappings = Mappings::load(&files, &schema).map_err(|found| {
        let text = crate::mapping::render_all(&found, &files);
        Error::new(codes::machine::SETTING, format!("映射文件有误，请改正后再启动。\n{text}"))
    })?;
    Ok(Model { files: Arc::new(files), schema: Arc::new(schema), mappings: Arc::new(mappings) })
}

/// Compiles the model of the files.
///
/// # Errors
/// `setting` with every finding.
pub fn load_schema(files: &Files) -> Result<Schema> {
    Schema::load(&model_files(files)?).map_err(|problems: Vec<Problem>| {
        Error::new(codes::machine::SETTING, format!("模型文件有 {} 处错误，请改正后再启动。", problems.len()))
            .with_problems(problems)
    })
}

/// Opens the database of the settings. A new SQLite file is made only when the caller says so; a PostgreSQL database that
/// is empty counts as missing too.
///
/// # Errors
/// `no_database`, `database`, `schema_behind`, `file` when the data directory cannot be made.
pub fn open_store(config: &Config, schema: &Schema, missing: Missing) -> Result<Store> {
    let url = database_url(config);
    let settings = store::Settings { connections: config.connections, ..store::Settings::at(url) };
    let fresh = match Address::parse(&settings.url)? {
        Address::Sqlite(path) => !path.exists(),
        Address::Postgres(_) => false,
    };
    if missing == Missing::Create && fresh {
        make_data_dir(config)?;
        let store = Store::open(&settings.creating())?;
        store.migrate(schema, clock::now())?;
        return Ok(store);
    }
    let store = Store::open(&settings)?;
    if missing == Missing::Create && store.migration_status()?.applied.is_empty() {
        store.migrate(schema, clock::now())?;
    }
    store.require_current()?;
    Ok(store)
}

/// The database address in force.
#[must_use]
pub fn database_url(config: &Config) -> String {
    config.database_url.clone().unwrap_or_else(|| config.data.join("hub.db").display().to_string())
}

/// Makes the data directory, readable by its owner only: it holds the master key and personal data.
///
/// # Errors
/// `file`.
pub fn make_data_dir(config: &Config) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data).map_err(|e| {
        Error::new(codes::machine::FILE, format!("建不了数据目录 {}。", config.data.display())).because(e)
    })
}

/// Opens everything.
///
/// # Errors
/// As [`load_model`], [`open_store`] and [`master_key`].
pub fn open(config: Config, missing: Missing) -> Result<Hub> {
    let model = load_model(&config)?;
    let store = open_store(&config, &model.schema, missing)?;
    if missing == Missing::Create && config.secret.is_none() {
        // With the database elsewhere, the master key may be the first thing the data directory is needed for.
        make_data_dir(&config)?;
    }
    let keys = master_key(config.secret.as_deref(), &config.data)?;
    let sm2 = config.outbox.sm2_key.as_deref().map(sm2_key).transpose()?;
    register_partners(&store, &model.mappings)?;
    let writer = GroupWriter::start(&store, config.group)?;
    let intake = Intake {
        store: store.clone(),
        writer: Arc::new(writer),
        schema: model.schema.clone(),
        mappings: model.mappings.clone(),
    };
    let tracking = Tracking::open(store.clone(), model.schema.clone(), &model.files)?;
    let templates = Arc::new(templates(config.templates.as_deref())?);
    let fonts = font_dirs(config.fonts.as_deref(), binary_dir().as_deref());
    let desk = desk(&model, tracking.calendar.clone(), &templates, &fonts)?;
    store.write(|conn| open_series(conn, &desk, clock::now()))?;
    Ok(Hub { config, model, store, intake, tracking, keys, sm2, templates, fonts, desk })
}

/// What every step of issuing needs. Fonts that are missing stop documents, not the hub.
fn desk(model: &Model, calendar: Arc<Calendar>, templates: &Files, fonts: &[PathBuf]) -> Result<Desk> {
    let kinds = load_kinds(templates, &model.schema)?;
    let fonts = FontStore::open(document::font::MANIFEST, fonts).map(Arc::new);
    let rules = Rules::load(&model_files(&model.files)?, &model.schema).map_err(|problems| {
        Error::new(codes::machine::SETTING, "规则数据有误，请改正后再启动。").with_problems(problems)
    })?;
    Ok(Desk { schema: model.schema.clone(), rules: Arc::new(rules), calendar, kinds: Arc::new(kinds), fonts })
}

/// Compiles the kinds of documents of the templates.
///
/// # Errors
/// `setting` with every finding.
pub fn load_kinds(templates: &Files, schema: &Schema) -> Result<Kinds> {
    let files = templates
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("documents/")?.to_owned(), bytes.clone())))
        .collect();
    Kinds::load(&files, schema).map_err(|problems| {
        Error::new(codes::machine::SETTING, "文书模板有误，请改正后再启动。").with_problems(problems)
    })
}

impl Hub {
    /// What the server shares among its handlers.
    ///
    /// # Errors
    /// `setting` when a page template is wrong.
    pub fn app(&self) -> Result<web::App> {
        Ok(web::App {
            settings: self.config.web.clone(),
            signature: self.config.signature.clone(),
            intake: self.intake.clone(),
            tracking: self.tracking.clone(),
            keys: web::Keys(self.keys.clone()),
            outbox: self.outbox(),
            mapping_files: self.model.files.clone(),
            templates: self.templates.clone(),
            desk: self.desk.clone(),
            pages: web::Pages::new(&self.templates, &assets())?,
            metrics: web::Metrics::default(),
            throttle: web::Throttle::default(),
            trials: web::Throttle::default(),
            quotas: web::Throttle::default(),
        })
    }

    /// How drop folders are worked on.
    #[must_use]
    pub fn drop(&self) -> ways::drop::Settings {
        let (limit, import) = (self.config.web.body_limit, self.config.import.clone());
        ways::drop::Settings { limit, import, ..self.config.drop.clone() }
    }

    /// What goes out, and how.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        Outbox {
            store: self.store.clone(),
            writer: self.intake.writer.clone(),
            schema: self.model.schema.clone(),
            mappings: self.model.mappings.clone(),
            keys: self.keys.clone(),
            sm2: self.sm2.clone(),
            settings: self.config.outbox.clone(),
        }
    }

    /// What jobs work with.
    #[must_use]
    pub fn worker(&self) -> worker::Context {
        worker::Context {
            store: self.store.clone(),
            tracking: self.tracking.clone(),
            desk: self.desk.clone(),
            intake: self.intake.clone(),
            outbox: self.outbox(),
            settings: self.config.worker.clone(),
        }
    }
}

/// Every partner that has mappings stands in the database, so that keys and messages can refer to it. What an
/// administrator changed there stays.
fn register_partners(store: &Store, mappings: &Mappings) -> Result<()> {
    let now = Instant::from(clock::now());
    for mapping in mappings.iter() {
        let id = PartnerId::from(mapping.partner.as_str());
        let known = store.read(|conn| find_partner(conn, &id))?;
        let same = |it: &Partner| it.title == mapping.partner_title;
        if known.as_ref().is_some_and(same) {
            continue;
        }
        let row = match known {
            Some(known) => Partner { title: mapping.partner_title.clone(), updated_at: now, ..known },
            None => Partner {
                id,
                title: mapping.partner_title.clone(),
                department: mapping.department.clone(),
                division: None,
                status: Standing::Active,
                ip_allow: Json::list(),
                quota_per_minute: None,
                created_at: now,
                updated_at: now,
            },
        };
        store.write(|conn| save_partner(conn, &row))?;
    }
    Ok(())
}
