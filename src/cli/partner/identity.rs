//! Who a command speaks as: key, secret and scheme, from flags or the environment.

use std::path::PathBuf;

use crate::error::{Error, Result, codes};
use crate::playing::Identity;
use crate::signing::{self, Keying};

#[derive(Clone, clap::Args)]
pub(super) struct Proof {
    #[arg(
        long,
        value_name = "ID:SECRET",
        env = "PARTNER_KEY",
        hide_env = true,
        help = "密钥编号和密钥；密钥也可放在环境变量 PARTNER_SECRET，只写编号（编号可放 PARTNER_KEY）"
    )]
    key: Option<String>,
    #[arg(long, env = "PARTNER_SECRET", hide = true, hide_env_values = true)]
    secret: Option<String>,
    #[arg(long, value_name = "FILE", help = "公钥方案用的私钥文件（PEM）", conflicts_with = "secret")]
    private_key: Option<PathBuf>,
    #[arg(
        long,
        value_name = "NAME",
        default_value = "hmac-sha256",
        help = "签名方案，默认 hmac-sha256；全部见 hub key schemes"
    )]
    scheme: String,
}

impl Proof {
    /// The identity of a partner that holds this proof.
    ///
    /// # Errors
    /// `parameter` when the scheme is unknown or key or secret is missing; `file` when the private key cannot be read.
    pub(super) fn of(self, partner: String) -> Result<Identity> {
        let scheme = signing::get(&self.scheme)?;
        let given = self.key.ok_or_else(|| {
            Error::new(codes::transport::PARAMETER, "没有给出密钥编号：请写 --key 编号:密钥。")
        })?;
        let (key, inline) = match given.split_once(':') {
            Some((key, secret)) => (key.to_owned(), Some(secret.to_owned())),
            None => (given, None),
        };
        let secret = match (&self.private_key, inline.or(self.secret)) {
            (Some(path), _) => std::fs::read_to_string(path).map_err(|e| {
                let detail = format!("读不了私钥文件 {}。", path.display());
                Error::new(codes::machine::FILE, detail).because(e)
            })?,
            (None, Some(secret)) if scheme.keying == Keying::Shared => secret,
            (None, _) => {
                let how = match scheme.keying {
                    Keying::Shared => "请写成 --key 编号:密钥，或把密钥放在环境变量 PARTNER_SECRET",
                    Keying::Pair => "这种方案用私钥签名，请加 --private-key",
                };
                return Err(Error::new(codes::transport::PARAMETER, format!("没有给出密钥：{how}。")));
            }
        };
        Ok(Identity { partner, key, secret, scheme })
    }
}
