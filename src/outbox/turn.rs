//! One turn with one partner: settle what was sent, move its circuit, take what comes next. One commit for all of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::build::{Parcel, cut};
use super::judge::{DECLINED_TRIES, Verdict};
use super::subscribe::Shape;
use super::transport::Answer;
use super::{Outbox, Settings, backoff};
use crate::error::Result;
use crate::store::{
    Circuit, Conn, Delivery, DeliveryState, KeyStatus, Outlet, PartnerId, SubscriptionId, Tried, Window,
    find_held_outlet, list_keys, save_circuit, set_subscription_status, settle_delivery, take_deliveries,
};

/// A delivery that was sent, or could not be.
#[derive(Debug, Clone)]
pub struct Done {
    /// What the answer meant.
    pub verdict: Verdict,
    delivery: Delivery,
    at: DateTime<Utc>,
    took: Duration,
    status: Option<u16>,
    request: String,
    answer: String,
}

impl Done {
    /// One that was sent.
    #[must_use]
    pub fn sent(parcel: Parcel, answer: &Answer, verdict: Verdict, at: DateTime<Utc>) -> Self {
        let mut said = String::from_utf8_lossy(&answer.body).into_owned();
        for (plain, masked) in &parcel.masks {
            said = said.replace(plain.as_str(), masked);
        }
        Self {
            verdict,
            delivery: parcel.delivery,
            at,
            took: answer.took,
            status: answer.status,
            request: parcel.shown,
            answer: cut(said),
        }
    }

    /// One that cannot be said as agreed; nothing was sent.
    #[must_use]
    pub fn unsayable(delivery: Delivery, why: String, at: DateTime<Utc>) -> Self {
        let verdict = Verdict::Refused(why);
        let (request, answer) = (String::new(), String::new());
        Self { verdict, delivery, at, took: Duration::ZERO, status: None, request, answer }
    }
}

/// What a turn leaves to do.
#[derive(Debug, Clone)]
pub enum Turn {
    /// Send these.
    Go(Go),
    /// Nothing is due.
    Idle,
    /// Nothing is sent before this moment.
    Wait(DateTime<Utc>),
    /// Another process delivers to this partner now.
    Lost,
}

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Go {
    /// The deliveries, each of another record.
    pub deliveries: Vec<Delivery>,
    /// Secrets of the keys that count, the newest first.
    pub secrets: Vec<Vec<u8>>,
    /// Failures in a row so far.
    pub failures: i32,
}

/// A partner that gets nothing now is looked at again after so long: a person may have given it a key or opened the way.
const LOOKED_AT_AGAIN: TimeDelta = TimeDelta::seconds(10);

impl Outbox {
    /// Writes what was sent and takes what comes next, in one shared commit. What was sent is written even when the outlet was
    /// lost meanwhile: that it arrived is a fact. `random` spreads the waits.
    ///
    /// # Errors
    /// What the store says; then nothing of it is written and what was sent will be sent again under the same receipt id.
    pub fn turn(
        &self,
        partner: &PartnerId,
        me: &str,
        done: Vec<Done>,
        random: u16,
        now: DateTime<Utc>,
    ) -> Result<Turn> {
        let (outbox, partner, me) = (self.clone(), partner.clone(), me.to_owned());
        self.writer.write(move |conn| outbox.take_turn(conn, &partner, &me, &done, random, now))
    }

    fn take_turn(
        &self,
        conn: &mut Conn,
        partner: &PartnerId,
        me: &str,
        done: &[Done],
        random: u16,
        now: DateTime<Utc>,
    ) -> Result<Turn> {
        for it in done {
            settle_delivery(conn, &tried(it, &self.settings, random, now), now)?;
            if it.verdict == Verdict::Gone {
                let why = "对方声明不再接收（HTTP 410）";
                set_subscription_status(conn, &it.delivery.subscription_id, Some(why), now)?;
            }
        }
        let Some(mut outlet) = find_held_outlet(conn, partner, me, now)? else { return Ok(Turn::Lost) };
        let again = now + LOOKED_AT_AGAIN;
        // What a person has held, no answer opens.
        if outlet.circuit == Circuit::Held {
            return Ok(Turn::Wait(again));
        }
        if after(&mut outlet, done, &self.settings, random, now) {
            save_circuit(conn, &outlet)?;
        }
        if let Some(until) = outlet.open_until.map(|it| it.utc()).filter(|it| *it > now) {
            return Ok(Turn::Wait(until.min(again)));
        }
        let secrets = self.secrets(conn, partner, now)?;
        if secrets.is_empty() {
            outlet.note = Some("没有有效的密钥，无法签名；请用 hub key create 发放".to_owned());
            save_circuit(conn, &outlet)?;
            return Ok(Turn::Wait(again));
        }
        let is_probe = outlet.circuit == Circuit::Open;
        let window =
            Window { open: self.settings.window, batch: if is_probe { 1 } else { self.settings.batch } };
        let deliveries = self.take(conn, partner, window, now)?;
        let failures = if is_probe { 0 } else { outlet.failures };
        Ok(if deliveries.is_empty() { Turn::Idle } else { Turn::Go(Go { deliveries, secrets, failures }) })
    }

    fn take(
        &self,
        conn: &mut Conn,
        partner: &PartnerId,
        window: Window,
        now: DateTime<Utc>,
    ) -> Result<Vec<Delivery>> {
        let shapes: RefCell<BTreeMap<SubscriptionId, Option<Shape<'_>>>> = RefCell::default();
        let concerns = |of: &crate::store::Subscription, item: &crate::store::FeedItem| {
            let mut shapes = shapes.borrow_mut();
            let shape = shapes.entry(of.id.clone()).or_insert_with(|| Shape::of(&self.schema, of).ok());
            // What cannot be judged is not left out: it becomes a delivery that says why it cannot be sent.
            shape.as_ref().is_none_or(|it| it.concerns(item))
        };
        take_deliveries(conn, partner, window, &concerns, now)
    }

    fn secrets(&self, conn: &mut Conn, partner: &PartnerId, now: DateTime<Utc>) -> Result<Vec<Vec<u8>>> {
        let counts = |status: KeyStatus, ends: Option<DateTime<Utc>>| {
            status == KeyStatus::Active && ends.is_none_or(|at| at > now)
        };
        let keys = list_keys(conn, partner)?;
        let keys = keys.iter().filter(|it| counts(it.status, it.expires_at.map(|at| at.utc())));
        keys.map(|it| self.keys.webhook_secret(it.id.as_str())).collect()
    }
}

/// What becomes of a delivery.
fn tried(it: &Done, settings: &Settings, random: u16, now: DateTime<Utc>) -> Tried {
    let n = it.delivery.tries + 1;
    let later = now + backoff::next_try(settings.backoff, n, random);
    let expired = now >= it.delivery.deadline_at.utc();
    let waits = if expired { DeliveryState::Dead } else { DeliveryState::Ready };
    let (state, reason, next_at) = match &it.verdict {
        Verdict::Arrived => (DeliveryState::Delivered, None, now),
        Verdict::Refused(why) => (DeliveryState::Refused, Some(why.clone()), now),
        Verdict::Declined(why) if n >= DECLINED_TRIES => (DeliveryState::Refused, Some(why.clone()), now),
        Verdict::Declined(why) => (waits, Some(why.clone()), later),
        Verdict::Failed(why, asked) => {
            let asked = asked.and_then(|it| TimeDelta::from_std(it).ok()).map(|it| now + it);
            (waits, Some(why.clone()), asked.map_or(later, |it| it.max(later)))
        }
        Verdict::Gone => (DeliveryState::Ready, Some("对方声明不再接收（HTTP 410）".to_owned()), later),
    };
    Tried {
        id: it.delivery.id.clone(),
        n,
        at: it.at,
        ms: i32::try_from(it.took.as_millis()).unwrap_or(i32::MAX),
        status: it.status.map(i32::from),
        request: it.request.clone(),
        answer: it.answer.clone(),
        state,
        reason,
        next_at,
    }
}

/// Moves the circuit by what was sent; says whether it changed.
fn after(outlet: &mut Outlet, done: &[Done], settings: &Settings, random: u16, now: DateTime<Utc>) -> bool {
    let before = outlet.clone();
    let mut asked: Option<DateTime<Utc>> = None;
    for it in done.iter().filter(|it| it.verdict != Verdict::Gone) {
        match &it.verdict {
            Verdict::Failed(why, wait) => {
                outlet.failures += 1;
                outlet.note = Some(why.clone());
                asked = asked.max(wait.and_then(|it| TimeDelta::from_std(it).ok()).map(|it| now + it));
            }
            // Whatever was answered, it was answered by the partner's system: the way is good.
            _ if it.status.is_some() => {
                (outlet.failures, outlet.opened, outlet.note) = (0, 0, None);
                (outlet.circuit, outlet.open_until) = (Circuit::Closed, None);
            }
            // Nothing was sent, so nothing was learnt of the way.
            _ => {}
        }
    }
    let failed = outlet.failures > before.failures;
    let probe_failed = failed && before.circuit == Circuit::Open;
    if probe_failed || (failed && outlet.failures >= settings.breaker) || asked.is_some() {
        outlet.circuit = Circuit::Open;
        outlet.opened += 1;
        let until = now + backoff::stay_open(settings.backoff, outlet.opened, random);
        outlet.open_until = Some(asked.map_or(until, |it| it.max(until)).into());
    }
    *outlet != before
}
