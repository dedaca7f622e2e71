//! The data a document was made from, attached to its file (ISO 19005-3, 6.8).

use lopdf::{Dictionary, Document, Object, dictionary};

use super::finish::pdf_date;
use super::{Meta, integer, pack};
use crate::error::Result;

/// Name of the attachment; plain letters, so that every reader shows it.
const NAME: &str = "values.json";

/// Adds the data and names it in the catalog.
pub(super) fn add(file: &mut Document, catalog: &mut Dictionary, data: &[u8], meta: &Meta) -> Result<()> {
    let mut parameters = dictionary! { "Size" => integer(data.len()) };
    if let Some(date) = meta.date {
        parameters.set("ModDate", pdf_date(date));
    }
    let about =
        dictionary! { "Type" => "EmbeddedFile", "Subtype" => "application/json", "Params" => parameters };
    let stream = file.add_object(pack::stream(about, data)?);
    let specification = file.add_object(dictionary! {
        "Type" => "Filespec",
        "F" => Object::string_literal(NAME),
        "UF" => Object::string_literal(NAME),
        "Desc" => super::words("本文书印出的各项数据"),
        // The document was made from it.
        "AFRelationship" => "Source",
        "EF" => dictionary! { "F" => stream, "UF" => stream },
    });
    let names = vec![Object::string_literal(NAME), Object::Reference(specification)];
    catalog.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
    catalog.set("AF", vec![Object::Reference(specification)]);
    Ok(())
}
