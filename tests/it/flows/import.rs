//! An operator imports files: verdicts row by row, again without doubling, refused where they are no tables.

use std::path::{Path, PathBuf};

use hub::text::charset::{Charset, encode};

use crate::support::command::{expect, hub};
use crate::support::parcels::{csv, message, no, row};

fn fresh() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    expect(0, hub(dir.path()).arg("migrate"));
    dir
}

fn file(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn every_row_gets_its_verdict_and_the_good_ones_are_stored() {
    let dir = fresh();
    let mut text = csv(1..=5);
    text.push_str("3304022026B00006,南湖区试验路6号,99,-3.00,1,2026-02-30\n,没有编号,23,1,1,\n");
    let path = file(dir.path(), "parcels.csv", text);
    let said = expect(3, hub(dir.path()).args(["import", "trial", "parcels_csv"]).arg(&path));
    assert!(said.out.contains("第 7 行 退回：E4007"), "{}", said.out);
    assert!(said.out.contains("第 8 行 退回：E4001"), "{}", said.out);
    assert!(said.out.contains("接收 5 条，退回 2 条"), "{}", said.out);

    let rows = expect(3, hub(dir.path()).args(["--json", "import", "trial", "parcels_csv"]).arg(&path));
    let receipt: serde_json::Value = serde_json::from_str(rows.out.lines().last().unwrap()).unwrap();
    assert_eq!((&receipt["duplicate"], &receipt["accepted"]), (&true.into(), &5.into()), "{receipt}");
    let listed = expect(0, hub(dir.path()).args(["--json", "message", "list"]));
    assert_eq!(listed.out.lines().count(), 1, "the same file is the same message");
}

#[test]
fn one_json_line_for_each_row() {
    let dir = fresh();
    let path = file(dir.path(), "parcels.csv", csv(1..=3));
    let said = expect(0, hub(dir.path()).args(["--json", "import", "trial", "parcels_csv"]).arg(&path));
    let lines: Vec<serde_json::Value> =
        said.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!((&lines[0]["row"], &lines[0]["accepted"]), (&2.into(), &true.into()));
    assert_eq!(lines[0]["keys"][0], format!("parcel:{}", no(1)));
    assert_eq!((&lines[3]["created"], &lines[3]["refused"]), (&3.into(), &0.into()));
}

#[test]
fn gbk_files_are_read_and_their_places_are_cells() {
    let dir = fresh();
    let gbk = Charset::from_label("gbk").unwrap();
    let bytes = encode(&csv(1..=1).replace("2.50", "二亩"), gbk).unwrap();
    let path = file(dir.path(), "parcels.csv", bytes);
    let said = expect(4, hub(dir.path()).args(["import", "trial", "parcels_csv"]).arg(&path));
    assert!(said.out.contains("第 2 行 退回：E4002 R2C4（第 2 行） 值“二亩”"), "{}", said.out);
}

#[test]
fn a_header_that_lacks_a_needed_column_refuses_the_file_and_the_mended_one_is_taken() {
    let dir = fresh();
    let path = file(dir.path(), "parcels.csv", csv(1..=3).replace("电子监管号", "监管号"));
    let said = expect(4, hub(dir.path()).args(["import", "trial", "parcels_csv"]).arg(&path));
    assert!(said.out.contains("表头没有“电子监管号”这一列"), "{}", said.out);
    let waiting = expect(0, hub(dir.path()).args(["--json", "message", "quarantine"]));
    assert!(waiting.out.contains("\"cause\":\"E3101\""), "{}", waiting.out);
    let path = file(dir.path(), "parcels.csv", csv(1..=3));
    expect(0, hub(dir.path()).args(["import", "trial", "parcels_csv"]).arg(&path));
}

#[test]
fn a_message_that_is_no_table_is_imported_as_if_it_was_sent() {
    let dir = fresh();
    let path = file(dir.path(), "m.json", message("M1", &[row(1), row(2)]));
    let dry = expect(0, hub(dir.path()).args(["import", "--dry-run", "trial", "parcels"]).arg(&path));
    assert!(dry.out.contains("接收 2 条"), "{}", dry.out);
    assert_eq!(expect(0, hub(dir.path()).args(["--json", "message", "list"])).out, "");
    expect(0, hub(dir.path()).args(["import", "trial", "parcels"]).arg(&path));
    assert_eq!(expect(0, hub(dir.path()).args(["--json", "message", "list"])).out.lines().count(), 1);
}

#[test]
fn wrong_names_end_with_their_exit_codes() {
    let dir = fresh();
    let path = file(dir.path(), "m.csv", csv(1..=1));
    let said = expect(5, hub(dir.path()).args(["import", "nobody", "parcels_csv"]).arg(&path));
    assert!(said.err.contains("E1001"), "{}", said.err);
    expect(5, hub(dir.path()).args(["import", "trial", "nothing"]).arg(&path));
    expect(1, hub(dir.path()).args(["import", "trial", "parcels_csv", "/nowhere.csv"]));
    expect(2, hub(dir.path()).args(["import", "trial"]));
}
