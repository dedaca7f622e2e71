//! Messages of the trial partner: valid by default, changed where a test says so.

use serde_json::{Value, json};

/// A supervision number of Jiaxing's Nanhu district, told apart by its last five digits.
pub fn no(n: u32) -> String {
    format!("3304022026B{n:05}")
}

/// One row.
pub fn row(n: u32) -> Value {
    json!({
        "no": no(n), "where": format!("南湖区试验路{n}号"), "way": "23", "area": "29742.00",
        "price": "3560000", "signed": "2026-03-01", "holder": "嘉兴试验置业有限公司",
    })
}

/// A row with some fields of its own; null takes one out.
pub fn row_with(n: u32, fields: Value) -> Value {
    let mut row = row(n);
    let object = row.as_object_mut().unwrap();
    for (name, value) in fields.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    row
}

/// A message with its id and rows.
pub fn message(id: &str, rows: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({ "code": "0", "text": "ok", "id": id, "list": rows })).unwrap()
}

/// An XML message of one parcel whose area is `area`.
pub fn xml(id: &str, n: u32, area: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<message id=\"{id}\"><parcel><no>{}</no><where>南湖区试验路{n}号</where>\
         <way>23</way><area>{area}</area></parcel></message>",
        no(n)
    )
}

/// A CSV file with one row for each number.
pub fn csv(numbers: impl Iterator<Item = u32>) -> String {
    let mut text = String::from("电子监管号,坐落,供地方式,面积,价款,签订日期\n");
    for n in numbers {
        text.push_str(&format!("{},南湖区试验路{n}号,23,{}.50,1000000,2026-03-01\n", no(n), n + 1));
    }
    text
}
