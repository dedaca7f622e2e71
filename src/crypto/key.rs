//! Keys that sign documents. A key file is read at start; a token or a signing machine can stand behind the same trait.

use openssl::hash::MessageDigest;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use openssl::x509::X509;

use super::certificate::Certificate;
use super::{failed, sm2};
use crate::error::{Error, Result, codes};

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// RSA (PKCS#1 v1.5) with SHA-256: what every PDF reader checks.
    RsaSha256,
    /// SM2 with SM3 (GB/T 32918, GB/T 32905): what the law on electronic seals asks for; common PDF readers cannot check it.
    Sm2Sm3,
}

impl Scheme {
    /// As people write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Scheme::RsaSha256 => "RSA/SHA-256",
            Scheme::Sm2Sm3 => "SM2/SM3",
        }
    }
}

/// Whatever can sign in somebody's name: a key file, a token (PKCS#11), a signing machine. The private key need not be in this process.
pub trait SigningKey: Send + Sync {
    /// How it signs.
    fn scheme(&self) -> Scheme;
    /// The certificate of the signer.
    fn certificate(&self) -> &Certificate;
    /// Certificates between the signer's and that of an authority, to be sent along.
    fn chain(&self) -> &[Certificate];
    /// The signature of a message by [`SigningKey::scheme`]; SM2 in DER.
    ///
    /// # Errors
    /// When the key cannot be reached or refuses.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

/// A key read from a file, held in memory.
pub struct FileKey {
    key: PKey<Private>,
    scheme: Scheme,
    certificate: Certificate,
    chain: Vec<Certificate>,
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileKey").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn refused(detail: &str) -> Error {
    Error::new(codes::machine::SETTING, format!("签名密钥不可用：{detail}"))
}

impl FileKey {
    /// From PEM: the private key, and the certificate of the signer with any others of its chain behind it.
    ///
    /// # Errors
    /// When one of them cannot be read, they do not belong together, or the key is of another kind than RSA or SM2.
    pub fn from_pem(key: &[u8], certificates: &[u8], password: Option<&str>) -> Result<Self> {
        // Without a password the library would ask for one on the terminal; an empty one makes it fail instead.
        let key = PKey::private_key_from_pem_passphrase(key, password.unwrap_or_default().as_bytes())
            .map_err(|cause| refused("私钥读不出来，或口令不对。").because(cause))?;
        let mut found = X509::stack_from_pem(certificates)
            .map_err(|cause| refused("证书读不出来。").because(cause))?
            .into_iter()
            .map(Certificate);
        let certificate = found.next().ok_or_else(|| refused("证书文件里没有证书。"))?;
        Self::new(key, certificate, found.collect())
    }

    /// From PKCS#12 (`.p12`, `.pfx`).
    ///
    /// # Errors
    /// As [`FileKey::from_pem`].
    pub fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self> {
        let parsed = Pkcs12::from_der(bytes)
            .and_then(|it| it.parse2(password))
            .map_err(|cause| refused("PKCS#12 文件读不出来，或口令不对。").because(cause))?;
        let (Some(key), Some(certificate)) = (parsed.pkey, parsed.cert) else {
            return Err(refused("PKCS#12 文件里没有私钥或证书。"));
        };
        let chain = parsed.ca.into_iter().flatten().map(Certificate).collect();
        Self::new(key, Certificate(certificate), chain)
    }

    fn new(key: PKey<Private>, certificate: Certificate, chain: Vec<Certificate>) -> Result<Self> {
        let scheme = if sm2::is_sm2(&key) {
            Scheme::Sm2Sm3
        } else if key.rsa().is_ok() {
            Scheme::RsaSha256
        } else {
            return Err(refused("只支持 RSA 和 SM2 密钥。"));
        };
        let own = key.public_key_to_der().map_err(failed)?;
        let certified = certificate.0.public_key().and_then(|it| it.public_key_to_der()).map_err(failed)?;
        if own != certified {
            return Err(refused("证书不是这把私钥的。"));
        }
        Ok(Self { key, scheme, certificate, chain })
    }
}

impl SigningKey for FileKey {
    fn scheme(&self) -> Scheme {
        self.scheme
    }

    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        if self.scheme == Scheme::Sm2Sm3 {
            return sm2::sign(&self.key, message);
        }
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).map_err(failed)?;
        signer.sign_oneshot_to_vec(message).map_err(failed)
    }
}
