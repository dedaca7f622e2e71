//! Quarantine: by cause, one message with its findings, replay, and closing it with a reason.

use super::hall::Hall;

pub fn quarantine_is_replayed_and_closed(hall: &Hall) {
    hall.sign_in("shuju", "/");
    hall.find("a.count[href='/exchange?state=quarantined']").click();
    let waiting = hall.browser.count("#results tbody tr");
    assert_eq!(waiting, 3);
    assert!(hall.texts("#results .state").iter().all(|it| it == "▲ 隔离待处理"));
    hall.find("#results tbody a").click();
    assert!(hall.browser.count("td.code") > 0 && hall.find("pre.raw").text().len() > 20);
    hall.mark();
    hall.find(".page-head button").click();
    hall.wait_for("[role=status]", "已按现行映射重新处理");
    assert!(hall.is_marked(), "without loading the page anew");
    assert!(
        hall.find("h1 + p .state").text().contains("隔离"),
        "the mapping has not changed, so it waits on"
    );
    hall.calm();

    hall.find("details summary").click();
    hall.find("#note").type_text("已电话告知报送单位改正后重报");
    hall.find("details .btn.danger").click();
    hall.wait_for("[role=status]", "已办结");
    assert!(hall.browser.text().contains("已电话告知报送单位改正后重报"));
    hall.goto("/exchange?state=quarantined");
    assert_eq!(hall.browser.count("#results tbody tr"), waiting - 1);
    hall.calm();
}

pub fn a_group_is_decided_over_at_once(hall: &Hall) {
    hall.goto("/exchange");
    hall.find("section.panel table a[href^='/exchange/groups']").click();
    assert!(hall.browser.text().contains("原因相同的报文一次处理"));
    let fields = hall.browser.count("input[name^='to-']");
    hall.find("#note").type_text("与报送单位电话核实");
    hall.mark();
    hall.find("button[formaction='/exchange/groups/preview']").click();
    hall.wait_for("#preview h2", "没有保存");
    assert_eq!(hall.browser.count("input[name^='to-']"), fields, "what can be decided stays on the page");
    hall.find("form[action='/exchange/groups'] .actions .btn:not(.plain)").click();
    hall.wait_for("#live article b", "已处理完");
    assert!(hall.find("#live article").text().contains("与报送单位电话核实"));
    hall.calm();
}
