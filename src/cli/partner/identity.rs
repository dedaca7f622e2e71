//! Who a command speaks as and to which hub: key, secret and scheme, from flags or the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result, codes};
use crate::playing::{Identity, Line};
use crate::signing::{self, Keying};

/// How long a hub may take for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

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
    #[arg(long, value_name = "FILE", help = "中枢证书由单位自建的机构签发时，该机构的证书（PEM）")]
    ca: Option<PathBuf>,
}

impl Proof {
    /// The line of a partner that holds this proof to the hub at an address.
    ///
    /// # Errors
    /// `parameter` when the scheme is unknown or key or secret is missing; `file` when private key or authority cannot be read.
    pub(super) fn line(self, to: &str, partner: String) -> Result<Line> {
        if !to.starts_with("http://") && !to.starts_with("https://") {
            let detail = format!("“{to}”不是中枢的网址，应以 http:// 或 https:// 开头。");
            return Err(Error::new(codes::transport::PARAMETER, detail));
        }
        let ca = self.ca.as_deref().map(read).transpose()?;
        let identity = self.of(partner)?;
        Line::new(to, identity, ANSWER_WITHIN, ca.as_deref())
    }

    fn of(self, partner: String) -> Result<Identity> {
        let scheme = signing::get(&self.scheme)?;
        let given = self.key.ok_or_else(|| {
            Error::new(codes::transport::PARAMETER, "没有给出密钥编号：请写 --key 编号:密钥。")
        })?;
        let (key, inline) = match given.split_once(':') {
            Some((key, secret)) => (key.to_owned(), Some(secret.to_owned())),
            None => (given, None),
        };
        let secret = match (&self.private_key, inline.or(self.secret)) {
            (Some(path), _) => String::from_utf8_lossy(&read(path)?).into_owned(),
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

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|e| Error::new(codes::machine::FILE, format!("读不了文件 {}。", path.display())).because(e))
}
