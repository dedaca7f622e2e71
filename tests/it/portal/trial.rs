//! The test console: what a message becomes, what is wrong with it, and that nothing is kept.

use hub::store::{MessageFilter, Page, list_messages};

use crate::support::app::{App, Reply};
use crate::support::person::multipart;

fn post(app: &App, form: &[(&str, &str)], name: &str, file: &[u8]) -> Reply {
    let request = reqwest::blocking::Client::new().post(format!("{}/portal/try", app.base));
    let request = request.header("content-type", "multipart/form-data; boundary=BOUNDARY");
    Reply::of(request.body(multipart(form, name, file)).send().unwrap())
}

fn sample(app: &App, path: &str) -> Vec<u8> {
    app.hub.model.files[path].clone()
}

#[test]
fn a_message_shows_its_records_its_problems_and_its_answer() {
    let app = App::start();
    let text = |path| String::from_utf8(sample(&app, path)).unwrap();
    let try_it = |message: &str, text: &str| {
        post(&app, &[("message", message), ("text", text)], "", b"").expect(200).text
    };

    let good = try_it("tax/payment_result", &text("tax/payment_result/sample.json"));
    for words in
        ["HTTP 200", "全部收下", "没有发现问题", "/result/body/jkxxlb/0/sjje", "7407600.00元", "只按映射读"]
    {
        assert!(good.contains(words), "{words}");
    }
    let bad = try_it("tax/payment_result", &text("tax/payment_result/bad-values.json"));
    for words in ["HTTP 422", "E4002", "/result/body/jkxxlb/1/sjje", "壹佰"] {
        assert!(bad.contains(words), "{words}");
    }
    let report = try_it(
        "natural-resources/registration_report",
        &text("natural-resources/registration_report/sample.xml"),
    );
    assert!(
        report.contains("经文件夹发送时的答复") && report.contains("SuccessFlag"),
        "the partner's own form"
    );

    let nothing =
        app.read(|conn| list_messages(conn, &MessageFilter::default(), Page { number: 1, size: 1 }));
    assert_eq!(nothing.total, 0);
}

#[test]
fn a_file_is_read_as_its_bytes_and_pasted_text_in_the_charset_of_the_message() {
    let app = App::start();
    for path in ["civil-affairs/door_plate_workbook/sample.xlsx", "state-assets/asset_ledger/sample.csv"] {
        let message = path.rsplit_once('/').unwrap().0;
        let page =
            post(&app, &[("message", message), ("text", "")], "一份", &sample(&app, path)).expect(200).text;
        assert!(page.contains("HTTP 200"), "{path}");
    }
    let gbk = sample(&app, "state-assets/asset_ledger/sample.csv");
    let text = hub::text::charset::decode(&gbk, Some("gbk")).text.into_owned();
    let page =
        post(&app, &[("message", "state-assets/asset_ledger"), ("text", &text)], "", b"").expect(200).text;
    assert!(page.contains("HTTP 200"), "pasted text is judged as the bytes it would be sent as");
    let odd = post(&app, &[("message", "state-assets/asset_ledger"), ("text", "😀")], "", b"");
    assert_eq!(odd.status, 400, "{}", odd.text);
}

#[test]
fn what_is_pasted_comes_back_as_text_only() {
    let app = App::start();
    let evil = "{\"result\":\"</textarea><script>alert(1)</script>\"}";
    let page = post(&app, &[("message", "tax/payment_result"), ("text", evil)], "", b"").expect(200).text;
    assert!(!page.contains("<script>alert"), "{page}");
    let name = "<script>alert(2)</script>";
    let page = post(
        &app,
        &[("message", "natural-resources/registration_report"), ("text", "")],
        "x.xml",
        name.as_bytes(),
    );
    assert!(!page.expect(200).text.contains("<script>alert"));
}

#[test]
fn limits_are_kept() {
    let app = App::start();
    let large = post(&app, &[("message", "tax/payment_result")], "a.json", &vec![b' '; (1 << 20) + 1]);
    assert_eq!(large.status, 413, "{}", large.text);
    for form in [
        &[("message", "tax/nothing"), ("text", "{}")][..],
        &[("message", "tax/payment_result"), ("text", "")],
    ] {
        let wrong = post(&app, form, "", b"");
        assert!(
            (400..500).contains(&wrong.status) && wrong.text.contains("对接门户"),
            "{form:?} {}",
            wrong.text
        );
    }
    // Places become free again as time passes, so how many it takes depends on the machine.
    let mut many =
        (0..200).map(|_| post(&app, &[("message", "tax/payment_result"), ("text", "{}")], "", b"").status);
    assert!(many.any(|it| it == 429), "no end to trials");
}
