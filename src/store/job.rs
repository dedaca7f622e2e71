//! The queue: work enqueued in the transaction that makes it necessary, done later, once, and in order where order counts.
//!
//! * A worker takes a job by compare-and-set and holds it for a lease. When it dies, the lease runs out and another takes over.
//! * Jobs with the same `order_key` run one at a time, in the order their transactions committed: each gets the key's next
//!   number under the key's row lock. A dead job lets the next one pass.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DbError};
use serde::Serialize;

use super::conn::{Conn, each_backend, savepoint};
use super::fixed::IsUnfinished;
use super::types::{Instant, JobId, Json, Listed, Page};
use super::words::JobState;
use crate::error::{Error, Result, codes};
use crate::schema::{job, job_order};

/// A job as it stands in the queue.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable, Serialize)]
#[diesel(table_name = job, treat_none_as_default_value = false)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which worker function does it.
    pub kind: String,
    /// What that function is given, JSON.
    pub payload: Json,
    /// Jobs of one key run in order.
    pub order_key: Option<String>,
    /// Place in that order.
    pub order_n: Option<i64>,
    /// While one with this key waits or runs, no second is enqueued.
    pub dedup_key: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// Lower goes first.
    pub priority: i32,
    /// Not before.
    pub run_at: Instant,
    /// How often it was begun.
    pub tries: i32,
    /// How often it may be begun.
    pub max_tries: i32,
    /// Worker that holds it.
    pub lease_owner: Option<String>,
    /// Until when.
    pub lease_until: Option<Instant>,
    /// What went wrong last, for people.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Instant,
    /// When it was done or given up.
    pub finished_at: Option<Instant>,
}

/// A job to be enqueued.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a, P: Serialize + ?Sized> {
    /// Which worker function does it.
    pub kind: &'a str,
    /// What that function is given.
    pub payload: &'a P,
    /// Jobs of one key run in order; none for any order.
    pub order_key: Option<&'a str>,
    /// While one with this key waits or runs, no second is enqueued.
    pub dedup_key: Option<&'a str>,
    /// Lower goes first; usual is 0.
    pub priority: i32,
    /// Not before.
    pub run_at: DateTime<Utc>,
    /// How often it may be begun.
    pub max_tries: i32,
}

/// Enqueues a job; none when one with the same dedup key is already waiting or running.
pub fn enqueue<P: Serialize + ?Sized>(
    conn: &mut Conn,
    new: &NewJob<'_, P>,
    now: DateTime<Utc>,
) -> Result<Option<JobId>> {
    if let Some(key) = new.dedup_key {
        let waiting = job::table.filter(job::dedup_key.eq(key)).filter(IsUnfinished);
        if diesel::select(diesel::dsl::exists(waiting)).get_result(conn)? {
            return Ok(None);
        }
    }
    let order_n = new.order_key.map(|key| next_in_order(conn, key)).transpose()?;
    let row = Job {
        id: JobId::fresh(now),
        kind: new.kind.to_owned(),
        payload: Json::of(new.payload)?,
        order_key: new.order_key.map(str::to_owned),
        order_n,
        dedup_key: new.dedup_key.map(str::to_owned),
        state: JobState::Ready,
        priority: new.priority,
        run_at: new.run_at.into(),
        tries: 0,
        max_tries: new.max_tries,
        lease_owner: None,
        lease_until: None,
        last_error: None,
        created_at: now.into(),
        finished_at: None,
    };
    match diesel::insert_into(job::table).values(&row).execute(conn) {
        Ok(_) => Ok(Some(row.id)),
        Err(error @ DbError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            Err(super::conn::race(error))
        }
        Err(error) => Err(error.into()),
    }
}

/// The key's next number. The row stays locked until the enqueuing transaction ends, so numbers follow commits.
fn next_in_order(conn: &mut Conn, key: &str) -> Result<i64> {
    let first = (job_order::order_key.eq(key), job_order::last_n.eq(1));
    Ok(each_backend!(conn => diesel::insert_into(job_order::table)
        .values(first)
        .on_conflict(job_order::order_key)
        .do_update()
        .set(job_order::last_n.eq(job_order::last_n + 1))
        .returning(job_order::last_n)
        .get_result(conn))?)
}

/// Who takes jobs, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Taker<'a> {
    /// Name of the worker, unique among all processes.
    pub owner: &'a str,
    /// How long it holds a job before another may take it.
    pub lease: TimeDelta,
    /// Kinds it can do.
    pub kinds: &'a [&'a str],
}

/// Takes up to `limit` jobs that are due, most urgent first. Call it in a write transaction of its own.
pub fn claim_jobs(conn: &mut Conn, taker: Taker<'_>, limit: i64, now: DateTime<Utc>) -> Result<Vec<Job>> {
    let mut taken = Vec::new();
    for due in list_due(conn, taker.kinds, limit, now)? {
        if let Some(job) = take(conn, due, taker, now)? {
            taken.push(job);
        }
    }
    Ok(taken)
}

/// Due jobs: ready ones whose time has come and held ones whose lease ran out, but of each order only the first unfinished.
fn list_due(conn: &mut Conn, kinds: &[&str], limit: i64, now: DateTime<Utc>) -> Result<Vec<Job>> {
    let now = Instant::from(now);
    let earlier = diesel::alias!(job as earlier);
    let before = earlier
        .filter(earlier.field(job::order_key).eq(job::order_key))
        .filter(earlier.field(job::order_n).lt(job::order_n))
        .filter(earlier.field(job::state).eq_any([JobState::Ready, JobState::Running]));
    let ready = job::state.eq(JobState::Ready).and(job::run_at.le(now));
    let abandoned = job::state.eq(JobState::Running).and(job::lease_until.lt(now).assume_not_null());
    Ok(job::table
        .filter(job::kind.eq_any(kinds.iter().copied()))
        .filter(ready.or(abandoned))
        .filter(job::order_key.is_null().or(diesel::dsl::not(diesel::dsl::exists(before))))
        .order((job::priority, job::run_at, job::id))
        .limit(limit)
        .select(Job::as_select())
        .load(conn)?)
}

/// Takes one job if nobody changed it since it was read. `tries` grows with every taking, so it tells one holder from the next.
fn take(conn: &mut Conn, mut due: Job, taker: Taker<'_>, now: DateTime<Utc>) -> Result<Option<Job>> {
    if due.tries >= due.max_tries {
        // Its last holder died with it: it may be what killed it.
        give_up(conn, &due, "执行中断次数过多，已停止重试。", now)?;
        return Ok(None);
    }
    let until = Instant::from(now + taker.lease);
    let as_read = job::table.find(&due.id).filter(job::state.eq(due.state)).filter(job::tries.eq(due.tries));
    let set = (
        job::state.eq(JobState::Running),
        job::tries.eq(due.tries + 1),
        job::lease_owner.eq(Some(taker.owner)),
        job::lease_until.eq(Some(until)),
    );
    // Another job of the same key may have been taken in the same moment; the index refuses the second.
    let taken = savepoint(conn, |conn| Ok(diesel::update(as_read).set(set).execute(conn)?));
    match taken {
        Ok(1) => {}
        Ok(_) => return Ok(None),
        Err(error) if error.code == codes::record::DUPLICATE => return Ok(None),
        Err(error) => return Err(error),
    }
    due.state = JobState::Running;
    due.tries += 1;
    due.lease_owner = Some(taker.owner.to_owned());
    due.lease_until = Some(until);
    Ok(Some(due))
}

/// What a holder writes when it lets go. `None` leaves a column as it is.
#[derive(Default, AsChangeset)]
#[diesel(table_name = job)]
struct Outcome<'a> {
    state: Option<JobState>,
    run_at: Option<Instant>,
    lease_owner: Option<Option<String>>,
    lease_until: Option<Option<Instant>>,
    last_error: Option<&'a str>,
    finished_at: Option<Instant>,
}

impl Outcome<'_> {
    fn ending(state: JobState) -> Self {
        Self { state: Some(state), lease_owner: Some(None), lease_until: Some(None), ..Self::default() }
    }
}

/// Writes an outcome if this holder still has the job: `tries` never falls, so it names the holder.
fn settle(conn: &mut Conn, it: &Job, outcome: Outcome<'_>) -> Result<bool> {
    let held = job::table.find(&it.id).filter(job::state.eq(it.state)).filter(job::tries.eq(it.tries));
    Ok(diesel::update(held).set(outcome).execute(conn)? == 1)
}

/// Marks a job done. `false` when the lease was lost: somebody else does or did it, so the caller rolls back.
pub fn finish_job(conn: &mut Conn, it: &Job, now: DateTime<Utc>) -> Result<bool> {
    settle(conn, it, Outcome { finished_at: Some(now.into()), ..Outcome::ending(JobState::Done) })
}

/// Puts a job back to be tried at `run_at`, or gives it up when it was tried often enough; says which.
pub fn retry_job(
    conn: &mut Conn,
    it: &Job,
    error: &str,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<JobState> {
    if it.tries >= it.max_tries {
        give_up(conn, it, error, now)?;
        return Ok(JobState::Dead);
    }
    let again =
        Outcome { run_at: Some(run_at.into()), last_error: Some(error), ..Outcome::ending(JobState::Ready) };
    settle(conn, it, again)?;
    Ok(JobState::Ready)
}

/// Gives a job up: it waits for a person, see [`revive_job`].
pub fn give_up(conn: &mut Conn, it: &Job, error: &str, now: DateTime<Utc>) -> Result<()> {
    let dead =
        Outcome { finished_at: Some(now.into()), last_error: Some(error), ..Outcome::ending(JobState::Dead) };
    settle(conn, it, dead)?;
    Ok(())
}

/// Holds a long job longer. `false` when the lease was lost.
pub fn extend_lease(conn: &mut Conn, it: &Job, until: DateTime<Utc>) -> Result<bool> {
    settle(conn, it, Outcome { lease_until: Some(Some(until.into())), ..Outcome::default() })
}

/// Lets a dead job be tried again from now, `more` times.
pub fn revive_job(conn: &mut Conn, id: &JobId, more: i32, now: DateTime<Utc>) -> Result<()> {
    let n = diesel::update(job::table.find(id).filter(job::state.eq(JobState::Dead)))
        .set((
            job::state.eq(JobState::Ready),
            job::max_tries.eq(job::tries + more),
            job::run_at.eq(Instant::from(now)),
            job::finished_at.eq(None::<Instant>),
        ))
        .execute(conn)?;
    if n == 0 {
        return Err(Error::new(codes::record::NOT_FOUND, format!("没有已停止重试的作业“{id}”。")));
    }
    Ok(())
}

/// Jobs, newest first; all or those of one state.
pub fn list_jobs(conn: &mut Conn, state: Option<JobState>, page: Page) -> Result<Listed<Job>> {
    let query = || {
        let mut query = job::table.into_boxed();
        if let Some(state) = state {
            query = query.filter(job::state.eq(state));
        }
        query
    };
    let total = query().count().get_result(conn)?;
    let rows = query()
        .order(job::id.desc())
        .limit(page.limit())
        .offset(page.offset())
        .select(Job::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}

/// How many jobs of each kind stand in each state.
pub fn count_jobs(conn: &mut Conn) -> Result<Vec<(String, JobState, i64)>> {
    Ok(job::table
        .group_by((job::kind, job::state))
        .select((job::kind, job::state, diesel::dsl::count_star()))
        .load(conn)?)
}

/// Removes jobs done before an instant. Dead ones stay until a person decides.
pub fn purge_jobs(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    let done = job::table
        .filter(job::state.eq(JobState::Done))
        .filter(job::finished_at.lt(Instant::from(before)).assume_not_null());
    Ok(diesel::delete(done).execute(conn)?)
}
