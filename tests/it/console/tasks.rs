//! The task board: every light with shape, word and reason; a deed that is refused, one that outlives its session.

use super::hall::Hall;

const TASK: &str = "/tasks/demo-current-year/%E9%99%843";

pub fn lights_say_why(hall: &Hall) {
    hall.sign_in("zigui", "/tasks");
    let shown = hall.texts("#results .lit");
    assert_eq!(shown.len(), 12);
    for light in &shown {
        let mut lines = light.lines();
        assert!(
            lines.next().unwrap().starts_with(['●', '▲', '■', '○']) && lines.next().unwrap().ends_with('。'),
            "{light}"
        );
    }
    for shape in ['●', '▲', '■', '○'] {
        assert!(shown.iter().any(|it| it.starts_with(shape)), "no {shape} in {shown:?}");
    }
    let yellow = hall.find("a.count.is-yellow");
    let count: usize = yellow.text().lines().next().unwrap().parse().unwrap();
    yellow.click();
    let filtered = hall.texts("#results .lit .state");
    assert!(
        filtered.len() == count && filtered.iter().all(|it| it.starts_with('▲')),
        "the number leads to what it counts"
    );
    hall.calm();
}

pub fn a_refused_report_keeps_its_words(hall: &Hall) {
    hall.goto(TASK);
    hall.find("#deed option[value=reported]").click();
    hall.find("#text").type_text("已补录 28 宗。");
    hall.find("#problems").type_text("2 宗待调档。");
    hall.find("#percent").type_text("一半");
    hall.mark();
    hall.find("#act .btn").click();
    assert!(hall.find("#act [role=alert]").text().contains("完成比例“一半”应为 0 到 100 的整数"));
    assert!(hall.is_marked());
    assert_eq!(hall.find("#text").property("value").as_deref(), Some("已补录 28 宗。"));
    assert_eq!(hall.find("#problems").property("value").as_deref(), Some("2 宗待调档。"));
    assert_eq!(hall.browser.console_errors().len(), 1, "the answer 422 itself");

    let percent = hall.find("#percent");
    percent.clear();
    percent.type_text("92");
    // Ctrl and Enter together, in the words of WebDriver.
    hall.find("#text").type_text("\u{E009}\u{E007}\u{E000}");
    hall.wait_for("[role=status]", "进度已填报");
    hall.wait_for(".timeline .said", "已补录 28 宗。");
    assert!(hall.browser.text().contains("92%"));
    hall.calm();
}

pub fn a_report_outlives_its_session(hall: &Hall) {
    hall.goto(TASK);
    hall.find("#deed option[value=reported]").click();
    hall.find("#text").type_text("已补录 29 宗，余 1 宗。");
    hall.find("#percent").type_text("95");
    hall.browser.forget_cookies();
    hall.find("#act .btn").click();
    assert!(hall.find("[role=alert]").text().contains("您刚才填写的内容已保留"));
    hall.fill_in_login("zigui", "错的密码");
    hall.wait_for("[role=alert]", "用户名或密码不对");
    hall.fill_in_login("zigui", hall.password("zigui"));
    hall.wait_for("h1", "继续提交");
    assert!(hall.browser.text().contains("已补录 29 宗，余 1 宗。"));
    hall.find("form.card .btn").click();
    hall.wait_for("[role=status]", "进度已填报");
    hall.wait_for(".timeline .said", "已补录 29 宗，余 1 宗。");
    hall.browser.console_errors();
}

pub fn keys_do_what_the_foot_says(hall: &Hall) {
    let focus = "return document.activeElement.id";
    hall.goto("/projects");
    hall.find("body").type_text("/");
    assert_eq!(hall.browser.execute(focus, &[]), "q", "the search of the list");
    hall.find("#q").type_text("a/b");
    assert_eq!(
        hall.find("#q").property("value").as_deref(),
        Some("a/b"),
        "a slash inside a field is a slash"
    );
    hall.goto("/");
    hall.find("body").type_text("/");
    assert_eq!(hall.browser.execute(focus, &[]), "find", "else that of the page head");
    hall.goto("/");
    // Tab: the first stop of the keyboard is the way past the navigation.
    hall.find("body").type_text("\u{E004}");
    assert_eq!(hall.browser.execute("return document.activeElement.className", &[]), "skip");
    assert_eq!(hall.browser.count("nav a[accesskey='5'][href='/tasks']"), 1);
}
