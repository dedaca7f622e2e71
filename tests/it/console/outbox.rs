//! What goes out: a delivery that was refused, found from the workbench and sent again; stopping and going on.

use super::hall::Hall;

const REFUSED: &str = "a.count[href='/exchange/deliveries?missing=1']";

/// Opens a page again and again until something is on it: deliveries are made beside the pages.
fn until(hall: &Hall, path: &str, holds: impl Fn(&str) -> bool) {
    for _ in 0..200 {
        hall.goto(path);
        if holds(&hall.browser.text()) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("waited in vain on {path}:\n{}", hall.browser.text());
}

pub fn a_refused_delivery_is_sent_again(hall: &Hall) {
    hall.sign_in("shuju", "/");
    until(hall, "/exchange/deliveries?state=ready", |text| text.contains("没有符合条件的投递"));
    let sent = hall.tax.got().len();
    assert!(sent > 2, "the handovers of the demo");
    hall.goto("/");
    assert!(hall.find(REFUSED).text().starts_with('1'));
    hall.find(REFUSED).click();
    assert_eq!(hall.texts("#results tbody .state"), ["▲ 被退回"]);
    hall.calm();
    hall.find("#results tbody a").click();
    let page = hall.browser.text();
    assert!(page.contains("HTTP 422") && page.contains("宗地不在本辖区"), "{page}");
    let request = &hall.texts("pre.raw")[0];
    assert!(request.contains("handover_no"), "what was sent stands there: {request}");
    hall.calm();

    let delivery = hall.browser.url().strip_prefix(&hall.base).unwrap().to_owned();
    hall.tax.change(|_| crate::support::subscriber::Says::status(204));
    hall.find(".page-head button").click();
    hall.wait_for("[role=status]", "已重新排入");
    until(hall, &delivery, |text| text.contains("● 已投递"));
    assert_eq!(hall.browser.count("h3"), 2, "both tries");
    assert_eq!(hall.tax.got().len(), sent + 1);
    let ids: std::collections::BTreeSet<String> =
        hall.tax.got().iter().map(|it| it.id().to_owned()).collect();
    assert_eq!(ids.len(), sent, "under the receipt id it had");

    // The filters narrow the list without loading the page anew.
    hall.goto("/exchange/deliveries");
    hall.mark();
    hall.find("#state option[value=refused]").click();
    hall.wait_for("#results", "没有符合条件的投递");
    assert!(hall.is_marked());
    hall.goto("/exchange/deliveries?since=昨天");
    assert!(hall.find("#results").text().contains("“昨天”不是有效日期"));
    hall.calm();
}

pub fn a_subscription_and_a_way_are_stopped_and_go_on(hall: &Hall) {
    hall.goto("/exchange/subscriptions");
    hall.find("td a[href='/exchange/subscriptions/handover-to-tax']").click();
    assert!(hall.find(".page-head").text().contains("● 启用"));
    hall.browser.execute("document.querySelectorAll('details').forEach(it => it.open = true)", &[]);
    hall.find("form[action$='/again'] button").click();
    hall.wait_for("[role=status]", "没有符合条件的投递可以重发");
    hall.browser.execute("document.querySelectorAll('details').forEach(it => it.open = true)", &[]);
    hall.find("#note").type_text("税务系统迁移");
    hall.find("form[action$='/stop'] button").click();
    hall.wait_for("[role=status]", "订阅已停止");
    assert!(hall.find(".page-head").text().contains("■ 已停止"));
    assert!(hall.browser.text().contains("税务系统迁移"));
    hall.calm();
    hall.find(".page-head button").click();
    hall.wait_for("[role=status]", "订阅已恢复");

    hall.goto("/exchange/subscriptions");
    hall.find("details summary").click();
    hall.find("#note-tax").type_text("对方机房检修");
    hall.find("details .btn.danger").click();
    hall.wait_for("[role=status]", "线路已暂停");
    assert!(hall.browser.text().contains("■ 已暂停　对方机房检修"), "{}", hall.browser.text());
    hall.calm();
    hall.goto("/");
    assert!(hall.texts("a.count.is-red small").contains(&"■ 线路不通的单位".to_owned()));
    hall.sign_in("zigui", "/exchange/subscriptions");
    assert_eq!(hall.browser.count("main form"), 0, "others look on");
    hall.sign_in("shuju", "/exchange/subscriptions");
    hall.find("form[action$='/reopen'] button").click();
    hall.wait_for("[role=status]", "线路已放开");
    assert!(hall.browser.text().contains("● 通畅"));
}
