//! What the database tells: structure, integrity, quarantine, dead jobs, keys about to end, gaps in numbers, audit chain.

use chrono::Utc;

use super::{Check, State};
use crate::clock;
use crate::error::Result;
use crate::store::{
    Conn, JobState, KeyStatus, MessageFilter, Page, Store, count_jobs, list_audit_heads, list_counters,
    list_gaps, list_keys, list_messages, list_partners, list_quarantine, walk_audit,
};

pub(super) fn examine(store: &Store, deep: bool) -> Vec<Check> {
    let database = database(store);
    let usable = database.state == State::Good;
    let mut checks = vec![database];
    if !usable {
        return checks;
    }
    let looks: [(&'static str, Look); 5] = [
        ("报文时间", received_later_than_now),
        ("隔离区", quarantine),
        ("后台作业", dead_jobs),
        ("对接密钥", ending_keys),
        ("文号簿", gaps),
    ];
    for (what, look) in looks {
        checks.push(store.read(|conn| look(conn, what)).unwrap_or_else(|error| Check::failed(what, &error)));
    }
    if deep {
        checks.push(integrity(store));
        let chain = store.read(audit_chain);
        checks.push(chain.unwrap_or_else(|error| Check::failed("审计链", &error)));
    }
    checks
}

type Look = fn(&mut Conn, &'static str) -> Result<Check>;

fn database(store: &Store) -> Check {
    const WHAT: &str = "数据库";
    let shown = store.address().shown();
    match store.require_current().and_then(|()| store.ping()) {
        Ok(()) => Check::good(WHAT, format!("{shown} 可读可写，结构为本版本")),
        Err(error) => Check::failed(WHAT, &error),
    }
}

fn received_later_than_now(conn: &mut Conn, what: &'static str) -> Result<Check> {
    let latest = list_messages(conn, &MessageFilter::default(), Page::first(1))?;
    let Some(latest) = latest.rows.first() else { return Ok(Check::good(what, "还没有报文")) };
    Ok(if latest.received_at.utc() > clock::now() {
        Check::bad(
            what,
            format!("最近一份报文的收到时间 {} 晚于现在", latest.received_at),
            "系统时钟曾被调快或现在慢了，请校准",
        )
    } else {
        Check::good(what, format!("最近一份收于 {}", latest.received_at))
    })
}

fn quarantine(conn: &mut Conn, what: &'static str) -> Result<Check> {
    let count: i64 = list_quarantine(conn)?.iter().map(|it| it.count).sum();
    Ok(match count {
        0 => Check::good(what, "没有待处理的报文"),
        n => Check::doubtful(what, format!("{n} 份报文待处理"), "hub message quarantine 按原因查看"),
    })
}

fn dead_jobs(conn: &mut Conn, what: &'static str) -> Result<Check> {
    let dead: i64 =
        count_jobs(conn)?.iter().filter(|(_, state, _)| *state == JobState::Dead).map(|it| it.2).sum();
    Ok(match dead {
        0 => Check::good(what, "没有停止重试的作业"),
        n => Check::doubtful(what, format!("{n} 件作业已停止重试"), "在控制台“对接”页查看原因后重试"),
    })
}

fn ending_keys(conn: &mut Conn, what: &'static str) -> Result<Check> {
    let now = clock::now();
    let mut soon = Vec::new();
    for partner in list_partners(conn)? {
        let keys = list_keys(conn, &partner.id)?;
        let active = keys.iter().filter(|key| key.status == KeyStatus::Active);
        soon.extend(active.filter_map(|key| {
            let at: chrono::DateTime<Utc> = key.expires_at?.utc();
            (at > now && at < now + Check::SOON)
                .then(|| format!("{}（还有 {} 天）", key.id, (at - now).num_days()))
        }));
    }
    Ok(if soon.is_empty() {
        Check::good(what, "60 天内没有到期的密钥")
    } else {
        Check::doubtful(what, format!("将到期：{}", soon.join("、")), "hub key rotate 换发，过渡期内新旧并用")
    })
}

fn gaps(conn: &mut Conn, what: &'static str) -> Result<Check> {
    let mut found = Vec::new();
    for (series, year, _) in list_counters(conn)? {
        let gaps = list_gaps(conn, &series, year)?;
        found.extend((!gaps.is_empty()).then(|| format!("{series}〔{year}〕缺 {gaps:?}")));
    }
    Ok(if found.is_empty() {
        Check::good(what, "各年度文号连续")
    } else {
        Check::bad(what, found.join("；"), "hub register gaps 查看，逐号说明原因")
    })
}

fn integrity(store: &Store) -> Check {
    const WHAT: &str = "数据库校验";
    match store.check_integrity() {
        Ok(found) if found.is_empty() => Check::good(WHAT, "逐页校验无误"),
        Ok(found) => Check::bad(WHAT, found.join("；"), "立即停机，从最近的备份恢复"),
        Err(error) => Check::failed(WHAT, &error),
    }
}

/// Walks every chain and computes every hash again.
fn audit_chain(conn: &mut Conn) -> Result<Check> {
    const WHAT: &str = "审计链";
    const STRIDE: i64 = 1000;
    let mut entries = 0;
    for (lane, last, head) in list_audit_heads(conn)? {
        let (mut seq, mut hash) = (0, None::<String>);
        while seq < last {
            let rows = walk_audit(conn, lane, seq, STRIDE)?;
            if rows.is_empty() {
                return Ok(broken(WHAT, lane, seq + 1));
            }
            for row in rows {
                let follows = row.seq == seq + 1 && hash.as_ref().is_none_or(|it| *it == row.prev_hash);
                if !follows || row.digest()? != row.hash {
                    return Ok(broken(WHAT, lane, row.seq));
                }
                seq = row.seq;
                hash = Some(row.hash);
                entries += 1;
            }
        }
        if hash.is_some_and(|it| it != head) {
            return Ok(broken(WHAT, lane, last));
        }
    }
    Ok(Check::good(WHAT, format!("{entries} 条首尾相接，无改动")))
}

fn broken(what: &'static str, lane: i32, seq: i64) -> Check {
    Check::bad(
        what,
        format!("第 {lane} 链第 {seq} 条被改动或缺失"),
        "保留现场，报告审计管理员，与备份逐条比对",
    )
}
