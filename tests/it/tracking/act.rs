//! A task from 交办 to 销号, who may do what, and what the board says on the way.

use hub::error::codes::task as code;
use hub::store::TaskState;
use hub::tracking::act::{Step, act};
use hub::tracking::board::Filter;
use hub::tracking::event::{Actor, Deed};
use hub::tracking::rules::Colour;

use super::office::{PLAN, deed, desk, line, load, open, report, show, try_deed, until};
use crate::support::each_db::each_db;

const NO: &str = "附6";
const OWN: &str = "finance";

fn ask_extension(date: &str) -> Deed {
    Deed::ExtensionRequested { due: until(date), reason: "资金安排在下年度".to_owned() }
}

fn ask_completion(evidence: &[&str]) -> Deed {
    Deed::CompletionRequested {
        statement: "经费已列入预算".to_owned(),
        evidence: evidence.iter().map(|item| (*item).to_owned()).collect(),
    }
}

#[test]
fn from_handing_out_to_closing() {
    each_db(|store| {
        load(store, "2022-03-01");
        deed(store, "2022-03-02", NO, OWN, Deed::Received);
        deed(store, "2022-04-02", NO, OWN, report(30));
        deed(store, "2023-12-20", NO, OWN, ask_extension("2024-03-31"));
        assert!(line(store, "2023-12-21", NO).pending.unwrap().contains("延至2024年3月31日"));
        deed(
            store,
            "2023-12-22",
            NO,
            "civil_defence",
            Deed::ExtensionApproved { comment: "同意".to_owned() },
        );
        let extended = open(store, "2024-01-02", NO);
        let dues: Vec<_> = extended.dues.iter().map(|due| due.due.as_str()).collect();
        assert_eq!(dues, ["2023年12月31日", "2024年3月31日"], "the old deadline is kept");
        deed(store, "2024-03-29", NO, OWN, ask_completion(&["嘉财预〔2024〕7号"]));
        assert_eq!(line(store, "2024-04-15", NO).light.to_string(), "● 待复核");
        deed(store, "2024-04-16", NO, "civil_defence", Deed::CompletionApproved { comment: String::new() });
        deed(store, "2024-04-17", NO, "civil_defence", Deed::Closed);
        let closed = open(store, "2024-05-01", NO);
        assert_eq!(closed.line.state, TaskState::Closed);
        let told: Vec<_> = closed.timeline.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!(
            told,
            ["交办", "签收", "进度填报", "申请延期", "同意延期", "申请办结", "复核办结", "销号"]
        );
        assert_eq!(closed.timeline[1].department.as_deref(), Some("市财政局"));
        assert!(closed.next.is_empty());
    });
}

#[test]
fn everybody_keeps_to_their_part() {
    each_db(|store| {
        load(store, "2022-03-01");
        let refused = |no: &str, department: &str, deed: Deed| {
            let error = try_deed(store, "2022-03-02", no, department, deed).unwrap_err();
            (error.code, error.detail)
        };
        let (code_of, said) = refused(NO, "tax", Deed::Received);
        assert_eq!(code_of, code::NOT_CONCERNED);
        assert!(said.contains("由市财政局牵头"), "{said}");
        deed(store, "2022-03-02", "主4", "civil_defence", Deed::Received);
        deed(store, "2022-03-02", "主4", "state_assets", report(10));
        let (code_of, said) = refused("主4", "tax", report(10));
        assert_eq!(code_of, code::NOT_CONCERNED);
        assert!(said.contains("承办单位中没有市税务局"), "{said}");
        let (code_of, said) = refused(NO, OWN, Deed::Paused { reason: "等通知".to_owned() });
        assert_eq!(code_of, code::NOT_OFFICE);
        assert!(said.contains("市人防办"), "{said}");
        assert_eq!(refused("附99", OWN, Deed::Received).0, code::UNKNOWN_TASK);
        let events = open(store, "2022-03-02", NO).timeline.len();
        assert_eq!(events, 1, "what was refused left nothing behind");
    });
}

#[test]
fn completion_needs_evidence_unless_the_data_shows_it() {
    each_db(|store| {
        load(store, "2022-03-01");
        deed(store, "2022-03-02", NO, OWN, Deed::Received);
        let error = try_deed(store, "2022-04-02", NO, OWN, ask_completion(&[" "])).unwrap_err();
        assert_eq!(error.code, code::EVIDENCE_MISSING);
        deed(store, "2022-03-02", "附7", "civil_affairs", Deed::Received);
        deed(store, "2022-04-02", "附7", "civil_affairs", ask_completion(&[]));
    });
}

#[test]
fn history_is_entered_only_at_the_server() {
    each_db(|store| {
        load(store, "2022-03-01");
        let step = |actor: Actor| Step {
            plan: PLAN.to_owned(),
            no: NO.to_owned(),
            actor,
            deed: Deed::Received,
            seen: None,
            on: Some(super::office::day("2022-03-02")),
        };
        let clerk = step(super::office::person("钱某", OWN));
        assert_eq!(
            store.write(|conn| act(conn, &desk("2022-06-01"), &clerk)).unwrap_err().code,
            code::NOT_OFFICE
        );
        store.write(|conn| act(conn, &desk("2022-06-01"), &step(Actor::system()))).unwrap();
        assert_eq!(open(store, "2022-06-01", NO).timeline[1].event.day, super::office::day("2022-03-02"));
    });
}

#[test]
fn the_board_counts_what_it_lists() {
    each_db(|store| {
        load(store, "2022-03-01");
        let board = show(store, "2022-03-03", &Filter::default());
        assert_eq!(board.counts.lights[2].count, 24, "all green");
        // Nobody received anything for a week.
        let board = show(store, "2022-03-14", &Filter::default());
        assert!(board.lines.iter().all(|line| line.light.word == "未签收"));
        // Past the first milestone two duties are overdue, the others not received.
        let board = show(store, "2023-01-05", &Filter::default());
        assert_eq!((board.counts.lights[0].count, board.counts.overdue), (2, 2));
        let red = Filter { light: Some(Colour::Red), ..Filter::default() };
        let red: Vec<_> = show(store, "2023-01-05", &red).lines.into_iter().map(|line| line.no).collect();
        assert_eq!(red, ["附1", "附4"]);
        let overdue = Filter { overdue: true, department: Some("justice".to_owned()), ..Filter::default() };
        assert_eq!(show(store, "2023-01-05", &overdue).lines.len(), 1);
        let counts = &board.counts.departments;
        assert_eq!(counts.len(), 14);
        assert_eq!(
            (counts[0].department.id.as_str(), counts[0].total, counts[0].overdue),
            ("civil_defence", 8, 1)
        );
        let words = Filter { q: Some("门牌".to_owned()), ..Filter::default() };
        assert_eq!(show(store, "2023-01-05", &words).lines.len(), 1);
    });
}

#[test]
fn who_has_not_reported_is_listed() {
    each_db(|store| {
        load(store, "2022-03-01");
        deed(store, "2022-03-02", NO, OWN, Deed::Received);
        deed(store, "2022-03-02", "附7", "civil_affairs", Deed::Received);
        deed(store, "2022-04-02", NO, OWN, report(10));
        let silent = Filter { not_reported: true, ..Filter::default() };
        let listed = show(store, "2022-04-06", &silent);
        assert_eq!(listed.lines.iter().map(|line| line.no.as_str()).collect::<Vec<_>>(), ["附7"]);
        assert_eq!(listed.counts.not_reported, 1);
    });
}
