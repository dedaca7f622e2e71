//! Settings: order of sources, located errors, the example.

use super::{Config, KEYS, Origin, Texts, example};

fn texts(pairs: &[(&str, &str)]) -> Texts {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn load(file: &str, flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("hub.toml"), file).unwrap();
    let mut flags = texts(flags);
    flags.insert("data".to_owned(), dir.path().to_str().unwrap().to_owned());
    Config::load(&flags, &texts(environment))
        .map_err(|e| e.to_string().replace(dir.path().to_str().unwrap(), "DIR"))
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let file = "listen = \"127.0.0.1:1\"\n[web]\nbody_limit = \"1MiB\"\n[log]\nlevel = \"warn\"\n";
    let config = load(
        file,
        &[("listen", "127.0.0.1:3")],
        &[("HUB_LISTEN", "127.0.0.1:2"), ("HUB_LOG_LEVEL", "error")],
    )
    .unwrap();
    assert_eq!(config.web.listen, "127.0.0.1:3");
    assert_eq!(config.log.level, "error");
    assert_eq!(config.web.body_limit, 1 << 20);
    assert_eq!(config.signature.window.as_secs(), 90);
    let origin = |name| config.in_force().into_iter().find(|(key, ..)| key.name == name).unwrap().2;
    assert_eq!(origin("listen"), Origin::Flag);
    assert_eq!(origin("log.level"), Origin::Environment);
    assert_eq!(origin("web.body_limit"), Origin::File);
    assert_eq!(origin("import.batch"), Origin::Default);
}

#[test]
fn every_wrong_key_and_value_is_told_with_its_place() {
    let file = "listen = \"8080\"\n[web]\nbody_limt = 3\nworkers = -1\n[signature]\nwindow = \"5 parsecs\"\n";
    let told = load(file, &[], &[("HUB_LOG_FORMAT", "xml"), ("HUB_LISTN", "x")]).unwrap_err();
    for part in [
        "配置有 6 处错误",
        "DIR/hub.toml:listen（第 1 行） 值“8080”：“listen”的值不对：应为“地址:端口”",
        "DIR/hub.toml:web.body_limt（第 3 行）：没有“web.body_limt”这个配置项 是否想写“web.body_limit”？",
        "DIR/hub.toml:web.workers（第 4 行） 值“-1”",
        "DIR/hub.toml:signature.window（第 6 行） 值“5 parsecs”",
        "HUB_LOG_FORMAT 值“xml”：“log.format”的值不对：只能是 text、json",
        "HUB_LISTN：没有“listn”这个配置项 是否想写“listen”？",
    ] {
        assert!(told.contains(part), "missing {part:?} in:\n{told}");
    }
}

#[test]
fn secrets_are_not_shown_even_when_wrong() {
    let told = load("", &[], &[("HUB_SECRET", "short-secret")]).unwrap_err();
    assert!(told.contains("至少 32 个字符") && !told.contains("short-secret"), "{told}");
    let config = load("", &[], &[("HUB_SECRET", "0123456789abcdef0123456789abcdef")]).unwrap();
    assert!(!format!("{:?}", config.in_force()).contains("0123456789"));
}

#[test]
fn a_broken_or_missing_file_is_told() {
    let told = load("listen = \n", &[], &[]).unwrap_err();
    assert!(told.contains("不是合法的 TOML") && told.contains("第 1 行"), "{told}");
    let told = load("", &[("config", "/nowhere/hub.toml")], &[]).unwrap_err();
    assert!(told.contains("读不了配置文件 /nowhere/hub.toml"), "{told}");
}

#[test]
fn the_example_uncommented_is_a_valid_file_that_changes_nothing() {
    let text = example();
    for key in KEYS {
        assert!(text.contains(&key.variable()), "{} is missing", key.name);
    }
    let uncommented: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") && !rest.starts_with(char::is_uppercase) => rest,
            _ => line,
        })
        .filter(|line| {
            // What has no default is shown with a sample, which is not to be taken.
            let unset = |key: &&super::Key| key.default.is_empty() || key.name == "data";
            let name = |key: &super::Key| key.name.rsplit('.').next().unwrap_or_default().to_owned();
            !KEYS.iter().filter(unset).any(|key| line.starts_with(&format!("{} =", name(key))))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let config = load(&uncommented, &[], &[]).unwrap();
    for (key, text, _) in config.in_force() {
        assert!(key.name == "data" || text == key.default, "{}: {text}", key.name);
    }
}
