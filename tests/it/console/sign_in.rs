//! Signing in: the wrong password, and the page one wanted to see.

use super::hall::Hall;

pub fn wrong_and_right(hall: &Hall) {
    hall.goto("/projects?q=%E5%81%9C%E8%BD%A6");
    assert!(hall.browser.title().starts_with("登录"));
    hall.fill_in_login("qianfa", "错的密码");
    assert!(hall.find("[role=alert]").text().contains("用户名或密码不对"));
    assert_eq!(
        hall.find("#login").property("value").as_deref(),
        Some("qianfa"),
        "the login need not be typed twice"
    );
    assert_eq!(hall.browser.console_errors().len(), 1, "the answer 401 itself");
    hall.fill_in_login("qianfa", hall.password("qianfa"));
    assert!(hall.browser.url().ends_with("/projects?q=%E5%81%9C%E8%BD%A6"), "{}", hall.browser.url());
    assert_eq!(hall.find("#q").property("value").as_deref(), Some("停车"));
    hall.calm();
}
