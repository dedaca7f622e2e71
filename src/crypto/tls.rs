//! TLS for the server: certificate, key, and whose client certificates count.

use std::path::Path;

use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslVerifyMode, SslVersion};

use crate::error::{Error, Result, codes};

/// A TLS acceptor with TLS 1.2 and 1.3.
///
/// With `client_ca` it asks for client certificates and accepts those of that
/// authority; whether one must be shown is for the door to say, so that a caller without one is told so in words.
///
/// # Errors
/// `setting` naming the file that cannot be used.
pub fn acceptor(certificate: &Path, key: &Path, client_ca: Option<&Path>) -> Result<SslAcceptorBuilder> {
    let unusable = |what: &str, path: &Path| {
        let detail = format!("{what} {} 用不了：读不了、不是 PEM 格式，或与证书不成对。", path.display());
        move |e: openssl::error::ErrorStack| Error::new(codes::machine::SETTING, detail).because(e)
    };
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).map_err(super::failed)?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(super::failed)?;
    builder.set_certificate_chain_file(certificate).map_err(unusable("证书", certificate))?;
    builder.set_private_key_file(key, SslFiletype::PEM).map_err(unusable("私钥", key))?;
    builder.check_private_key().map_err(unusable("私钥", key))?;
    if let Some(ca) = client_ca {
        builder.set_ca_file(ca).map_err(unusable("客户端证书的签发机构证书", ca))?;
        builder.set_verify(SslVerifyMode::PEER);
        // Sessions resumed across processes would need it; without it OpenSSL refuses to resume with client certificates.
        builder.set_session_id_context(b"hub").map_err(super::failed)?;
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::acceptor;

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let here = Path::new(file!());
        let error = acceptor(here, here, None).err().unwrap();
        assert!(error.detail.contains("tls.rs"), "{}", error.detail);
    }
}
