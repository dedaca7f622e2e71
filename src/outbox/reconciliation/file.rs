//! The day as a file: XML for the partner's system, a workbook for people.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{Line, Open, Reconciliation, Way};
use crate::error::{Error, Result, codes};
use crate::format::write::{self, Item, PrintedColumn, PrintedTable, XmlLayout};

impl Reconciliation {
    /// One document for the day, after the daily logs that the registration platforms exchange: the counts first, then what
    /// was not accepted one by one. Times carry their offset, UTC.
    ///
    /// # Errors
    /// A text that XML cannot hold.
    pub fn xml(&self) -> Result<Vec<u8>> {
        let mut head = vec![
            Item::attribute("partner", &self.partner),
            Item::attribute("title", &self.title),
            Item::attribute("date", self.date.to_string()),
            Item::attribute("countedAt", time(self.counted_at)),
            Item::attribute("dayOver", self.is_over.to_string()),
            Item::attribute("even", self.is_even().to_string()),
        ];
        let lines = |way: Way, name: &str| -> Vec<Item> {
            self.lines.iter().filter(|it| it.way == way).map(|it| line(name, it)).collect()
        };
        let mut sent = lines(Way::Pushed, "push");
        sent.extend(lines(Way::Pulled, "pull"));
        head.push(Item::object("received", lines(Way::Received, "message")));
        head.push(Item::object("sent", sent));
        head.push(Item::object("open", self.open.iter().map(open).collect()));
        head.push(Item::object("discrepancies", vec![count("total", self.discrepancies)]));
        let layout = XmlLayout { indent: Some(2), ..XmlLayout::default() };
        write::xml(&Item::object("reconciliation", head), &layout).map_err(|problems| {
            Error::new(codes::format::WRITE_SHAPE, "对账结果写不成 XML。").with_problems(problems)
        })
    }

    /// As JSON, with the differences.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut told = json!(self);
        if let Some(lines) = told.get_mut("lines").and_then(Value::as_array_mut) {
            for (told, line) in lines.iter_mut().filter_map(Value::as_object_mut).zip(&self.lines) {
                told.insert("difference".to_owned(), json!(line.difference()));
            }
        }
        if let Some(told) = told.as_object_mut() {
            told.insert("even".to_owned(), json!(self.is_even()));
        }
        told
    }

    /// A workbook with the counts on one sheet and what was not accepted on another. `show` writes times for people.
    ///
    /// # Errors
    /// What the workbook writer says.
    pub fn workbook(&self, show: impl Fn(DateTime<Utc>) -> String) -> Result<Vec<u8>> {
        let title = format!("{} {} 对账", self.title, self.date);
        write::printed(&[
            table("对账", &title, COUNTS, self.lines.iter().map(cells).collect()),
            table("未收妥", &title, OPEN, self.open.iter().map(|it| row(it, &show)).collect()),
        ])
    }
}

/// Columns of the sheet of counts, with their widths.
const COUNTS: &[(&str, u16)] = &[
    ("方向", 12),
    ("标识", 26),
    ("名称", 26),
    ("合计", 8),
    ("收下", 8),
    ("部分收下", 10),
    ("退回", 8),
    ("等待", 8),
    ("写入记录", 10),
    ("对方所报", 10),
    ("差额", 8),
];
/// Columns of the sheet of what was not accepted.
const OPEN: &[(&str, u16)] =
    &[("方向", 12), ("标识", 26), ("编号", 36), ("对方编号", 26), ("状态", 12), ("原因", 36), ("时间", 18)];

fn table(sheet: &str, title: &str, columns: &[(&str, u16)], rows: Vec<Vec<String>>) -> PrintedTable {
    let column = |(title, width): &(&str, u16)| PrintedColumn {
        title: (*title).to_owned(),
        width: *width,
        centred: false,
        merged: false,
    };
    PrintedTable {
        sheet: sheet.to_owned(),
        title: title.to_owned(),
        landscape: true,
        columns: columns.iter().map(column).collect(),
        groups: rows.into_iter().map(|row| vec![row]).collect(),
    }
}

fn cells(it: &Line) -> Vec<String> {
    let counted = |n: i64| if it.way == Way::Pulled { String::new() } else { n.to_string() };
    let given = |n: Option<i64>| n.map(|it| it.to_string()).unwrap_or_default();
    vec![
        it.way.title().to_owned(),
        it.name.clone(),
        it.title.clone(),
        it.total.to_string(),
        counted(it.accepted),
        counted(it.partial),
        counted(it.refused),
        counted(it.waiting),
        counted(it.records),
        given(it.reported),
        given(it.difference()),
    ]
}

fn row(it: &Open, show: &impl Fn(DateTime<Utc>) -> String) -> Vec<String> {
    vec![
        it.way.title().to_owned(),
        it.name.clone(),
        it.id.clone(),
        it.key.clone().unwrap_or_default(),
        it.state.clone(),
        it.reason.clone().unwrap_or_default(),
        show(it.at),
    ]
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn count(name: &str, n: i64) -> Item {
    Item::attribute(name, n.to_string())
}

/// What a partner pulls has a total only: how much of it arrived, the partner knows.
fn line(element: &str, it: &Line) -> Item {
    let mut items = vec![
        Item::attribute("name", &it.name),
        Item::attribute("title", &it.title),
        count("total", it.total),
    ];
    if it.way != Way::Pulled {
        items.extend([
            count("accepted", it.accepted),
            count("refused", it.refused),
            count("waiting", it.waiting),
        ]);
    }
    if it.way == Way::Received {
        items.extend([count("partial", it.partial), count("records", it.records)]);
    }
    if let (Some(reported), Some(difference)) = (it.reported, it.difference()) {
        items.extend([count("reported", reported), count("difference", difference)]);
    }
    Item::object(element, items)
}

fn open(it: &Open) -> Item {
    let way = if it.way == Way::Received { "received" } else { "sent" };
    let mut items = vec![
        Item::attribute("way", way),
        Item::attribute("name", &it.name),
        Item::attribute("id", &it.id),
        Item::attribute("state", &it.state),
        Item::attribute("at", time(it.at)),
    ];
    items.extend(it.key.as_ref().map(|key| Item::attribute("key", key)));
    items.extend(it.reason.as_ref().map(|reason| Item::attribute("reason", reason)));
    Item::object("item", items)
}
