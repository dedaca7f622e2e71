//! A mapping's new version beside the one in force: what changed in the agreement, and what messages that came say by both.

use std::fs;
use std::path::Path;

use crate::support::app::{App, trial_mappings};
use crate::support::command::{expect, hub};
use crate::support::parcels::{message, row, row_with};

/// The trial message's folder with its map changed.
fn changed(dir: &Path, change: impl Fn(&str) -> String) -> std::path::PathBuf {
    let partner = dir.join("trial");
    let folder = partner.join("parcels");
    fs::create_dir_all(&folder).unwrap();
    let shipped = trial_mappings().join("trial");
    fs::copy(shipped.join("partner.toml"), partner.join("partner.toml")).unwrap();
    for entry in fs::read_dir(shipped.join("parcels")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let map = folder.join("map.toml");
    let text = fs::read_to_string(&map).unwrap();
    let new = change(&text);
    assert_ne!(new, text, "the map file has other words");
    fs::write(&map, new).unwrap();
    folder
}

#[test]
fn two_versions_are_compared_and_what_came_is_read_by_both() {
    let app = App::start();
    let partner = app.partner("trial");
    partner.send("parcels", message("M1", &[row(1)])).expect(200);
    partner.send("parcels", message("M2", &[row_with(2, serde_json::json!({ "holder": null }))])).expect(200);
    let dir = tempfile::tempdir().unwrap();
    let folder = changed(dir.path(), |map| {
        map.replace("version = 1", "version = 2")
            .replace("price          = { from = \"price\"", "deposit        = { from = \"price\"")
    });
    let data = app.hub.config.data.clone();
    let run = |code: i32, args: &[&str]| {
        let mut command = hub(&data);
        expect(code, command.args(["mapping", "diff"]).arg(&folder).args(args))
    };
    let said = run(4, &[]);
    assert!(said.out.contains("不兼容\t地块：不再读"), "{}", said.out);
    assert!(said.out.contains("兼容\t地块：新读"), "{}", said.out);
    let said = run(4, &["--replay", "10"]);
    let shown = said.out.clone() + &said.err;
    assert!(shown.contains("重放最近 2 份：0 份相同，2 份不同"), "{shown}");
    assert!(shown.contains("地块·成交价款") && shown.contains("→ （无）"), "{shown}");
    assert_eq!(
        app.read(|conn| hub::store::list_messages(
            conn,
            &hub::store::MessageFilter::default(),
            hub::store::Page::first(9)
        ))
        .total,
        2,
        "nothing is stored"
    );

    // The same folder as in force: no change, no difference.
    let same = tempfile::tempdir().unwrap();
    let same = changed(same.path(), |map| format!("{map}\n# same\n"));
    let mut command = hub(&data);
    let said = expect(0, command.args(["mapping", "diff"]).arg(&same).args(["--replay", "10"]));
    let shown = said.out + &said.err;
    assert!(shown.contains("1 种报文的约定没有变化") && shown.contains("2 份相同，0 份不同"), "{shown}");
}
