//! `hub doctor` tells what is right and what is wrong, with what to do about it.

use serde_json::Value;

use crate::support::command::{expect, hub};
use crate::support::parcels::csv;

fn checks(out: &str) -> Vec<(String, String)> {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let rows = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|it| (text(&it["what"]), text(&it["state"]))).collect()
}

#[test]
fn a_hub_in_order_is_told_to_be() {
    let dir = tempfile::tempdir().unwrap();
    expect(0, hub(dir.path()).arg("migrate"));
    expect(0, hub(dir.path()).args(["key", "create", "trial"]));
    let file = dir.path().join("p.csv");
    std::fs::write(&file, csv(1..=3)).unwrap();
    expect(0, hub(dir.path()).args(["import", "trial", "parcels_csv"]).arg(&file));
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fonts");
    let said = expect(
        0,
        hub(dir.path()).args(["--json", "doctor", "--deep", "--listen", "127.0.0.1:0", "--fonts", fonts]),
    );
    for (what, state) in checks(&said.out) {
        // Whether the clock is synchronised is the machine's affair.
        assert!(state == "good" || what == "系统时钟" || what == "数据目录", "{what}: {state}\n{}", said.out);
    }
    assert!(said.out.contains("首尾相接"), "{}", said.out);
}

#[test]
fn what_is_wrong_is_told_with_its_cure() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("none");
    let said = expect(4, hub(&missing).args(["doctor", "--listen", "256.0.0.1:1"]));
    for part in ["✕ 问题  数据目录", "✕ 问题  数据库", "首次使用请运行 hub migrate", "✕ 问题  监听地址"]
    {
        assert!(said.out.contains(part), "no {part} in\n{}", said.out);
    }
    std::fs::create_dir(&missing).unwrap();
    std::fs::write(missing.join("secret.key"), "short").unwrap();
    let said = expect(4, hub(&missing).args(["doctor", "--listen", "127.0.0.1:0"]));
    assert!(said.out.contains("✕ 问题  主密钥"), "{}", said.out);
}
