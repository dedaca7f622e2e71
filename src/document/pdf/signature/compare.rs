//! What an update changed behind a signature: another signature is fine, anything else is told.

use lopdf::{Dictionary, Document, Object};

use super::{array, followed};

/// What happened to a file after it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing: the signature covers the whole file.
    None,
    /// It was signed again, and nothing else.
    Signed,
    /// Something else was appended: pages, notes or texts may show what was not signed.
    Altered,
}

/// Compares the file with itself as it was when the signature ended at `end`.
pub(super) fn behind(pdf: &[u8], now: &Document, end: usize) -> Change {
    if end == pdf.len() {
        return Change::None;
    }
    let Some(then) = pdf.get(..end).and_then(|bytes| Document::load_mem(bytes).ok()) else {
        return Change::Altered;
    };
    let harmless = now.objects.iter().all(|(id, object)| match then.objects.get(id) {
        // What is new can only be reached through what was changed.
        None => true,
        Some(old) if old == object => true,
        Some(old) => match (old.as_dict(), object.as_dict()) {
            (Ok(old), Ok(new)) => only_signed(&then, old, now, new),
            _ => is_bookkeeping(old) && is_bookkeeping(object),
        },
    });
    let kept = then.objects.keys().all(|id| now.objects.contains_key(id));
    let root = |file: &Document| file.trailer.get(b"Root").and_then(Object::as_reference).ok();
    if harmless && kept && root(&then) == root(now) { Change::Signed } else { Change::Altered }
}

/// Tables of places and packed objects are compared through what they hold.
fn is_bookkeeping(object: &Object) -> bool {
    let kind = object.as_stream().ok().and_then(|it| it.dict.get(b"Type").and_then(Object::as_name).ok());
    matches!(kind, Some(b"XRef" | b"ObjStm"))
}

/// Whether two versions of a dictionary differ only by signatures that were added.
fn only_signed(then: &Document, old: &Dictionary, now: &Document, new: &Dictionary) -> bool {
    let allowed: &[u8] = match new.get(b"Type").and_then(Object::as_name) {
        Ok(b"Catalog") => b"AcroForm",
        Ok(b"Page") => b"Annots",
        _ => return false,
    };
    let rest = |dict: &Dictionary| {
        let mut dict = dict.clone();
        dict.remove(allowed);
        dict
    };
    let list = |file: &Document, dict: &Dictionary| match allowed {
        b"Annots" => array(file, dict, allowed),
        _ => followed(file, dict, allowed)
            .and_then(|it| it.as_dict().ok())
            .map(|form| array(file, form, b"Fields"))
            .unwrap_or_default(),
    };
    let (before, after) = (list(then, old), list(now, new));
    let is_signature = |it: &Object| {
        let field = now.dereference(it).ok().and_then(|(_, it)| it.as_dict().ok());
        let kind = field.and_then(|it| it.get(b"FT").and_then(Object::as_name).ok());
        kind == Some(b"Sig")
    };
    rest(old) == rest(new)
        && after.starts_with(&before)
        && after.get(before.len()..).unwrap_or_default().iter().all(is_signature)
}
