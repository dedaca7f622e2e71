//! The life of a document as its clerks see it, from draft to archive, on both databases.

mod correction;
mod kill;
mod templates;
mod windows;

use std::io::{Cursor, Read};
use std::path::Path;

use hub::issue::{self, Actor, Deed, NewDraft, Order, Wish};
use hub::store::{
    DocumentId, DocumentState, FileRole, NumberState, Role, get_document, list_document_files, list_register,
    load_document_file,
};
use hub::{clock, crypto};

use crate::support::app::App;
use crate::support::each_db::each_fresh;
use crate::support::person::{Person, account, multipart};

const SERIES: &str = "嘉人防告";

/// A hub with fonts on a database of its own.
fn app(url: &str) -> App {
    app_with(url, &[])
}

/// The same with some settings of its own.
fn app_with(url: &str, more: &[(&str, &str)]) -> App {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
    let mut settings = vec![("database_url", url), ("fonts", fonts.to_str().unwrap())];
    settings.extend(more);
    App::with(&settings)
}

/// A complete draft of the notice, with the invented values of its sample.
fn draft(app: &App, by: &str) -> DocumentId {
    let kind = app.hub.desk.kind("obligation_notice").unwrap();
    let new = NewDraft {
        kind: "obligation_notice",
        subject: None,
        values: kind.sample.values.clone(),
        department: Some("civil_defence"),
        division: Some("330402"),
        actor: by,
        demo: false,
    };
    app.hub.store.write(|conn| issue::create(conn, &app.hub.desk, &new, clock::now())).unwrap().id
}

struct Office {
    app: App,
    drafter: Person,
    reviewer: Person,
    signer: Person,
    registrar: Person,
}

fn office(url: &str) -> Office {
    let app = app(url);
    for (login, role) in [
        ("nigao", Role::Drafter),
        ("hegao", Role::Reviewer),
        ("qianfa", Role::Signer),
        ("bianhao", Role::Registrar),
    ] {
        account(&app.hub, login, None, &[role]);
    }
    let person = |login: &str| Person::of(&app.base, login);
    let (drafter, reviewer) = (person("nigao"), person("hegao"));
    let (signer, registrar) = (person("qianfa"), person("bianhao"));
    Office { app, drafter, reviewer, signer, registrar }
}

impl Office {
    fn state(&self, id: &DocumentId) -> DocumentState {
        self.app.read(|conn| get_document(conn, id)).state
    }

    /// Up to 待编号.
    fn signed(&self) -> DocumentId {
        let id = draft(&self.app, "nigao");
        self.sign(&id);
        id
    }

    /// Takes a draft up to 待编号.
    fn sign(&self, id: &DocumentId) {
        self.drafter.does(id.as_str(), "submit", &[]);
        self.reviewer.does(id.as_str(), "pass", &[("opinion", "同意")]);
        self.signer.does(id.as_str(), "sign", &[("opinion", "同意签发")]);
    }

    /// Up to 待用印.
    fn numbered(&self) -> DocumentId {
        let id = self.signed();
        self.registrar.does(id.as_str(), "number", &[]);
        id
    }

    fn issued(&self) -> DocumentId {
        let id = self.numbered();
        self.registrar.does(id.as_str(), "seal", &[]);
        self.registrar.does(id.as_str(), "issue", &[]);
        id
    }

    fn numbers(&self) -> Vec<(i32, NumberState)> {
        let year = chrono::Datelike::year(&clock::china_date(clock::now()));
        self.app.read(|conn| list_register(conn, SERIES, year)).iter().map(|it| (it.n, it.state)).collect()
    }
}

#[test]
fn a_document_goes_its_whole_way_and_its_package_proves_it() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.issued();
        let path = format!("/documents/{id}");
        let (status, page) = office.drafter.get(&path);
        assert_eq!(status, 200);
        assert!(page.contains("已印发") && page.contains("同意签发"), "{page}");

        let csrf = office.registrar.csrf();
        let begin = |more: &[(&str, &str)]| {
            let mut form =
                vec![("csrf", csrf.as_str()), ("recipient", "嘉禾置业有限公司"), ("place", "广场路1号")];
            form.extend(more);
            office.registrar.submit(&format!("{path}/services"), &form)
        };
        let today = clock::china_date(clock::now()).to_string();
        let (status, _, page) = begin(&[("method", "mail"), ("started_on", &today)]);
        assert!(status == 422 && page.contains("邮寄单号未填写"), "{page}");
        assert_eq!(begin(&[("method", "left"), ("started_on", &today)]).0, 303);
        assert_eq!(office.registrar.deed(id.as_str(), "serve", &[]).0, 422, "still on its way");

        let service = office.app.read(|conn| hub::store::list_services(conn, &id)).remove(0).id;
        let at = clock::now().with_timezone(&clock::china()).format("%Y-%m-%d %H:%M").to_string();
        let finish = [
            ("csrf", csrf.as_str()),
            ("served_at", &at),
            ("refusal", "拒绝签收"),
            ("servers", "钱一 浙A1、孙二 浙A2"),
        ];
        let to = format!("/deliveries/{service}/finish");
        let (status, _, page) = office.registrar.submit(&to, &finish);
        assert!(status == 422 && page.contains("见证人"), "{page}");
        let attach = format!("/deliveries/{service}/files");
        let form = [("csrf", csrf.as_str())];
        assert_eq!(office.registrar.upload(&attach, &form, "现场.exe", b"MZ").0, 422);
        assert_eq!(
            office.registrar.upload(&attach, &[], "现场.png", b"\x89PNG\r\n\x1a\n1").0,
            403,
            "no token"
        );
        assert_eq!(office.reviewer.upload(&attach, &form, "现场.png", b"\x89PNG\r\n\x1a\n1").0, 403);
        assert_eq!(office.registrar.upload(&attach, &form, "现场.png", b"\x89PNG\r\n\x1a\n1").0, 303);
        assert_eq!(office.registrar.submit(&to, &finish).0, 303);
        office.registrar.does(id.as_str(), "serve", &[]);
        assert_eq!(office.drafter.get(&format!("{path}/package.zip")).0, 409, "not archived yet");
        office.registrar.does(id.as_str(), "archive", &[]);

        assert!(office.drafter.get(&path).1.contains(&format!("href=\"{path}/package.zip\"")));
        let bytes = office.drafter.bytes(&format!("{path}/package.zip"));
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> =
            (0..zip.len()).map(|n| zip.by_index(n).unwrap().name().unwrap().to_string()).collect();
        assert_eq!(names, ["正本.pdf", "送达回证/01 现场.png", "发文单.html", "要素及来源.json"]);
        let mut pdf = Vec::new();
        zip.by_index(0).unwrap().read_to_end(&mut pdf).unwrap();
        let document = office.app.read(|conn| get_document(conn, &id));
        assert_eq!(Some(crypto::sha256_hex(&pdf).unwrap()), document.sha256);
        let mut sheet = String::new();
        zip.by_index(2).unwrap().read_to_string(&mut sheet).unwrap();
        for word in ["同意签发", "拒绝签收", document.sha256.as_deref().unwrap(), "归档章"] {
            assert!(sheet.contains(word), "{word}");
        }
    });
}

#[test]
fn a_document_sent_back_after_numbering_keeps_its_number() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.numbered();
        let number = office.app.read(|conn| get_document(conn, &id)).number;
        let (status, _, page) = office.registrar.deed(id.as_str(), "return", &[]);
        assert!(status == 422 && page.contains("意见"), "{page}");
        office.registrar.does(id.as_str(), "return", &[("opinion", "电话有误")]);
        let back = office.app.read(|conn| get_document(conn, &id));
        assert_eq!((back.state, back.holder.as_deref()), (DocumentState::Returned, Some("nigao")));
        let other = office.numbered();
        assert_eq!(office.state(&other), DocumentState::ToSeal);
        office.drafter.does(id.as_str(), "submit", &[]);
        office.reviewer.does(id.as_str(), "pass", &[]);
        office.signer.does(id.as_str(), "sign", &[]);
        office.registrar.does(id.as_str(), "number", &[]);
        assert_eq!(office.app.read(|conn| get_document(conn, &id)).number, number);
        assert_eq!(office.numbers(), [(1, NumberState::Used), (2, NumberState::Used)]);
    });
}

#[test]
fn steps_are_taken_back_passed_on_and_refused_to_others() {
    let fresh = crate::support::each_db::Fresh::sqlite();
    let office = office(&fresh.url);
    account(&office.app.hub, "hegao2", None, &[Role::Reviewer]);
    account(&office.app.hub, "anquan", None, &[Role::SecurityAdmin, Role::Reviewer]);
    account(&office.app.hub, "xiuzhou", Some("330411"), &[Role::Reviewer]);
    let id = draft(&office.app, "nigao");
    let id = id.as_str();
    office.drafter.does(id, "submit", &[("to", "hegao")]);
    office.drafter.does(id, "withdraw", &[]);
    office.drafter.does(id, "submit", &[("to", "hegao")]);
    let second = Person::of(&office.app.base, "hegao2");
    let (status, _, page) = second.deed(id, "pass", &[]);
    assert!(status == 409 && page.contains("hegao"), "{page}");
    assert_eq!(office.reviewer.deed(id, "transfer", &[("opinion", "出差"), ("to", "nigao")]).0, 403);
    office.reviewer.does(id, "transfer", &[("opinion", "出差"), ("to", "hegao2")]);
    assert_eq!(office.drafter.deed(id, "withdraw", &[]).0, 409, "somebody has acted on it");
    assert_eq!(Person::of(&office.app.base, "anquan").deed(id, "pass", &[]).0, 403);
    let county = Person::of(&office.app.base, "xiuzhou");
    assert_eq!(county.deed(id, "pass", &[]).0, 403);
    assert_eq!(county.get(&format!("/documents/{id}")).0, 404);
    assert!(!county.get("/documents").1.contains(id));
    assert_eq!(second.deed(id, "pass", &[("version", "1")]).0, 409, "the page is out of date");
    second.does(id, "pass", &[]);
    // Pressed again in another window.
    second.does(id, "pass", &[]);
    assert_eq!(office.drafter.deed(id, "sign", &[]).0, 403);
    assert_eq!(office.state(&DocumentId::from(id)), DocumentState::ToSign);
    assert_eq!(office.signer.deed(id, "fly", &[]).0, 409);
}

#[test]
fn a_void_document_keeps_its_number_bears_the_mark_and_is_replaced() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.issued();
        let kept = office.app.read(|conn| get_document(conn, &id));
        let code = kept.verify_code.clone().unwrap();
        let verify = |code: &str| office.app.get(&format!("/verify/{code}"));
        assert!(verify(&code).expect(200).text.contains("有效"));

        assert_eq!(office.registrar.deed(id.as_str(), "void", &[]).0, 422);
        office.signer.does(id.as_str(), "void", &[("opinion", "面积有误")]);
        assert_eq!(office.numbers(), [(1, NumberState::Void)]);
        assert_eq!(office.signer.deed(id.as_str(), "issue", &[]).0, 409, "void is for ever");
        let shown = verify(&code).expect(200).text;
        assert!(shown.contains("作废") && !shown.contains("面积有误"), "{shown}");
        let original = office.app.read(|conn| {
            let file =
                list_document_files(conn, &id)?.into_iter().find(|it| it.role == FileRole::Final).unwrap();
            load_document_file(conn, &file.id)
        });
        let marked = office.drafter.bytes(&format!("/documents/{id}/file"));
        let (file, bytes) = original.unwrap();
        assert_ne!(marked, bytes);
        assert_eq!(office.drafter.bytes(&format!("/documents/{id}/files/{}", file.id)), bytes);
        assert_eq!(lopdf::Document::load_mem(&marked).unwrap().get_pages().len() as i32, file.pages.unwrap());

        let to = office.drafter.does(id.as_str(), "reissue", &[]);
        let again = office.drafter.does(id.as_str(), "reissue", &[]);
        assert_eq!(to, again, "one replacement, not two");
        let new = to.split('/').nth(2).unwrap().to_owned();
        for (person, deed) in [
            (&office.drafter, "submit"),
            (&office.reviewer, "pass"),
            (&office.signer, "sign"),
            (&office.registrar, "number"),
            (&office.registrar, "seal"),
        ] {
            person.does(&new, deed, &[]);
        }
        assert_eq!(
            office.app.read(|conn| get_document(conn, &id)).replaced_by,
            None,
            "not before it is issued"
        );
        office.registrar.does(&new, "issue", &[]);
        let replaced = office.app.read(|conn| get_document(conn, &id)).replaced_by;
        assert_eq!(replaced, Some(DocumentId::from(new)));
    });
}

#[test]
fn anybody_verifies_a_code_and_a_file_but_not_without_end() {
    let fresh = crate::support::each_db::Fresh::sqlite();
    let office = office(&fresh.url);
    let id = office.issued();
    let it = office.app.read(|conn| get_document(conn, &id));
    let code = it.verify_code.unwrap();
    let page = office.app.get(&format!("/verify/{}", code.to_lowercase())).expect(200).text;
    assert!(page.contains(&it.number.unwrap()) && page.contains("重大法律事项告知书"), "{page}");
    let kind = office.app.hub.desk.kind("obligation_notice").unwrap();
    for field in ["recipient_name", "recipient_legal_representative", "project_name", "contact_phone"] {
        if let Some(value) = kind.sample.values.get(field).and_then(|it| it.as_str()) {
            assert!(!page.contains(value), "{field} is nobody's business");
        }
    }
    let send = |bytes: &[u8]| {
        let client = reqwest::blocking::Client::new();
        let request = client
            .post(format!("{}/verify/{code}", office.app.base))
            .header("content-type", "multipart/form-data; boundary=BOUNDARY")
            .body(multipart(&[], "a.pdf", bytes));
        request.send().unwrap()
    };
    let mut bytes = office.drafter.bytes(&format!("/documents/{id}/file"));
    assert!(send(&bytes).text().unwrap().contains("文件一致"));
    bytes.push(b'\n');
    assert!(send(&bytes).text().unwrap().contains("文件不一致"));
    assert_eq!(send(b"").status(), 422);
    office.app.get("/verify/QQQQQQQQQQQQQQQQ").expect(404);
    let answers: Vec<u16> = (0..30).map(|_| office.app.get(&format!("/verify/{code}")).status).collect();
    assert_eq!(answers.last(), Some(&429));
}

#[test]
fn numbers_are_reserved_chosen_and_given_up_with_their_reasons() {
    each_fresh(|fresh| {
        let app = app(&fresh.url);
        let who = Actor::operator("bianhao");
        let now = clock::now();
        let year = chrono::Datelike::year(&clock::china_date(now));
        let act = |id: &DocumentId, wish: Wish<'_>| {
            for deed in [Deed::Submit, Deed::Pass, Deed::Sign, Deed::Number] {
                let order = Order { number: wish, ..Order::of(id) };
                app.hub.store.write(|conn| issue::act(conn, &app.hub.desk, deed, &order, &who, now))?;
            }
            hub::error::Result::Ok(app.read(|conn| get_document(conn, id)).number.unwrap())
        };
        let reserve = |reason: &str, year: i32| {
            app.hub.store.write(|conn| issue::reserve(conn, SERIES, year, reason, &who, now))
        };
        assert!(reserve(" ", year).is_err() && reserve("年报", year + 2).is_err());
        assert_eq!(reserve("年报", year).unwrap().n, 1);
        assert_eq!(reserve("季报", year).unwrap().n, 2);
        let first = draft(&app, "bianhao");
        assert!(act(&first, Wish::Reserved(1)).unwrap().ends_with("1号"));
        let give_up = |n: i32| {
            app.hub.store.write(|conn| issue::give_up_reserved(conn, (SERIES, year, n), "不发了", &who, now))
        };
        give_up(2).unwrap();
        assert!(give_up(1).is_err(), "a used number is not given up");
        let chosen = draft(&app, "bianhao");
        assert!(act(&chosen, Wish::Chosen(5, " ")).is_err(), "no reason");
        fn wished<'a>(id: &'a DocumentId, number: Wish<'a>) -> Order<'a> {
            Order { number, ..Order::of(id) }
        }
        let number = |wish: Wish<'_>| {
            app.hub.store.write(|conn| {
                issue::act(conn, &app.hub.desk, Deed::Number, &wished(&chosen, wish), &who, now)
            })
        };
        assert!(number(Wish::Chosen(2, "补号")).is_err(), "given out before");
        assert!(number(Wish::Chosen(20_260, "手误")).is_err(), "too far ahead");
        number(Wish::Chosen(5, "与联合发文机关一致")).unwrap();
        let next = draft(&app, "bianhao");
        assert!(act(&next, Wish::Next).unwrap().ends_with("6号"));
        let register = app.read(|conn| list_register(conn, SERIES, year));
        let states: Vec<(i32, NumberState, bool)> =
            register.iter().map(|it| (it.n, it.state, it.manual)).collect();
        use NumberState::{Skipped, Used};
        assert_eq!(
            states,
            [
                (1, Used, false),
                (2, Skipped, false),
                (3, Skipped, false),
                (4, Skipped, false),
                (5, Used, true),
                (6, Used, false)
            ]
        );
        assert!(register[2].reason.as_deref().unwrap().contains("与联合发文机关一致"));
        assert!(app.read(|conn| hub::store::list_gaps(conn, SERIES, year)).is_empty());
    });
}
