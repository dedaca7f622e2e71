//! From a list to a record, from a value to the bytes it came from, and the box that finds everything.

use super::hall::Hall;

pub fn from_a_list_to_the_bytes(hall: &Hall) {
    hall.sign_in("shuju", "/projects");
    let before = hall.browser.count("#results tbody tr");
    hall.mark();
    hall.find("#q").type_text("停车综合楼");
    hall.wait_for(".pager", "共 1 条");
    assert!(before > 1 && hall.browser.count("#results tbody tr") == 1, "the list narrows while one types");
    assert!(
        hall.is_marked() && hall.browser.url().contains("q=%E5%81%9C"),
        "in place, and the address keeps it"
    );
    hall.calm();

    hall.find("#results tbody a").click();
    let record = hall.browser.url();
    assert!(hall.browser.title().contains("停车综合楼"));
    let bare =
        "return [...document.querySelectorAll('.value')].filter(it => !it.querySelector('a.source')).length";
    assert_eq!(hall.browser.execute(bare, &[]), 0, "a value without its source");
    assert!(hall.browser.count(".value") > 10);
    let code = hall.find(".value .text").text();
    hall.mark();
    hall.find("a.source").click();
    hall.wait_for(".opened th", "报文中的位置");
    assert!(hall.is_marked() && hall.browser.url() == record, "the source opens in the page");
    assert!(hall.texts(".opened .state").contains(&"● 采用".to_owned()));
    hall.calm();

    hall.find(".opened a.place").click();
    let url = hall.browser.url();
    assert!(url.contains("/exchange/") && url.ends_with("#here"), "{url}");
    assert_eq!(hall.find("mark.here").text().trim_matches('"'), code, "the bytes the department sent");
    let seen = "const box = document.querySelector('mark.here').getBoundingClientRect(); \
        return box.top >= 0 && box.bottom <= innerHeight";
    assert_eq!(hall.browser.execute(seen, &[]), true, "and they are in view");
    hall.calm();
}

pub fn one_box_finds_everything(hall: &Hall) {
    hall.goto("/registers");
    let number = hall.texts("tbody td:nth-child(2)").remove(0);
    let typed = number.replace('〔', "[").replace('〕', "]");
    hall.goto("/records/organization");
    let company = hall.texts("#results tbody a").remove(0);
    let code = hall.texts("#results td.code").remove(0).split_whitespace().last().unwrap().to_owned();
    for (asked, group) in [
        (typed.as_str(), "文书"),
        (&company, "单位"),
        (&code, "单位"),
        ("人防指标", "任务"),
        ("RFSH-2026-002", "报文"),
    ] {
        let find = hall.find("#find");
        find.clear();
        find.type_text(asked);
        hall.find(".find button").click();
        hall.wait_for("h2", group);
        assert_eq!(hall.find("#q").property("value").as_deref(), Some(asked));
        hall.calm();
    }
    hall.goto("/search?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA");
    assert!(hall.find(".empty").text().contains("没有找到“没有这个”"));
}
