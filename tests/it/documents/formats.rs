//! OFD, DOCX and PDF/A-1b: packages whole, places equal to layout, text complete, the same bytes again.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use hub::document::layout::item::{Item, Pages};
use hub::document::{Format, Kind, export, lay_out_values};

use super::{files, fonts, kinds, options, read};

/// The parts of a zip file.
fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut file = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut found = BTreeMap::new();
    for at in 0..file.len() {
        let mut part = file.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        found.insert(part.name().unwrap().into_owned(), bytes);
    }
    found
}

fn xml<'a>(parts: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    let text = std::str::from_utf8(&parts[name]).unwrap();
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}"));
        if event == quick_xml::events::Event::Eof {
            return text;
        }
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let from = tag.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {tag}")) + name.len() + 3;
    tag[from..].split('"').next().unwrap()
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ').map(|it| it.parse().unwrap()).collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn made(kind: &Kind, format: Format) -> (Vec<u8>, Pages) {
    let fonts = fonts();
    let bytes = export(kind, &kind.sample.values, &options(kind), &fonts, format)
        .unwrap_or_else(|error| panic!("{error}"));
    let again = export(kind, &kind.sample.values, &options(kind), &super::fonts(), format).unwrap();
    assert!(bytes == again, "{}: the same input gives the same bytes", kind.name);
    let pages = lay_out_values(kind, &kind.sample.values, &options(kind), &fonts).unwrap().1;
    (bytes, pages)
}

#[test]
fn ofd_pages_say_what_was_laid_out_where_it_was_laid_out() {
    for folder in ["templates/documents", "tests/documents"] {
        for kind in kinds(&files(folder)).iter() {
            let (bytes, pages) = made(kind, Format::Ofd);
            let parts = parts(&bytes);
            assert!(xml(&parts, "OFD.xml").contains("<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"));
            let document = xml(&parts, "Doc_0/Document.xml");
            assert_eq!(document.matches("<ofd:Page ").count(), pages.pages.len());
            let most: u32 =
                document.split("MaxUnitID>").nth(1).unwrap().split('<').next().unwrap().parse().unwrap();
            let resources = xml(&parts, "Doc_0/PublicRes.xml");
            for (page, number) in pages.pages.iter().zip(0..) {
                let content = xml(&parts, &format!("Doc_0/Pages/Page_{number}/Content.xml"));
                let mut objects = content.split("<ofd:TextObject").skip(1);
                for item in &page.items {
                    let Item::Glyphs(it) = item else { continue };
                    let object = objects.next().unwrap();
                    let said = object.split("</ofd:TextCode>").next().unwrap().rsplit('>').next().unwrap();
                    assert_eq!(unescaped(said), it.text);
                    let font = attribute(object, "Font");
                    assert!(resources.contains(&format!("<ofd:Font ID=\"{font}\"")));
                    assert!(attribute(object, "ID").parse::<u32>().unwrap() <= most);
                    if it.angle == 0.0 {
                        let boundary = numbers(attribute(object, "Boundary"));
                        let (x, y) = (attribute(object, "X"), attribute(object, "Y"));
                        assert!((boundary[0] + x.parse::<f64>().unwrap() - it.x).abs() < 0.001);
                        assert!((boundary[1] + y.parse::<f64>().unwrap() - it.y).abs() < 0.001);
                    }
                }
                assert!(objects.next().is_none());
                let lines = page.items.iter().filter(|item| matches!(item, Item::Line(..))).count();
                assert!(content.matches("<ofd:PathObject").count() >= lines);
            }
        }
    }
}

#[test]
fn the_faces_of_an_ofd_file_draw_every_character_of_it() {
    let kinds = kinds(&files("tests/documents"));
    let (bytes, _) = made(kinds.get("short_letter").unwrap(), Format::Ofd);
    let parts = parts(&bytes);
    let resources = xml(&parts, "Doc_0/PublicRes.xml");
    let mut faces = BTreeMap::new();
    for font in resources.split("<ofd:Font ").skip(1) {
        let file = font.split("<ofd:FontFile>").nth(1).unwrap().split('<').next().unwrap();
        faces.insert(attribute(&format!(" {font}"), "ID").to_owned(), &parts[&format!("Doc_0/Res/{file}")]);
    }
    let content = xml(&parts, "Doc_0/Pages/Page_0/Content.xml");
    let mut drawn = 0;
    for object in content.split("<ofd:TextObject").skip(1) {
        let face = ttf_parser::Face::parse(faces[attribute(object, "Font")], 0).unwrap();
        let said = object.split("</ofd:TextCode>").next().unwrap().rsplit('>').next().unwrap();
        for c in unescaped(said).chars().filter(|c| *c != '\u{a0}') {
            let glyph = face.glyph_index(c).unwrap_or_else(|| panic!("no glyph for {c}"));
            if !c.is_whitespace() {
                assert!(face.glyph_bounding_box(glyph).is_some(), "{c} has no outline");
                drawn += 1;
            }
        }
    }
    assert!(drawn > 200, "{drawn}");
}

#[test]
fn docx_holds_the_text_its_tables_and_its_measures() {
    let folder = files("templates/documents");
    let kinds = kinds(&folder);
    for kind in kinds.iter() {
        let (bytes, pages) = made(kind, Format::Docx);
        let parts = parts(&bytes);
        for name in parts.keys() {
            xml(&parts, name);
        }
        let body = xml(&parts, "word/document.xml");
        let mut said = String::new();
        for run in body.split("<w:t xml:space=\"preserve\">").skip(1) {
            said.push_str(&unescaped(run.split("</w:t>").next().unwrap()));
        }
        // Check boxes are drawn on pages and written in DOCX.
        let word = |c: &char| !c.is_whitespace() && !matches!(c, '☐' | '☑');
        let squeezed = |text: &str| text.chars().filter(word).collect::<String>();
        let said = squeezed(&said);
        for line in pages.to_text().lines().map(squeezed) {
            assert!(said.contains(&line), "{}: {line}", kind.name);
        }
        assert!(body.contains("w:top=\"2098\"") && body.contains("w:linePitch=\"592\""));
        // Every row fills its grid.
        for table in body.split("<w:tbl>").skip(1).map(|it| it.split("</w:tbl>").next().unwrap()) {
            let columns = table.matches("<w:gridCol ").count();
            for row in table.split("<w:tr>").skip(1) {
                let cells = row.matches("<w:tc>").count();
                let spans = row.split("<w:gridSpan w:val=\"").skip(1);
                let more: usize =
                    spans.map(|it| it.split('"').next().unwrap().parse::<usize>().unwrap() - 1).sum();
                assert_eq!(cells + more, columns, "{}: {row}", kind.name);
            }
        }
    }
}

#[test]
fn the_archive_copy_is_pdf_1_4_without_attachments_or_packed_objects() {
    let kinds = kinds(&files("tests/documents"));
    let kind = kinds.get("short_letter").unwrap();
    let (bytes, _) = made(kind, Format::PdfArchive);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("archive.pdf");
    std::fs::write(&path, &bytes).unwrap();
    read::check(&path);
    assert!(bytes.starts_with(b"%PDF-1.4"));
    let file = lopdf::Document::load_mem(&bytes).unwrap();
    let kinds_of: Vec<_> = file.objects.values().filter_map(|it| it.type_name().ok()).collect();
    for forbidden in [&b"ObjStm"[..], b"XRef", b"EmbeddedFile", b"ExtGState"] {
        assert!(!kinds_of.contains(&forbidden), "{}", String::from_utf8_lossy(forbidden));
    }
    let packet = file.objects.values().filter_map(|it| it.as_stream().ok());
    let packet =
        packet.map(|it| String::from_utf8_lossy(&it.content).into_owned()).find(|it| it.contains("xmpmeta"));
    let packet = packet.unwrap();
    assert!(packet.contains("<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"));
}

#[test]
fn an_issued_file_carries_its_printed_values_and_bookmarks() {
    let kinds = kinds(&files("templates/documents"));
    let kind = kinds.get("handover_certificate").unwrap();
    let made = super::sample(kind, &fonts()).0;
    let file = lopdf::Document::load_mem(&made.pdf).unwrap();
    let attached = file.objects.values().filter_map(|it| it.as_stream().ok());
    let attached = attached
        .filter(|it| it.dict.get(b"Type").and_then(lopdf::Object::as_name).ok() == Some(b"EmbeddedFile"));
    let data: Vec<serde_json::Value> =
        attached.map(|it| serde_json::from_slice(&it.decompressed_content().unwrap()).unwrap()).collect();
    let [data] = &data[..] else { panic!("one attachment") };
    assert_eq!(data["kind"], "handover_certificate");
    let printed = |name: &str| made.placed.iter().any(|it| it.path.split('/').next() == Some(name));
    for (name, value) in data["values"].as_object().unwrap() {
        assert!(printed(name), "{name} is not printed");
        assert_eq!(Some(value), kind.sample.values.get(name));
    }
    assert!(kind.sample.values.keys().filter(|it| printed(it)).all(|it| data["values"].get(it).is_some()));
    let titles: Vec<String> = file
        .objects
        .values()
        .filter_map(|it| it.as_dict().ok())
        .filter(|it| it.has(b"Dest"))
        .filter_map(|it| lopdf::decode_text_string(it.get(b"Title").ok()?).ok())
        .collect();
    assert!(titles.iter().any(|it| it.contains("移交接收")), "{titles:?}");
}
