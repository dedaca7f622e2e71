//! 送达 in its six ways: what each asks at its beginning and at its end, receipts, refusals with witnesses, and what was
//! photographed or scanned. The period of 公告送达 is dated rule data (`public_service`).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::deed::standing;
use super::desk::Desk;
use super::event::{Step, note};
use super::life::{Actor, Deed, allow};
use crate::clock::china_date;
use crate::crypto;
use crate::error::{Error, Problem, Result, codes};
use crate::store::{
    Conn, Document, DocumentFile, DocumentId, DocumentService, FileId, FileRole, Instant, Json as JsonText,
    ServiceId, ServiceMethod, ServiceState, get_document, get_service, insert_document_file, insert_service,
    list_document_events, list_services, settle_service,
};

/// What a receipt (送达回证) says; what does not apply is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipt {
    /// 签收人 or 代收人.
    pub receiver: String,
    /// 与受送达人关系.
    pub relation: String,
    /// 拒收事由.
    pub refusal: String,
    /// 见证人, separated by 、.
    pub witnesses: String,
    /// 送达人 with 执法证号, separated by 、.
    pub servers: String,
    /// 邮寄单号.
    pub tracking_no: String,
    /// 受托送达单位.
    pub entrusted: String,
    /// How and when the recipient agreed to be served electronically.
    pub consent: String,
    /// Why other ways failed and what was tried; 公告送达 must have it on file.
    pub cause: String,
    /// 备注.
    pub note: String,
}

/// A service to be begun.
#[derive(Debug, Clone)]
pub struct NewService<'a> {
    /// The document.
    pub document: &'a DocumentId,
    /// 受送达人.
    pub recipient: &'a str,
    /// How.
    pub method: ServiceMethod,
    /// 送达地点, address or place of publication.
    pub place: &'a str,
    /// Day it was begun.
    pub started_on: NaiveDate,
    /// What is known already.
    pub receipt: Receipt,
}

/// Registers a service.
///
/// # Errors
/// The document is not issued or not this person's business; what the way of service asks is missing, each by its field.
pub fn register(
    conn: &mut Conn,
    desk: &Desk,
    new: &NewService<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<DocumentService> {
    let document = served_document(conn, new.document, who)?;
    let mut missing = Missing::default();
    missing.need("recipient", "受送达人", new.recipient);
    missing.need("place", place_title(new.method), new.place);
    match new.method {
        ServiceMethod::Mail => missing.need("tracking_no", "邮寄单号", &new.receipt.tracking_no),
        ServiceMethod::Electronic => {
            missing.need("consent", "受送达人同意电子送达的方式和时间", &new.receipt.consent)
        }
        ServiceMethod::Entrusted => missing.need("entrusted", "受托送达单位", &new.receipt.entrusted),
        ServiceMethod::Public => missing.need("cause", "公告送达的原因和经过", &new.receipt.cause),
        ServiceMethod::Direct | ServiceMethod::Left => {}
    }
    if new.started_on > china_date(now) {
        missing.wrong("started_on", "开始日期还没有到。", "请填写实际交付、投邮、发送或公告之日。");
    }
    missing.refuse()?;
    let (due_on, due_rule) = period(desk, &document, new.method, new.started_on);
    let row = DocumentService {
        id: ServiceId::fresh(now),
        document_id: document.id.clone(),
        recipient: new.recipient.trim().to_owned(),
        method: new.method,
        place: new.place.trim().to_owned(),
        state: ServiceState::Pending,
        started_on: new.started_on,
        due_on,
        due_rule,
        served_at: None,
        receipt: JsonText::of(&new.receipt)?,
        created_by: who.login.clone(),
        created_at: now.into(),
        settled_by: None,
        settled_at: None,
    };
    insert_service(conn, &row)?;
    tell(conn, &document, "service_begun", who, &row, now)?;
    Ok(row)
}

fn place_title(method: ServiceMethod) -> &'static str {
    match method {
        ServiceMethod::Electronic => "电子送达地址",
        ServiceMethod::Public => "公告载体",
        ServiceMethod::Mail => "邮寄地址",
        _ => "送达地点",
    }
}

/// The period the law sets for a way of service, with its rule as cited.
fn period(
    desk: &Desk,
    document: &Document,
    method: ServiceMethod,
    from: NaiveDate,
) -> (Option<NaiveDate>, Option<String>) {
    if method != ServiceMethod::Public {
        return (None, None);
    }
    let division = document.division.as_deref().unwrap_or_default();
    let Some(period) = desk.rules.period("public_service", division, from) else { return (None, None) };
    let law = desk.rules.law(&period.law, from).map(|it| it.title.clone()).unwrap_or_default();
    let rule = format!("《{law}》第 {} 条：{}起{}", period.article, period.starts, period.chinese());
    (Some(period.last_day(from, &desk.calendar).date), Some(rule))
}

/// Writes the receipt: the document counts as served at `at`.
///
/// # Errors
/// What the way of service asks of its receipt is missing, each by its field; the period has not passed; somebody else
/// wrote the end.
pub fn finish(
    conn: &mut Conn,
    id: &ServiceId,
    receipt: Receipt,
    at: DateTime<Utc>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<DocumentService> {
    let mut row = get_service(conn, id)?;
    let document = served_document(conn, &row.document_id, who)?;
    let has_photo = has_receipt_file(conn, &row)?;
    let receipt = merged(row.receipt.read()?, receipt);
    let mut missing = Missing::default();
    check_receipt(row.method, &receipt, has_photo, &mut missing);
    if at > now {
        missing.wrong("served_at", "送达时间还没有到。", "请填写回证上的实际时间。");
    }
    if china_date(at) < row.started_on {
        missing.wrong("served_at", "送达时间早于开始送达之日。", "请核对回证上的日期。");
    }
    if let Some(due) = row.due_on.filter(|due| china_date(at) < *due) {
        let rule = format!("公告期未满，{due} 起视为送达。");
        missing.wrong("served_at", &rule, "期满后再登记。");
    }
    missing.refuse()?;
    row.state = ServiceState::Served;
    row.served_at = Some(at.into());
    row.receipt = JsonText::of(&receipt)?;
    settle(conn, &document, row, who, now)
}

/// Notes that a service did not succeed; another one has to follow.
///
/// # Errors
/// No reason is given; somebody else wrote the end.
pub fn fail(
    conn: &mut Conn,
    id: &ServiceId,
    reason: &str,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<DocumentService> {
    let mut row = get_service(conn, id)?;
    let document = served_document(conn, &row.document_id, who)?;
    let mut missing = Missing::default();
    missing.need("cause", "未送达的原因", reason);
    missing.refuse()?;
    let known = Receipt { cause: reason.trim().to_owned(), ..Receipt::default() };
    row.state = ServiceState::Failed;
    row.receipt = JsonText::of(&merged(row.receipt.read()?, known))?;
    settle(conn, &document, row, who, now)
}

fn settle(
    conn: &mut Conn,
    document: &Document,
    mut row: DocumentService,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<DocumentService> {
    row.settled_by = Some(who.login.clone());
    row.settled_at = Some(now.into());
    settle_service(conn, &row)?;
    let action = if row.state == ServiceState::Served { "service_done" } else { "service_failed" };
    tell(conn, document, action, who, &row, now)?;
    Ok(row)
}

/// What each way asks of its receipt: 民事诉讼法 2023 第八十七至九十五条, and two servers as enforcement documents are served.
fn check_receipt(method: ServiceMethod, it: &Receipt, has_photo: bool, missing: &mut Missing) {
    let two_servers = |missing: &mut Missing| {
        if count(&it.servers) < 2 {
            missing.wrong("servers", "送达人须不少于两人。", "写明两名送达人的姓名和执法证号，用顿号隔开。");
        }
    };
    match method {
        ServiceMethod::Direct => {
            missing.need("receiver", "签收人", &it.receiver);
            missing.need("relation", "签收人与受送达人的关系", &it.relation);
            two_servers(missing);
        }
        ServiceMethod::Left => {
            missing.need("refusal", "拒收事由", &it.refusal);
            two_servers(missing);
            if count(&it.witnesses) == 0 && !has_photo {
                let hint = "邀请见证人到场并写明姓名，或先上传留置现场的照片。";
                missing.wrong("witnesses", "留置送达须有见证人，或有照片、录像。", hint);
            }
        }
        ServiceMethod::Mail | ServiceMethod::Entrusted => {
            missing.need("receiver", "回执上的签收人", &it.receiver);
        }
        ServiceMethod::Electronic | ServiceMethod::Public => {}
    }
}

/// Names in a list people write with 、 or ， or ；.
fn count(names: &str) -> usize {
    names.split(['、', '，', ',', '；', ';', '\n']).filter(|it| !it.trim().is_empty()).count()
}

/// What was known, with what is said now over it.
fn merged(old: Receipt, new: Receipt) -> Receipt {
    let take = |new: String, old: String| if new.trim().is_empty() { old } else { new.trim().to_owned() };
    Receipt {
        receiver: take(new.receiver, old.receiver),
        relation: take(new.relation, old.relation),
        refusal: take(new.refusal, old.refusal),
        witnesses: take(new.witnesses, old.witnesses),
        servers: take(new.servers, old.servers),
        tracking_no: take(new.tracking_no, old.tracking_no),
        entrusted: take(new.entrusted, old.entrusted),
        consent: take(new.consent, old.consent),
        cause: take(new.cause, old.cause),
        note: take(new.note, old.note),
    }
}

/// An issued document that this person may serve.
fn served_document(conn: &mut Conn, id: &DocumentId, who: &Actor) -> Result<Document> {
    let document = get_document(conn, id)?;
    let events = list_document_events(conn, id)?;
    allow(Deed::Serve, &standing(&document, &events), who)?;
    Ok(document)
}

fn tell(
    conn: &mut Conn,
    document: &Document,
    action: &str,
    who: &Actor,
    row: &DocumentService,
    now: DateTime<Utc>,
) -> Result<()> {
    let text = format!("{}：{}", row.method.title(), row.recipient);
    let detail = json!({ "service": row.id, "method": row.method, "served_at": row.served_at });
    let step = Step { from: Some(document.state), action, actor: &who.login, opinion: Some(&text), detail };
    note(conn, document, &step, now)
}

/// When the last recipient was served.
///
/// # Errors
/// A service is still out, or none succeeded.
pub(super) fn all_served(conn: &mut Conn, document: &Document) -> Result<Instant> {
    none_pending(conn, document)?;
    let served = list_services(conn, &document.id)?.into_iter().filter_map(|it| it.served_at).max();
    served.ok_or_else(|| {
        Error::new(codes::document::RECEIPT, format!("《{}》还没有一次送达成功的登记。", document.title))
    })
}

/// Refuses while a service is still out.
pub(super) fn none_pending(conn: &mut Conn, document: &Document) -> Result<()> {
    let services = list_services(conn, &document.id)?;
    let Some(pending) = services.iter().find(|it| it.state == ServiceState::Pending) else { return Ok(()) };
    Err(Error::new(
        codes::document::RECEIPT,
        format!("{}的{}还没有登记结果。", pending.recipient, pending.method.title()),
    ))
}

/// Who was served or is being served: they are to be told when the document becomes void.
pub(super) fn recipients(conn: &mut Conn, document: &DocumentId) -> Result<Vec<String>> {
    let mut names: Vec<String> = list_services(conn, document)?.into_iter().map(|it| it.recipient).collect();
    names.dedup();
    Ok(names)
}

/// A photograph or scan somebody uploads.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Name of the file.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Largest upload: a phone's photograph or a scan of a few pages.
pub const MAX_UPLOAD: usize = 10 << 20;

/// Keeps a photograph or scan with a service. The type is told from the bytes, not from the name.
///
/// # Errors
/// `upload`: empty, larger than [`MAX_UPLOAD`], or neither PDF, JPEG nor PNG.
pub fn attach(
    conn: &mut Conn,
    id: &ServiceId,
    upload: &Upload,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<DocumentFile> {
    let row = get_service(conn, id)?;
    let document = served_document(conn, &row.document_id, who)?;
    let media_type = checked_type(upload)?;
    let sha256 = crypto::sha256_hex(&upload.bytes)?;
    let file = DocumentFile {
        id: FileId::fresh(now),
        document_id: document.id.clone(),
        role: FileRole::Receipt,
        name: upload.name.trim().to_owned(),
        media_type: media_type.to_owned(),
        sha256: sha256.clone(),
        size: i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX),
        pages: None,
        created_at: now.into(),
        created_by: who.login.clone(),
        service_id: Some(row.id.clone()),
    };
    insert_document_file(conn, &file, &upload.bytes)?;
    let detail = json!({ "service": row.id, "file": file.id, "sha256": sha256 });
    let step = Step {
        from: Some(document.state),
        action: "receipt_attached",
        actor: &who.login,
        opinion: Some(&upload.name),
        detail,
    };
    note(conn, &document, &step, now)?;
    Ok(file)
}

fn checked_type(upload: &Upload) -> Result<&'static str> {
    let refused = |why: String| Err(Error::new(codes::document::UPLOAD, why));
    if upload.bytes.is_empty() {
        return refused("没有选择文件，或文件是空的。".to_owned());
    }
    if upload.bytes.len() > MAX_UPLOAD {
        return refused(format!("文件超过 {} MiB，请压缩或分开上传。", MAX_UPLOAD >> 20));
    }
    match upload.bytes.as_slice() {
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok("application/pdf"),
        [0xFF, 0xD8, 0xFF, ..] => Ok("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Ok("image/png"),
        _ => refused(format!("“{}”不是 PDF、JPG 或 PNG 文件。", upload.name)),
    }
}

/// Whether something was uploaded for this service.
fn has_receipt_file(conn: &mut Conn, row: &DocumentService) -> Result<bool> {
    let files = crate::store::list_document_files(conn, &row.document_id)?;
    Ok(files.iter().any(|it| it.service_id.as_ref() == Some(&row.id)))
}

/// What is missing or wrong, each by its field.
#[derive(Default)]
struct Missing(Vec<Problem>);

impl Missing {
    fn need(&mut self, field: &str, title: &str, value: &str) {
        if value.trim().is_empty() {
            self.wrong(field, &format!("{title}未填写。"), "请补填后再登记。");
        }
    }

    fn wrong(&mut self, field: &str, rule: &str, hint: &str) {
        self.0.push(Problem::error(codes::document::RECEIPT, rule, hint).of_field(field));
    }

    fn refuse(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let detail = format!("送达登记有 {} 处需要补正。", self.0.len());
        Err(Error::new(codes::document::RECEIPT, detail).with_problems(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(method: ServiceMethod, receipt: &Receipt, photo: bool) -> Vec<String> {
        let mut missing = Missing::default();
        check_receipt(method, receipt, photo, &mut missing);
        missing.0.into_iter().filter_map(|it| it.field).collect()
    }

    #[test]
    fn each_way_asks_for_its_own_proof() {
        let empty = Receipt::default();
        assert_eq!(findings(ServiceMethod::Direct, &empty, false), ["receiver", "relation", "servers"]);
        assert_eq!(findings(ServiceMethod::Left, &empty, false), ["refusal", "servers", "witnesses"]);
        assert_eq!(findings(ServiceMethod::Left, &empty, true), ["refusal", "servers"]);
        assert_eq!(findings(ServiceMethod::Mail, &empty, false), ["receiver"]);
        assert!(findings(ServiceMethod::Electronic, &empty, false).is_empty());
        let one = Receipt { servers: "钱一 浙执01".into(), ..Receipt::default() };
        let two = Receipt { servers: "钱一 浙执01、孙二 浙执02".into(), ..Receipt::default() };
        assert!(findings(ServiceMethod::Direct, &one, false).contains(&"servers".to_owned()));
        assert!(!findings(ServiceMethod::Direct, &two, false).contains(&"servers".to_owned()));
    }

    #[test]
    fn the_type_of_an_upload_is_told_from_its_bytes() {
        let kind = |name: &str, bytes: &[u8]| {
            checked_type(&Upload { name: name.into(), bytes: bytes.to_vec() }).map_err(|it| it.code)
        };
        assert_eq!(kind("a.png", b"\x89PNG\r\n\x1a\n..."), Ok("image/png"));
        assert_eq!(kind("a.txt", b"%PDF-1.7"), Ok("application/pdf"));
        assert_eq!(kind("a.pdf", b"MZ\x90\x00"), Err(codes::document::UPLOAD));
        assert_eq!(kind("a.pdf", b""), Err(codes::document::UPLOAD));
        assert_eq!(kind("a.jpg", &vec![0xFF; MAX_UPLOAD + 1]), Err(codes::document::UPLOAD));
    }
}
