//! `hub document sign` and `verify`: electronic signatures of PDF files.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Call, Exit, unreadable};
use crate::boot::Hub;
use crate::clock;
use crate::crypto::{Authorities, FileKey, SigningKey, sha256_hex};
use crate::error::{Result, codes};
use crate::issue::{self, Checked, Sealing};
use crate::store::{Document, find_document_file_by_sha256};

#[derive(clap::Args)]
pub(super) struct SignArgs {
    #[arg(value_name = "FILE", help = "PDF 文件")]
    file: PathBuf,
    #[arg(long, value_name = "FILE", help = "私钥（PEM），或含私钥和证书的 PKCS#12 文件")]
    key: PathBuf,
    #[arg(long, value_name = "FILE", help = "签名人的证书（PEM），其后可跟证书链；PKCS#12 不用给")]
    certificate: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = "密钥口令写在这个文件里")]
    password_file: Option<PathBuf>,
    #[arg(long, value_name = "TEXT", help = "以谁的名义")]
    organ: String,
    #[arg(long, value_name = "TEXT", default_value = "用印", help = "签名事由")]
    reason: String,
    #[arg(short, long, value_name = "FILE", help = "写到这个文件")]
    output: PathBuf,
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| unreadable(path, &e))
}

pub(super) fn sign(hub: &Hub, call: &mut Call, args: &SignArgs) -> Result<()> {
    let password = args.password_file.as_deref().map(read).transpose()?;
    let password = password.map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned());
    let bytes = read(&args.key)?;
    let key = match &args.certificate {
        Some(certificate) => FileKey::from_pem(&bytes, &read(certificate)?, password.as_deref())?,
        None => FileKey::from_pkcs12(&bytes, password.as_deref().unwrap_or_default())?,
    };
    let sealing = Sealing { organ: &args.organ, reason: &args.reason, at: clock::now(), seal: None };
    let signed = issue::sign_pdf(&read(&args.file)?, &key, &sealing, hub.desk.faces()?)?;
    std::fs::write(&args.output, &signed).map_err(|e| unreadable(&args.output, &e))?;
    let scheme = key.scheme();
    call.out.either(&json!({ "file": args.output, "bytes": signed.len(), "scheme": scheme }), || {
        format!("已用 {} 签名，写到 {}。", scheme.title(), args.output.display())
    });
    Ok(())
}

pub(super) fn verify(hub: &Hub, call: &mut Call, file: &Path, trust: Option<&Path>) -> Result<Exit> {
    let bytes = read(file)?;
    let sha256 = sha256_hex(&bytes)?;
    let found = hub.store.read(|conn| find_document_file_by_sha256(conn, &sha256))?.map(|(_, it)| it);
    let signatures = signatures(&bytes, trust)?;
    let exit = match (&found, signatures.is_empty()) {
        _ if !signatures.iter().all(Checked::holds) => Exit::Findings,
        (Some(_), _) | (None, false) => Exit::Ok,
        (None, true) => Exit::NotFound,
    };
    let said =
        json!({ "sha256": sha256, "known": found.is_some(), "document": found, "signatures": signatures });
    call.out.either(&said, || describe(found.as_ref(), &signatures));
    Ok(exit)
}

/// The signatures of a PDF; a file of another kind has none.
fn signatures(bytes: &[u8], trust: Option<&Path>) -> Result<Vec<Checked>> {
    let authorities = match trust {
        Some(path) => Authorities::from_pem(&read(path)?)?,
        None => Authorities::default(),
    };
    match issue::check_pdf(bytes, &authorities, clock::now()) {
        Err(error) if error.code == codes::document::NOT_A_PDF => Ok(Vec::new()),
        checked => checked,
    }
}

fn describe(found: Option<&Document>, signatures: &[Checked]) -> String {
    let first = match found {
        Some(document) => format!(
            "《{}》{}，{}。",
            document.title,
            document.number.as_deref().unwrap_or_default(),
            document.state.title()
        ),
        None => "不是本中枢签发的文件，或内容已被改动。".to_owned(),
    };
    let rest = signatures.iter().map(Checked::sentence);
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n")
}
