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

/// A certificate for `days` days, and its key.
fn certificate(dir: &std::path::Path, days: &str) -> [String; 2] {
    let [key, pem] = ["key", "crt"].map(|it| dir.join(format!("{days}.{it}")).to_str().unwrap().to_owned());
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=hub", "-days", days])
        .args(["-keyout", &key, "-out", &pem])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    [pem, key]
}

#[test]
fn the_certificate_is_looked_at_before_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    expect(0, hub(dir.path()).arg("migrate"));
    let [long, soon] = [certificate(dir.path(), "365"), certificate(dir.path(), "20")];
    let said = |pem: &str, key: &str| {
        let mut command = hub(dir.path());
        command.args(["--json", "doctor", "--listen", "127.0.0.1:0"]);
        command.env("HUB_TLS_CERTIFICATE", pem).env("HUB_TLS_KEY", key);
        let rows = checks(&crate::support::command::run(&mut command).out);
        rows.into_iter().find(|(what, _)| what == "TLS 证书").unwrap().1
    };
    assert_eq!(said("", ""), "good");
    assert_eq!(said(&long[0], &long[1]), "good");
    assert_eq!(said(&soon[0], &soon[1]), "doubtful");
    assert_eq!(said(&long[0], &soon[1]), "bad", "another certificate's key");
    assert_eq!(said(&long[0], ""), "bad", "no key");
}

#[test]
fn a_registered_certificates_key_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    expect(0, hub(dir.path()).arg("migrate"));
    let [pem, _key] = certificate(dir.path(), "20");
    let create = |extra: &[&str]| {
        let mut command = hub(dir.path());
        command.args(["--json", "key", "create", "trial", "--scheme", "client-certificate", "--public-key"]);
        crate::support::command::run(command.arg(&pem).args(extra))
    };
    let made: Value = serde_json::from_str(&create(&["--expires", "2099-12-31"]).out).unwrap();
    assert!(made["key"].as_str().unwrap().starts_with("cert-"), "{made}");
    assert!(!made["expires_at"].to_string().contains("2099"), "{made}");
    let again = create(&[]);
    assert!(again.code != 0 && again.err.contains("已登记"), "{}", again.err);
    let said = crate::support::command::run(hub(dir.path()).args(["doctor", "--listen", "127.0.0.1:0"])).out;
    assert!(said.contains("▲ 留意  对接密钥：将到期：cert-"), "{said}");
}
