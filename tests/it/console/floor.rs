//! The browsers of government intranets are as old as Chromium 86. Style and script use nothing that came later.

use std::path::Path;

fn read(path: &str) -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    without_comments(&text)
}

fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").unwrap().1;
    }
    kept.push_str(rest);
    kept.lines().filter(|it| !it.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn style_stays_on_the_floor() {
    let css = read("assets/console/hub.css");
    for newer in [
        ":is(",
        ":where(",
        ":has(",
        "inset:",
        "aspect-ratio",
        "padding-inline",
        "padding-block",
        "margin-inline",
        "margin-block",
        "accent-color",
        "@layer",
        "@container",
        "color-mix",
        "dvh",
        "svh",
        "lvh",
        "text-wrap",
        "@property",
        "overflow: clip",
        "scrollbar-gutter",
        "&:",
        "& ",
        "@import",
        "http",
        "url(",
    ] {
        assert!(!css.contains(newer), "hub.css uses `{newer}`");
    }
    // A list inside :not() came with 88.
    for part in css.split(":not(").skip(1) {
        assert!(!part.split(')').next().unwrap().contains(','), "hub.css: a list in :not()");
    }
    // Nesting came with 112: no brace opens within a rule, other than inside an at-rule.
    let mut open: Vec<bool> = Vec::new();
    let mut selector = String::new();
    for c in css.chars() {
        match c {
            '{' => {
                assert!(open.iter().all(|at_rule| *at_rule), "hub.css: nested rule `{}`", selector.trim());
                open.push(selector.trim().starts_with('@'));
                selector.clear();
            }
            '}' => {
                open.pop().unwrap();
                selector.clear();
            }
            ';' => selector.clear(),
            other => selector.push(other),
        }
    }
    assert!(open.is_empty());
}

#[test]
fn script_stays_on_the_floor_and_under_the_policy() {
    let js = read("assets/console/hub.js");
    for newer in [
        ".at(",
        "structuredClone",
        "hasOwn",
        "randomUUID",
        "Segmenter",
        "??=",
        "||=",
        "&&=",
        "replaceChildren",
        "static {",
        ".findLast",
        ".toSorted",
        ".toReversed",
        "Promise.any",
        "#private",
        "popover",
        "inert",
        "import ",
        "eval(",
        "new Function",
        "http",
        ".style",
        "innerHTML",
    ] {
        assert!(!js.contains(newer), "hub.js uses `{newer}`");
    }
}

#[test]
fn pages_carry_no_style_or_script_of_their_own() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let pages = ["console", "portal"].map(|it| std::fs::read_dir(templates.join(it)).unwrap());
    for file in pages.into_iter().flatten().map(|it| it.unwrap().path()).filter(|it| it.is_file()) {
        let text = std::fs::read_to_string(&file).unwrap();
        // What stands alone in a package is a file, not a page: no stylesheet lies beside it.
        let text = match text.split_once("{% if alone %}") {
            Some((before, rest)) => format!("{before}{}", rest.split_once("{% else %}").unwrap().1),
            None => text,
        };
        for banned in [
            " style=",
            "<style",
            " onclick",
            " onchange",
            " onsubmit",
            "hx-on",
            "js:",
            "//cdn",
            "http:",
            "https:",
        ] {
            assert!(!text.contains(banned), "{}: `{banned}`", file.display());
        }
        for tag in text.split("<script").skip(1) {
            assert!(tag.starts_with(" src=\"/assets/"), "{}: a script in the page", file.display());
        }
    }
}
