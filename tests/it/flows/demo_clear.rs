//! `hub demo clear`: all of the demo goes, nothing real ever does.

use std::path::Path;
use std::process::Command;

use crate::support::command::{expect, hub};
use crate::support::each_db::{Fresh, each_fresh};

struct Demo<'a> {
    fresh: &'a Fresh,
    folder: tempfile::TempDir,
}

impl Demo<'_> {
    fn run(&self, args: &[&str]) -> Command {
        let mut command = hub(&self.folder.path().join("data"));
        let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
        command.arg("--database-url").arg(&self.fresh.url).arg("--fonts").arg(fonts).args(args);
        command.current_dir(self.folder.path());
        command
    }

    fn count(&self, args: &[&str]) -> usize {
        let mut all = vec!["--json"];
        all.extend(args);
        expect(0, &mut self.run(&all)).out.lines().count()
    }
}

#[test]
fn clearing_leaves_an_empty_hub_that_can_be_loaded_again() {
    each_fresh(|fresh| {
        let demo = Demo { fresh, folder: tempfile::tempdir().unwrap() };
        let out = demo.folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(out.join("我的笔记.txt"), "不是演示的文件").unwrap();
        expect(0, &mut demo.run(&["demo", "load"]));
        assert!(demo.count(&["message", "list"]) > 0 && demo.count(&["document", "list"]) == 14);
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 15);

        expect(0, &mut demo.run(&["demo", "clear"]));
        assert_eq!(demo.count(&["message", "list"]) + demo.count(&["document", "list"]), 0);
        assert!(!demo.folder.path().join("data/demo-logins.txt").exists());
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1, "only the file that is not the demo's");
        expect(0, &mut demo.run(&["demo", "clear"]));

        expect(0, &mut demo.run(&["demo", "load"]));
        assert_eq!(demo.count(&["document", "list"]), 14);
        expect(0, &mut demo.run(&["register", "gaps"]));
    });
}

#[test]
fn a_message_that_came_after_the_demo_keeps_everything_where_it_is() {
    let fresh = Fresh::sqlite();
    let demo = Demo { fresh: &fresh, folder: tempfile::tempdir().unwrap() };
    expect(0, &mut demo.run(&["demo", "load"]));
    let before = demo.count(&["message", "list"]);
    let sample =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/natural-resources/land_grant/sample.json");
    expect(0, &mut demo.run(&["import", "natural-resources", "land_grant", sample.to_str().unwrap()]));
    let refused = expect(6, &mut demo.run(&["demo", "clear"]));
    assert!(refused.err.contains("演示载入之后收到的报文"), "{}", refused.err);
    assert!(demo.count(&["message", "list"]) > before && demo.count(&["document", "list"]) == 14);
    assert!(demo.folder.path().join("data/demo-logins.txt").exists());
}
