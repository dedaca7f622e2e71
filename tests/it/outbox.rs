//! What goes out: each subscribed change once in effect, in order, to whom it was promised and nobody else.

mod deliver;
mod feed;
mod kill;
mod pull;
mod reconcile;
mod return_flows;
mod subscribe;
mod tend;

use hub::clock;
use hub::outbox::{Wish, agree};
use hub::store::{Delivery, DeliveryFilter, Page, SubscriptionId, list_deliveries, save_subscription};
use hub::worker::{self, Works};

use crate::support::app::App;

/// Settings under which a story does not wait: failures are tried again after some hundredths of a second.
pub const QUICK: &[(&str, &str)] = &[
    ("outbox.allow", "127.0.0.1"),
    ("outbox.backoff", "40ms"),
    ("outbox.poll", "20ms"),
    ("outbox.lease", "2s"),
    ("outbox.timeout", "1s"),
];

/// A wish for the parcels of the trial partner's neighbour.
pub fn wish(id: &str, url: Option<&str>) -> Wish {
    Wish {
        id: id.to_owned(),
        partner: "trial-neighbour".to_owned(),
        title: "试点订阅".to_owned(),
        kind: "parcel".to_owned(),
        fields: Vec::new(),
        personal: Vec::new(),
        purpose: String::new(),
        division: None,
        watched: Vec::new(),
        message: None,
        answer: None,
        url: url.map(str::to_owned),
        deadline_seconds: 3600,
        expires_at: None,
        from_start: false,
    }
}

/// Agrees on it.
#[track_caller]
pub fn subscribe(app: &App, wish: &Wish) -> SubscriptionId {
    let (outbox, now) = (app.hub.outbox(), clock::now());
    let saved = app.hub.store.write(|conn| {
        let row = agree(&outbox, conn, wish, "test", now)?;
        save_subscription(conn, &row)?;
        Ok(row.id)
    });
    saved.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Workers over a hub; they stop when this is dropped.
pub struct Working(Option<Works>);

impl Working {
    pub fn start(app: &App) -> Self {
        Self(Some(worker::start(app.hub.worker()).unwrap()))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(works) = self.0.take() {
            works.stop();
        }
    }
}

/// The deliveries of a subscription, oldest first.
pub fn deliveries(app: &App, of: &SubscriptionId) -> Vec<Delivery> {
    let filter = DeliveryFilter { subscription: Some(of.clone()), ..DeliveryFilter::default() };
    let mut rows = app.read(|conn| list_deliveries(conn, &filter, Page::first(1000))).rows;
    rows.sort_by_key(|it| it.position);
    rows
}

/// Waits until something holds of the deliveries of a subscription.
#[track_caller]
pub fn wait(app: &App, of: &SubscriptionId, holds: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let rows = deliveries(app, of);
        if holds(&rows) {
            return rows;
        }
        assert!(std::time::Instant::now() < patience, "waited in vain: {rows:#?}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
