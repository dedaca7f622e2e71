//! The XMP packet: the same facts as the information dictionary, and the part of PDF/A that is claimed.

use super::{Meta, Profile};
use crate::document::xml::escape;

/// What wrote the file.
pub(super) const PRODUCER: &str = "hub (printpdf 0.12.8)";

pub(super) fn packet(meta: &Meta) -> Vec<u8> {
    let dates = meta.date.map_or_else(String::new, |date| {
        let at = date.format("%Y-%m-%dT00:00:00+08:00");
        format!("<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate>")
    });
    let (title, author, subject) = (escape(&meta.title), escape(&meta.author), escape(&meta.subject));
    let (part, conformance) = match (meta.profile, meta.attached()) {
        (Profile::A1b, _) => (1, "B"),
        (Profile::Tagged, None) => (2, "A"),
        (Profile::Tagged, Some(_)) => (3, "A"),
    };
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\
<dc:format>application/pdf</dc:format>\
<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\
<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{subject}</rdf:li></rdf:Alt></dc:description>\
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>\
<xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>{dates}<pdf:Producer>{PRODUCER}</pdf:Producer>\
<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>{conformance}</pdfaid:conformance>\
</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"
    )
    .into_bytes()
}
