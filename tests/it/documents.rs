//! Documents: samples against their expected layout, the PDF read again with outside tools, and what must not be printed.
//!
//! The faces are the small ones of `tests/fonts`, so nothing has to be fetched. `UPDATE=1 cargo test documents` rewrites the
//! expected layouts; look at the difference before committing it.

mod formats;
mod forms;
mod heads;
mod measure;
pub mod read;
mod sign;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use hub::document::{FontStore, Kind, Kinds, Options, Purpose, Rendered, font, lay_out_values, render};
use hub::error::{Error, codes};
use hub::model::Schema;
use serde_json::{Map, Value as Json, json};

type Files = BTreeMap<String, Vec<u8>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Schema {
    let mappings = hub::boot::mappings(None).unwrap();
    Schema::load(&hub::boot::model_files(&mappings).unwrap()).unwrap()
}

/// Two levels of a folder: `kind/file`.
fn files(folder: &str) -> Files {
    let mut found = Files::new();
    for kind in std::fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
        for file in std::fs::read_dir(kind.path()).unwrap().map(Result::unwrap) {
            let name =
                format!("{}/{}", kind.file_name().to_str().unwrap(), file.file_name().to_str().unwrap());
            found.insert(name, std::fs::read(file.path()).unwrap());
        }
    }
    found
}

fn kinds(files: &Files) -> Kinds {
    Kinds::load(files, &schema()).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

fn fonts() -> FontStore {
    FontStore::open(font::MANIFEST, &[root().join("tests/fonts")]).unwrap()
}

fn options(kind: &Kind) -> Options<'_> {
    let sample = &kind.sample;
    let number = sample.number.as_deref();
    Options { number, date: sample.date, purpose: Purpose::Issue, watermark: None, id: "sample" }
}

/// The sample of a kind, its PDF left in the target folder for eyes.
fn sample(kind: &Kind, fonts: &FontStore) -> (Rendered, PathBuf) {
    let made =
        render(kind, &kind.sample.values, &options(kind), fonts).unwrap_or_else(|error| panic!("{error}"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{}.pdf", kind.label(&kind.sample.values)));
    // Tests run side by side and make the same files: each is moved in place whole.
    let mut part = tempfile::NamedTempFile::new_in(&folder).unwrap();
    part.write_all(&made.pdf).unwrap();
    part.persist(&path).unwrap();
    (made, path)
}

/// A kind of one template, for a single rule.
fn small(name: &str, body: &str, fields: &str, sample: &Json) -> Kinds {
    let kind = format!(
        "title = \"测试\"\nversion = 1\ndescription = \"测试\"\nsubject = \"project\"\nlabel = \"{name}\"\n{fields}"
    );
    kinds(&Files::from([
        ("test/kind.toml".to_owned(), kind.into_bytes()),
        ("test/body.tera".to_owned(), body.as_bytes().to_vec()),
        ("test/sample.json".to_owned(), sample.to_string().into_bytes()),
    ]))
}

fn text_field(name: &str) -> String {
    format!("[[field]]\nname = \"{name}\"\ntitle = \"内容\"\ntype = \"text\"\nrequired = true\n")
}

fn object(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

fn fails(kind: &Kind, values: &Map<String, Json>, fonts: &FontStore) -> Error {
    render(kind, values, &options(kind), fonts).expect_err("must not be printed")
}

#[test]
fn samples_keep_their_layout() {
    let fonts = fonts();
    for folder in ["templates/documents", "tests/documents"] {
        for kind in kinds(&files(folder)).iter() {
            let (_, pages) = lay_out_values(kind, &kind.sample.values, &options(kind), &fonts)
                .unwrap_or_else(|error| panic!("{error}"));
            let path = root().join(folder).join(&kind.name).join("expected.layout");
            let found = pages.to_listing();
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, &found).unwrap();
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            let differs = expected.lines().zip(found.lines()).find(|(a, b)| a != b);
            assert!(expected == found, "{}: {differs:?}; UPDATE=1 rewrites it", path.display());
        }
    }
}

#[test]
fn the_pdf_is_whole_and_says_what_was_laid_out() {
    let fonts = fonts();
    for folder in ["templates/documents", "tests/documents"] {
        for kind in kinds(&files(folder)).iter() {
            let (made, path) = sample(kind, &fonts);
            read::check(&path);
            assert_eq!(read::page_count(&path), made.page_count, "{}", kind.name);
            for face in read::fonts(&path) {
                assert_eq!(
                    &face[1..],
                    ["yes", "yes", "yes"],
                    "{} of {}: embedded, subset, unicode",
                    face[0],
                    kind.name
                );
            }
            let (_, pages) = lay_out_values(kind, &kind.sample.values, &options(kind), &fonts).unwrap();
            for (page, number) in pages.pages.iter().zip(1..) {
                let drawn: String = page
                    .items
                    .iter()
                    .filter_map(|item| match item {
                        hub::document::layout::item::Item::Glyphs(it) => Some(it.text.as_str()),
                        _ => None,
                    })
                    .collect();
                let squeezed = |text: &str| text.split_whitespace().collect::<String>();
                assert_eq!(
                    squeezed(&read::text(&path, number)),
                    squeezed(&drawn),
                    "{} page {number}",
                    kind.name
                );
            }
            let info = read::info(&path);
            assert_eq!(info.get("Title"), Some(&kind.label(&kind.sample.values)));
            assert_eq!(info.get("Tagged").map(String::as_str), Some("yes"));
            assert_eq!(info.get("PDF version").map(String::as_str), Some("1.7"));
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let kinds = kinds(&files("templates/documents"));
    let (one, two) = (fonts(), fonts());
    let kind = kinds.get("obligation_notice").unwrap();
    // In `two` another document is made first: what came before must not show.
    let mut other = kind.sample.values.clone();
    other.insert("project_name".into(), "甲乙丙丁花园".into());
    render(kind, &other, &options(kind), &two).unwrap();
    let first = render(kind, &kind.sample.values, &options(kind), &one).unwrap();
    let second = render(kind, &kind.sample.values, &options(kind), &two).unwrap();
    assert!(first.pdf == second.pdf);
    let elsewhere = Options { id: "another", ..options(kind) };
    assert!(first.pdf != render(kind, &kind.sample.values, &elsewhere, &one).unwrap().pdf);
}

#[test]
fn every_printed_value_knows_its_field_and_place() {
    let fonts = fonts();
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("handover_certificate").unwrap();
    let (made, path) = sample(kind, &fonts);
    let area = made.placed.iter().find(|it| it.path == "units/1/floor_area").unwrap();
    assert_eq!(area.text, "1874.20");
    let (x, y) = read::place_of(&path, area.page, "1874.20");
    assert!((x - area.x).abs() < 0.05, "{x} is not {}", area.x);
    assert!((y - area.y).abs() < 0.05, "{y} is not {}", area.y);
    for field in kind.fields.iter().filter(|field| kind.sample.values.contains_key(&field.name)) {
        // What decides the words of a template is not itself printed.
        let decides = ["registration_agent"].contains(&field.name.as_str());
        let printed = made
            .placed
            .iter()
            .any(|it| it.path == field.name || it.path.starts_with(&format!("{}/", field.name)));
        assert!(printed || decides, "{} is in the form but not in the document", field.name);
    }
}

#[test]
fn a_missing_glyph_stops_the_document_and_is_named_with_its_field() {
    let fonts = fonts();
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("obligation_notice").unwrap();
    let mut values = kind.sample.values.clone();
    values.insert("recipient_legal_representative".into(), "沈䶮".into());
    let error = fails(kind, &values, &fonts);
    assert_eq!(error.code, codes::document::MISSING_GLYPH);
    let problem = &error.problems[0];
    assert_eq!(problem.field.as_deref(), Some("recipient_legal_representative"));
    assert!(problem.rule.contains("“䶮”（U+4DAE）") && problem.rule.contains("表格第"), "{}", problem.rule);
    assert!(problem.place.as_ref().unwrap().line.is_some());
}

#[test]
fn a_character_of_a_fallback_face_is_drawn_by_it() {
    let kinds = small("fallback", "{{ a }}\n", &text_field("a"), &json!({"values": {"a": "五十㎡整"}}));
    let (made, path) = sample(kinds.get("test").unwrap(), &fonts());
    assert_eq!(made.text, "五十㎡整");
    assert!(read::text(&path, 1).contains("五十㎡整"));
    assert!(read::fonts(&path).iter().any(|face| face[0].contains("WenKai")));
}

#[test]
fn empty_fields_stop_the_issue_and_are_all_named() {
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("obligation_notice").unwrap();
    let mut values = kind.sample.values.clone();
    values.remove("project_name");
    values.insert("required_area".into(), "5000.00".into());
    values.insert("location".into(), "".into());
    let error = fails(kind, &values, &fonts());
    let fields: Vec<_> = error.problems.iter().filter_map(|it| it.field.as_deref()).collect();
    assert_eq!(fields, ["project_name", "location"]);
    // The arithmetic is checked once everything is there.
    let mut values = kind.sample.values.clone();
    values.insert("required_area".into(), "5000.00".into());
    let error = fails(kind, &values, &fonts());
    assert!(error.problems[0].rule.contains("应为 5223"), "{error}");
    let unnumbered = Options { number: None, date: None, ..options(kind) };
    let error = render(kind, &kind.sample.values, &unnumbered, &fonts()).unwrap_err();
    let fields: Vec<_> = error.problems.iter().filter_map(|it| it.field.as_deref()).collect();
    assert_eq!(fields, ["number", "date"]);
}

#[test]
fn a_preview_shows_what_is_missing() {
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("obligation_notice").unwrap();
    let values = object(json!({"issuer": "嘉兴市人民防空办公室", "handover_required": false}));
    let options =
        Options {
            number: None, date: None, purpose: Purpose::Preview, watermark: Some("草稿"), id: "draft"
        };
    let made = render(kind, &values, &options, &fonts()).unwrap_or_else(|error| panic!("{error}"));
    assert!(made.text.contains("【项目名称】"), "{}", made.text);
    assert!(!made.text.contains("草稿"), "a watermark is no text of the document");
}

#[test]
fn a_notice_cannot_decide_a_penalty() {
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("obligation_notice").unwrap();
    let mut values = kind.sample.values.clone();
    values.insert("contact_address".into(), "见行政处罚决定书".into());
    let error = fails(kind, &values, &fonts());
    assert!(error.problems[0].rule.contains("处罚决定"), "{error}");
}

#[test]
fn values_are_printed_as_they_are() {
    let tricky = "@标题 甲|乙 {{ number }} <黑>丙</黑> \\n 丁 # 戊";
    let kinds = small(
        "tricky",
        "{{ a }}\n@表[列=40,116]\n|{{ a }}|{{ a }}|\n@表完\n",
        &text_field("a"),
        &json!({"values": {"a": tricky}}),
    );
    let (made, _) = sample(kinds.get("test").unwrap(), &fonts());
    assert_eq!(made.text, [tricky; 3].join("\n"));
}

#[test]
fn a_row_higher_than_a_page_is_split_by_line_and_loses_nothing() {
    let long = "负责指导人防工程建设和维护管理，确保设施设备完好。".repeat(60);
    let kinds = small(
        "oversize",
        "@表[列=40中,116齐 表头=1]\n|责任部门|任务分解|\n|{{ a }}|{{ b }}|\n@表完\n",
        &format!("{}{}", text_field("a"), text_field("b")),
        &json!({"values": {"a": "市人防办", "b": long}}),
    );
    let fonts = fonts();
    let kind = kinds.get("test").unwrap();
    let (made, path) = sample(kind, &fonts);
    assert!(made.page_count > 1);
    assert!(made.text.contains(&long));
    for page in 1..=made.page_count {
        assert!(read::text(&path, page).starts_with("责任部门"), "the head is repeated on page {page}");
    }
}

#[test]
fn what_a_form_can_compute_is_filled_in_and_must_be_right() {
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("relocation_fee_notice").unwrap();
    let sample = &kind.sample.values;
    let mut values = sample.clone();
    for computed in ["relocation_area", "amount_due", "amount", "late_fee"] {
        values.remove(computed);
    }
    kind.compute(&mut values);
    assert_eq!(&values, sample);
    // 921.00 m² at 2,000 yuan, 0.2 % for each of 10 days.
    assert_eq!((&values["amount"], &values["late_fee"]), (&json!("1842000.00"), &json!("36840.00")));
    // Without the days nothing is computed from half of the factors.
    values.remove("late_days");
    values.remove("late_fee");
    kind.compute(&mut values);
    assert!(!values.contains_key("late_fee"));
    values.insert("amount".into(), "1842000.01".into());
    let error = fails(kind, &values, &fonts());
    assert!(error.problems[0].rule.contains("应为 1842000"), "{error}");
    let made = render(kind, sample, &options(kind), &fonts()).unwrap();
    for shown in [
        "8600.00平方米×9%",
        "921.00平方米×2000.00元/平方米",
        "壹佰捌拾肆万贰仟元整",
        "1842000.00元×0.2%×10日＝36840.00元",
    ] {
        assert!(made.text.contains(shown), "the document shows {shown}");
    }
}
