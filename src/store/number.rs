//! The register of document numbers (文号簿). A number is taken in the transaction that registers it: it is never used twice,
//! and no gap arises without a row that explains it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::types::{DocumentId, Instant};
use super::words::NumberState;
use crate::error::{Error, Result, codes};
use crate::schema::{number_counter, number_register, number_series};

/// A series of numbers, one counter a year (嘉人防告 …).
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = number_series)]
pub struct NumberSeries {
    /// 机关代字 or another stable name.
    pub id: String,
    /// What lists call it.
    pub title: String,
    /// Pattern of the printed number, such as `嘉人防告字〔{year}〕第{n}号`.
    pub pattern: String,
    /// When it was opened.
    pub created_at: Instant,
}

/// A row of the register.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = number_register, treat_none_as_default_value = false)]
pub struct RegisteredNumber {
    /// Series.
    pub series: String,
    /// Year.
    pub year: i32,
    /// Number in series and year, from 1.
    pub n: i32,
    /// As printed.
    pub number: String,
    /// What it is used for.
    pub state: NumberState,
    /// The document that bears it.
    pub document_id: Option<DocumentId>,
    /// Whether a person chose it.
    pub manual: bool,
    /// Why it is reserved, void or skipped.
    pub reason: Option<String>,
    /// When it was taken.
    pub taken_at: Instant,
    /// By whom.
    pub taken_by: String,
}

/// Opens a series, or changes its title and pattern for numbers to come.
pub fn save_series(conn: &mut Conn, row: &NumberSeries) -> Result<()> {
    if !row.pattern.contains("{n}") || !row.pattern.contains("{year}") {
        return Err(Error::new(
            codes::machine::SETTING,
            format!("文号格式“{}”须含 {{year}} 和 {{n}}。", row.pattern),
        ));
    }
    let set = (number_series::title.eq(&row.title), number_series::pattern.eq(&row.pattern));
    each_backend!(conn => diesel::insert_into(number_series::table)
        .values(row)
        .on_conflict(number_series::id)
        .do_update()
        .set(set)
        .execute(conn))?;
    Ok(())
}

/// All series by name.
pub fn list_series(conn: &mut Conn) -> Result<Vec<NumberSeries>> {
    Ok(number_series::table.order(number_series::id).select(NumberSeries::as_select()).load(conn)?)
}

fn get_series(conn: &mut Conn, id: &str) -> Result<NumberSeries> {
    let found: Option<NumberSeries> =
        number_series::table.find(id).select(NumberSeries::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| {
        Error::new(codes::record::NOT_FOUND, format!("没有代字为“{id}”的文号序列，请先登记。"))
    })
}

/// Who takes a number, and when.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// Series.
    pub series: &'a str,
    /// Year the number is printed with.
    pub year: i32,
    /// Who takes it.
    pub by: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

/// The number of a document: the one it has, or the next of the series.
///
/// Numbers follow each other without gaps whatever runs at the same time, because the counter stays locked until the
/// transaction ends and goes back with it.
pub fn take_number(conn: &mut Conn, taking: Taking<'_>, document: &DocumentId) -> Result<RegisteredNumber> {
    if let Some(taken) = find_number_of(conn, document)? {
        return Ok(taken);
    }
    let series = get_series(conn, taking.series)?;
    let n = next(conn, &taking)?;
    let row = row(&series, &taking, n, NumberState::Used, Some(document.clone()), None);
    match diesel::insert_into(number_register::table).values(&row).execute(conn).map_err(Error::from) {
        Ok(_) => Ok(row),
        // The same document was numbered in another window a moment ago: run again and find that number.
        Err(error) if error.code == codes::record::DUPLICATE => Err(super::conn::race(error)),
        Err(error) => Err(error),
    }
}

/// Sets the next number aside for a document to come (预留).
pub fn reserve_number(conn: &mut Conn, taking: Taking<'_>, reason: &str) -> Result<RegisteredNumber> {
    let series = get_series(conn, taking.series)?;
    let n = next(conn, &taking)?;
    let row = row(&series, &taking, n, NumberState::Reserved, None, Some(reason.to_owned()));
    diesel::insert_into(number_register::table).values(&row).execute(conn)?;
    Ok(row)
}

/// Gives a reserved number to a document.
pub fn use_reserved_number(
    conn: &mut Conn,
    taking: Taking<'_>,
    n: i32,
    document: &DocumentId,
) -> Result<RegisteredNumber> {
    let reserved = number_register::table
        .find((taking.series, taking.year, n))
        .filter(number_register::state.eq(NumberState::Reserved));
    let used = diesel::update(reserved)
        .set((
            number_register::state.eq(NumberState::Used),
            number_register::document_id.eq(Some(document)),
            number_register::taken_at.eq(Instant::from(taking.now)),
            number_register::taken_by.eq(taking.by),
        ))
        .execute(conn)?;
    if used == 0 {
        return Err(Error::new(
            codes::record::NUMBER_UNAVAILABLE,
            format!("{}〔{}〕{n} 号不是预留号。", taking.series, taking.year),
        ));
    }
    Ok(number_register::table
        .find((taking.series, taking.year, n))
        .select(RegisteredNumber::as_select())
        .get_result(conn)?)
}

/// Gives a document a number a person chose (手工编号).
///
/// The numbers passed over are registered as skipped with the same reason,
/// so that the register explains them (跳号). Only numbers beyond the last one can be chosen: those up to it were given
/// out, here or on paper.
///
/// # Errors
/// `number_unavailable`: the number is taken, was given out before, or lies more than [`MAX_SKIP`] ahead.
pub fn take_chosen_number(
    conn: &mut Conn,
    taking: Taking<'_>,
    n: i32,
    reason: &str,
    document: &DocumentId,
) -> Result<RegisteredNumber> {
    let series = get_series(conn, taking.series)?;
    let last = lock_counter(conn, &taking)?;
    let printed = |n: i32| print(&series, taking.year, n);
    let refused = |why: String| Err(Error::new(codes::record::NUMBER_UNAVAILABLE, why));
    if n <= last {
        return refused(format!("{} 已经编出，不能重复。下一个可用号：{}。", printed(n), printed(last + 1)));
    }
    if n - last > MAX_SKIP + 1 {
        return refused(format!(
            "{} 比已编的 {last} 号多出太多，一次最多跳 {MAX_SKIP} 号，请核对。",
            printed(n)
        ));
    }
    let why = format!("跳号：手工编至 {n} 号。{reason}");
    for skipped in last + 1..n {
        let row = row(&series, &taking, skipped, NumberState::Skipped, None, Some(why.clone()));
        diesel::insert_into(number_register::table).values(&row).execute(conn)?;
    }
    let mut row =
        row(&series, &taking, n, NumberState::Used, Some(document.clone()), Some(reason.to_owned()));
    row.manual = true;
    diesel::insert_into(number_register::table).values(&row).execute(conn)?;
    diesel::update(number_counter::table.find((taking.series, taking.year)))
        .set(number_counter::last.eq(n))
        .execute(conn)?;
    Ok(row)
}

/// The most numbers one choice may pass over: guards against a slip of the finger.
pub const MAX_SKIP: i32 = 100;

/// The last number, locked until the transaction ends.
fn lock_counter(conn: &mut Conn, taking: &Taking<'_>) -> Result<i32> {
    let first = (
        number_counter::series.eq(taking.series),
        number_counter::year.eq(taking.year),
        number_counter::last.eq(0),
    );
    Ok(each_backend!(conn => diesel::insert_into(number_counter::table)
        .values(first)
        .on_conflict((number_counter::series, number_counter::year))
        .do_update()
        .set(number_counter::last.eq(number_counter::last + 0))
        .returning(number_counter::last)
        .get_result(conn))?)
}

/// Starts a series and year after `last`: the numbers up to it were given out on paper before the hub. Only before the first
/// number is taken here.
pub fn open_counter(conn: &mut Conn, series: &str, year: i32, last: i32) -> Result<()> {
    get_series(conn, series)?;
    let row =
        (number_counter::series.eq(series), number_counter::year.eq(year), number_counter::last.eq(last));
    match diesel::insert_into(number_counter::table).values(row).execute(conn).map_err(Error::from) {
        Ok(_) => Ok(()),
        Err(error) if error.code == codes::record::DUPLICATE => Err(Error::new(
            codes::record::NUMBER_UNAVAILABLE,
            format!("{series}〔{year}〕已经启用，不能再改起始号。"),
        )),
        Err(error) => Err(error),
    }
}

/// Declares a number void (作废) or a reserved one skipped (空号). It stays in the register with its reason and its document.
pub fn close_number(
    conn: &mut Conn,
    series: &str,
    year: i32,
    n: i32,
    state: NumberState,
    reason: &str,
) -> Result<()> {
    let changed = diesel::update(number_register::table.find((series, year, n)))
        .set((number_register::state.eq(state), number_register::reason.eq(Some(reason))))
        .execute(conn)?;
    if changed == 0 {
        return Err(Error::new(codes::record::NOT_FOUND, format!("文号簿里没有 {series}〔{year}〕{n} 号。")));
    }
    Ok(())
}

/// The number a document bears.
pub fn find_number_of(conn: &mut Conn, document: &DocumentId) -> Result<Option<RegisteredNumber>> {
    Ok(number_register::table
        .filter(number_register::document_id.eq(document))
        .select(RegisteredNumber::as_select())
        .get_result(conn)
        .optional()?)
}

/// The numbers of a series set aside for documents to come, oldest first.
pub fn list_reserved(conn: &mut Conn, series: &str) -> Result<Vec<RegisteredNumber>> {
    Ok(number_register::table
        .filter(number_register::series.eq(series).and(number_register::state.eq(NumberState::Reserved)))
        .order((number_register::year, number_register::n))
        .select(RegisteredNumber::as_select())
        .load(conn)?)
}

/// The register of one series and year, in order.
pub fn list_register(conn: &mut Conn, series: &str, year: i32) -> Result<Vec<RegisteredNumber>> {
    Ok(number_register::table
        .filter(number_register::series.eq(series).and(number_register::year.eq(year)))
        .order(number_register::n)
        .select(RegisteredNumber::as_select())
        .load(conn)?)
}

/// Series and years the register has, with the last number of each.
pub fn list_counters(conn: &mut Conn) -> Result<Vec<(String, i32, i32)>> {
    Ok(number_counter::table
        .order((number_counter::series, number_counter::year.desc()))
        .select((number_counter::series, number_counter::year, number_counter::last))
        .load(conn)?)
}

/// The last number taken of a series and year; 0 before the first.
pub fn last_number(conn: &mut Conn, series: &str, year: i32) -> Result<i32> {
    let last: Option<i32> = number_counter::table
        .find((series, year))
        .select(number_counter::last)
        .get_result(conn)
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// Numbers of one series and year that no row explains. Empty unless somebody changed the database by hand: the first
/// number of the hub is taken as the beginning.
pub fn list_gaps(conn: &mut Conn, series: &str, year: i32) -> Result<Vec<i32>> {
    let taken: Vec<i32> = list_register(conn, series, year)?.into_iter().map(|row| row.n).collect();
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else { return Ok(Vec::new()) };
    Ok((*first..*last).filter(|n| taken.binary_search(n).is_err()).collect())
}

fn next(conn: &mut Conn, taking: &Taking<'_>) -> Result<i32> {
    let first = (
        number_counter::series.eq(taking.series),
        number_counter::year.eq(taking.year),
        number_counter::last.eq(1),
    );
    Ok(each_backend!(conn => diesel::insert_into(number_counter::table)
        .values(first)
        .on_conflict((number_counter::series, number_counter::year))
        .do_update()
        .set(number_counter::last.eq(number_counter::last + 1))
        .returning(number_counter::last)
        .get_result(conn))?)
}

/// A number as printed.
fn print(series: &NumberSeries, year: i32, n: i32) -> String {
    series.pattern.replace("{year}", &year.to_string()).replace("{n}", &n.to_string())
}

fn row(
    series: &NumberSeries,
    taking: &Taking<'_>,
    n: i32,
    state: NumberState,
    document_id: Option<DocumentId>,
    reason: Option<String>,
) -> RegisteredNumber {
    RegisteredNumber {
        series: series.id.clone(),
        year: taking.year,
        n,
        number: print(series, taking.year, n),
        state,
        document_id,
        manual: false,
        reason,
        taken_at: taking.now.into(),
        taken_by: taking.by.to_owned(),
    }
}
