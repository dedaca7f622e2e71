//! How fast a message becomes claims, as a ratio in the same run to the bare event loop of the XML parser, and to jiter's
//! own values for the same message in JSON.
//!
//! `cargo bench --bench mapping` prints the median of interleaved rounds. The message, 2 KB with 40 fields, is of the kind that
//! departments send one by one: the head of the registration report with its 16 elements, of which only the message id is wanted,
//! then identifiers with check digits, areas in hectares, amounts in 万元, dates in the partner's spelling, codes. What is timed is the whole way from bytes to claims. A claim keeps the place of each value exactly, with its
//! path in two shared parts; the text of the path is made where a claim is stored or shown. So there are two figures: claims with
//! places, and the same with the text of every place made.

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]

use std::hint::black_box;
use std::time::Instant;

use hub::boot;
use hub::format::{Format, ReadSpec, read};
use hub::mapping::{Files, Hints, Mapping, Mappings, Outcome};
use hub::model::Schema;

/// A round takes less than a turn of the machine's scheduler, so that most rounds are whole even where others work too.
const ROUNDS: usize = 801;
const TIMES: u32 = 16;

/// Element, value, field and step of each of the 40 fields.
const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("DZJGH", "3304022026B00017", "supervision_no", ""),
    ("HTBH", "3304022026017", "contract_no", ""),
    ("ZDDM", "330402005003GB00217", "parcel_no", ""),
    ("BDCDYH", "330402005003GB00217W00000000", "unit_no", ""),
    ("ZDBH", "嘉土告（2026）7号-1", "plot_no", ""),
    ("XMBH", "TDCR20260007", "case_no", ""),
    ("XMMC", "南湖区七星街道商住用地项目", "project_name", ""),
    ("XZQ", "330402", "division", ""),
    ("TDZL", "南湖区中环东路北侧、双溪路西侧", "location", ""),
    ("SZDZ", "双溪路", "bounds_east", ""),
    ("SZNZ", "中环东路", "bounds_south", ""),
    ("SZXZ", "规划绿地", "bounds_west", ""),
    ("SZBZ", "用地界限", "bounds_north", ""),
    ("CRFS", "23", "supply_way", "code:land_supply"),
    ("CRMJ", "2.9742", "land_area", "area:hectare"),
    ("TDYT", "073", "land_market_use", "code:land_market_use"),
    ("YTSM", "其他普通商品住房用地", "land_use_text", ""),
    ("CRNX", "70", "term_years", ""),
    ("GYR", "嘉兴市自然资源和规划局", "supplier", ""),
    ("SRR", "嘉兴市南禾置业有限公司", "holder_name", ""),
    ("CJJ", "42720", "price", "money:wan_yuan"),
    ("BZJ", "8544", "deposit", "money:wan_yuan"),
    ("RJLXX", "1.2", "floor_area_ratio_min", ""),
    ("RJLSX", "2.5", "floor_area_ratio_max", ""),
    ("JZMDSX", "28", "building_density_max", ""),
    ("LHLXX", "30", "green_ratio_min", ""),
    ("XGSX", "80", "height_max", ""),
    ("JZZMJ", "89226.00", "total_floor_area", "area:sqm"),
    ("PZDW", "嘉兴市人民政府", "approved_by", ""),
    ("PZWH", "嘉政土批〔2026〕12号", "approval_doc_no", ""),
    ("PZSJ", "20260110000000", "approved_on", "date:yyyyMMddHHmmss"),
    ("QDSJ", "2026-03-18", "signed_on", "date:yyyy-MM-dd"),
    ("JDSJ", "2026-06-01", "deliver_by", "date:yyyy-MM-dd"),
    ("DGSJ", "2026-12-01", "start_by", "date:yyyy-MM-dd"),
    ("JGSJ", "2029-12-01", "complete_by", "date:yyyy-MM-dd"),
    ("GHTJH", "嘉规条〔2026〕21号", "planning_condition_no", ""),
    ("RFMJ", "6800.50", "shelter_area", "area:sqm"),
    ("CQGS", "state", "shelter_ownership", "code:ownership"),
    ("SFYJ", "1", "handover_required", "boolean:1|0"),
    ("BZ", "配建人防工程竣工后移交", "remark", ""),
];

/// The head as registration platforms write it, empty values as `/`.
const HEAD: &[(&str, &str)] = &[
    ("BizMsgID", "330402260318000001"),
    ("ASID", "AS100"),
    ("AreaCode", "330402"),
    ("RecType", "1000402"),
    ("RightType", "4"),
    ("RegType", "100"),
    ("CreateDate", "2026-03-18T10:09:18"),
    ("RecFlowID", "20260318-00001"),
    ("RegOrgID", "330402"),
    ("ParcelID", "330402005003GB00217"),
    ("EstateNum", "330402005003GB00217W00000000"),
    ("PreEstateNum", "/"),
    ("CertCount", "1"),
    ("ProofCount", "0"),
    ("PreCertID", "/"),
    ("DigitalSign", ""),
];

fn message() -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Message>\n  <Head>");
    for (element, value) in HEAD {
        text.push_str(&format!("<{element}>{value}</{element}>"));
    }
    text.push_str("</Head>\n  <Data>\n");
    for (element, value, ..) in FIELDS {
        text.push_str(&format!("    <{element}>{value}</{element}>\n"));
    }
    text.push_str("  </Data>\n</Message>\n");
    text
}

/// The same fields as JSON; short numbers stand without quotes, as most senders write them.
fn json() -> String {
    let fields: Vec<String> = FIELDS
        .iter()
        .map(|(name, value, ..)| {
            let number = value.len() < 10 && !value.starts_with('0') && value.parse::<f64>().is_ok();
            if number { format!("\"{name}\": {value}") } else { format!("\"{name}\": \"{value}\"") }
        })
        .collect();
    format!(
        "{{\n  \"id\": \"330402260318000001\",\n  \"data\": [{{\n    {}\n  }}]\n}}\n",
        fields.join(",\n    ")
    )
}

fn map(format: &str, id: &str, rows: &str) -> String {
    let mut text = format!(
        "title = \"bench\"\nversion = 1\ndepartment = \"natural_resources\"\nformat = {{ kind = \"{format}\" }}\n\
         id = \"{id}\"\nrows = \"{rows}\"\n[[record]]\nkind = \"parcel\"\n[record.fields]\n",
    );
    for (element, _, field, step) in FIELDS {
        let step = if step.is_empty() { String::new() } else { format!(", as = \"{step}\"") };
        text.push_str(&format!("{field} = {{ from = \"{element}\"{step} }}\n"));
    }
    text
}

fn main() {
    let embedded = boot::mappings(None).unwrap_or_default();
    let model = boot::model_files(&embedded).unwrap_or_default();
    let Ok(schema) = Schema::load(&model) else { return println!("the model does not load") };
    let partner = "title = \"bench\"\ndepartment = \"natural_resources\"\n";
    let files: Files = [
        ("bench/partner.toml", partner.to_owned()),
        ("bench/xml/map.toml", map("xml", "/Message/Head/BizMsgID", "/Message/Data")),
        ("bench/json/map.toml", map("json", "/id", "/data/*")),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.into_bytes()))
    .collect();
    let mappings = match Mappings::load(&files, &schema) {
        Ok(mappings) => mappings,
        Err(found) => return println!("{}", hub::mapping::render_all(&found, &files)),
    };
    let (xml, json) = (message(), json());
    if let Some(mapping) = mappings.get("bench", "xml") {
        measure("quick-xml event loop", Format::Xml, &xml, mapping, || events(&xml));
    }
    if let Some(mapping) = mappings.get("bench", "json") {
        measure("jiter's own values", Format::Json, &json, mapping, || {
            black_box(jiter::JsonValue::parse(black_box(json.as_bytes()), false).is_ok());
        });
    }
}

fn measure(bound: &str, format: Format, text: &str, mapping: &Mapping, mut bare: impl FnMut()) {
    let hints = Hints::default();
    let reading = mapping.read(text.as_bytes(), &hints);
    let fields: usize = reading.claims.iter().map(|it| it.fields.len()).sum();
    assert!(reading.outcome == Outcome::Accepted && fields == FIELDS.len(), "{:#?}", reading.problems);
    println!("{format:?} message: {} bytes, {fields} fields", text.len());
    let spec = ReadSpec { format, ..ReadSpec::default() };
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        let [a, b, c, d] = &mut times;
        a.push(time(&mut bare));
        b.push(time(|| {
            black_box(read(black_box(text.as_bytes()), &spec).is_ok());
        }));
        c.push(time(|| {
            black_box(mapping.read(black_box(text.as_bytes()), &hints));
        }));
        d.push(time(|| {
            let reading = mapping.read(black_box(text.as_bytes()), &hints);
            for field in reading.claims.iter().flat_map(|it| &it.fields) {
                black_box(field.spot.place());
            }
        }));
    }
    let [bare, tree, claims, rendered] = times.map(median);
    println!("{bound:<32} {bare:>8.2} µs");
    for (name, took) in [
        ("tree with places", tree),
        ("claims with places", claims),
        ("claims, every path made text", rendered),
    ] {
        println!("{name:<32} {took:>8.2} µs  {:>5.1} % of its speed", 100.0 * bare / took);
    }
}

fn time(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..TIMES {
        run();
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The bound: every event of the parser, nothing kept.
fn events(text: &str) {
    let mut reader = quick_xml::Reader::from_str(black_box(text));
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) | Err(_) => return,
            Ok(event) => {
                black_box(event);
            }
        }
    }
}
