//! Client certificates: shown to us directly, or to the proxy in front that tells us.
//!
//! A certificate is known by its SHA-256; the key row `cert-` and its first forty digits says whose it is.

use std::any::Any;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use actix_tls::accept::openssl as accept;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, web};

use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::store::KeyId;

/// What the server makes its acceptors from.
pub(super) type AcceptorBuilder = accept::reexports::SslAcceptorBuilder;

/// What is asked of partners' client certificates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientCertificate {
    /// Nothing: none is looked at.
    #[default]
    Off,
    /// One that is shown and registered stands for a signature.
    Optional,
    /// Partners must show one, whether they sign or not.
    Required,
}

/// Settings of TLS.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Certificate with its chain, PEM; none means plain HTTP behind a proxy.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
    /// Authorities of client certificates, PEM.
    pub client_ca: Option<PathBuf>,
    /// What is asked of client certificates.
    pub client: ClientCertificate,
    /// Proxies whose word about client certificates counts.
    pub proxies: Vec<IpAddr>,
}

impl Settings {
    /// Whether the settings fit together.
    ///
    /// # Errors
    /// `setting`, saying what is missing.
    pub fn check(&self) -> Result<()> {
        let wrong = |why: &str| Err(Error::new(codes::machine::SETTING, why));
        if self.certificate.is_some() != self.key.is_some() {
            return wrong("tls.certificate 和 tls.key 须同时设置。");
        }
        if self.client_ca.is_some() && self.certificate.is_none() {
            return wrong(
                "设置了 tls.client_ca 而没有 tls.certificate：由 nginx 验证客户端证书时，不要设 tls.client_ca，改设 tls.proxies。",
            );
        }
        let asked = self.client != ClientCertificate::Off;
        if asked && self.client_ca.is_none() && self.proxies.is_empty() {
            return wrong(
                "tls.client 要求客户端证书，须设置 tls.client_ca（中枢自己验证）或 tls.proxies（由反向代理验证）。",
            );
        }
        Ok(())
    }

    pub(super) fn acceptor_builder(&self) -> Result<Option<AcceptorBuilder>> {
        self.check()?;
        let (Some(certificate), Some(key)) = (&self.certificate, &self.key) else { return Ok(None) };
        crypto::acceptor(certificate, key, self.client_ca.as_deref()).map(Some)
    }
}

/// SHA-256 of the certificate a connection was opened with, lower-case hex.
#[derive(Debug, Clone)]
struct Shown(String);

/// Remembers the client certificate of a new TLS connection; the handshake has verified it.
pub(super) fn on_connect(connection: &dyn Any, data: &mut Extensions) {
    let stream = connection.downcast_ref::<accept::TlsStream<TcpStream>>();
    let der = stream.and_then(|it| it.ssl().peer_certificate()).and_then(|it| it.to_der().ok());
    if let Some(fingerprint) = der.and_then(|it| crypto::sha256_hex(&it).ok()) {
        data.insert(Shown(fingerprint));
    }
}

/// The key id of the certificate this request came with, if it came with one that was verified.
///
/// # Errors
/// `key_unusable` when the proxy passes on what is no certificate.
pub(super) fn certificate(req: &HttpRequest, settings: &Settings) -> Result<Option<KeyId>> {
    if settings.client == ClientCertificate::Off {
        return Ok(None);
    }
    if let Some(Shown(fingerprint)) = req.conn_data::<Shown>() {
        return Ok(Some(key_id(fingerprint)));
    }
    // Anybody may send these headers; they count only from a proxy that sets them itself.
    let trusted = req.peer_addr().is_some_and(|peer| settings.proxies.contains(&peer.ip()));
    let header = |name: &str| req.headers().get(name).and_then(|it| it.to_str().ok());
    match (trusted, header("X-Client-Verify"), header("X-Client-Certificate")) {
        (true, Some("SUCCESS"), Some(escaped)) => {
            let pem = unescaped(escaped);
            crypto::certificate_fingerprint(&pem).map(|it| Some(key_id(&it)))
        }
        _ => Ok(None),
    }
}

/// nginx percent-encodes the PEM (`$ssl_client_escaped_cert`).
fn unescaped(text: &str) -> String {
    let pair = format!("pem={text}");
    let read = web::Query::<BTreeMap<String, String>>::from_query(&pair);
    read.ok().and_then(|mut it| it.remove("pem")).unwrap_or_default()
}

/// The id of the key row that says whose certificate this is.
#[must_use]
pub fn key_id(fingerprint: &str) -> KeyId {
    let short: String = fingerprint.chars().take(40).collect();
    KeyId::from(format!("cert-{short}"))
}

#[cfg(test)]
mod tests {
    use super::{ClientCertificate, Settings};

    #[test]
    fn settings_that_would_check_nothing_are_refused() {
        let wrong = |settings: Settings| settings.check().unwrap_err().detail;
        let asked = Settings { client: ClientCertificate::Required, ..Settings::default() };
        assert!(wrong(asked.clone()).contains("tls.proxies"));
        assert!(wrong(Settings { certificate: Some("a".into()), ..Settings::default() }).contains("tls.key"));
        assert!(
            wrong(Settings { client_ca: Some("a".into()), ..Settings::default() })
                .contains("tls.certificate")
        );
        Settings { proxies: vec![[127, 0, 0, 1].into()], ..asked }.check().unwrap();
    }
}
