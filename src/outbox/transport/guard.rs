//! Where deliveries may go: the hosts an administrator listed, and nowhere else.
//!
//! An address typed into a subscription could otherwise make the hub call whatever it can reach (server-side request forgery).
//! A name counts only as listed: what it resolves to is the business of the city's DNS, which the list trusts.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result, codes};

/// The hosts that may be delivered to; empty allows none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allow(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// `host` or `host:port`.
    Host(String, Option<u16>),
    /// `*.suffix`: every name below it.
    Below(String),
    /// `10.1.0.0/16`: addresses written as numbers.
    Net(IpAddr, u8),
}

impl Allow {
    /// Reads a list separated by commas: `tax.example.gov.cn`, `*.example.gov.cn`, `10.1.2.3:8443`, `10.1.0.0/16`.
    ///
    /// # Errors
    /// The rule, in Chinese, that an entry breaks.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        entries.map(rule).collect::<std::result::Result<_, _>>().map(Self)
    }

    /// The address, when it may be delivered to.
    ///
    /// # Errors
    /// `url_not_allowed` with the reason.
    pub fn check(&self, url: &str) -> Result<Url> {
        let refuse = |why: String| Error::new(codes::record::URL_NOT_ALLOWED, why);
        let parsed = Url::parse(url).map_err(|e| refuse(format!("“{url}”不是完整的网址。")).because(e))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(refuse(format!("“{url}”应以 https:// 或 http:// 开头。")));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(refuse("网址里不能写用户名和口令。".to_owned()));
        }
        let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let port = parsed.port_or_known_default();
        if self.0.iter().any(|it| it.admits(&host, port)) {
            return Ok(parsed);
        }
        Err(refuse(format!("没有允许向“{host}”投递；请系统管理员把它加进配置 outbox.allow。")))
    }
}

fn rule(text: &str) -> std::result::Result<Rule, String> {
    let wrong = || format!("“{text}”应为主机名、主机名:端口、*.域名 或 网段（10.1.0.0/16）");
    if let Some(suffix) = text.strip_prefix("*.") {
        return if suffix.contains('.') {
            Ok(Rule::Below(suffix.to_ascii_lowercase()))
        } else {
            Err(wrong())
        };
    }
    if let Some((net, bits)) = text.split_once('/') {
        let net: IpAddr = net.parse().map_err(|_no_address| wrong())?;
        let most = if net.is_ipv4() { 32 } else { 128 };
        let bits: u8 = bits.parse().ok().filter(|it| *it <= most).ok_or_else(wrong)?;
        return Ok(Rule::Net(net, bits));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Rule::Host(address.to_string(), None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().map_err(|_no_port| wrong())?)),
        None => (text, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if host.is_empty() || !host.chars().all(plain) {
        return Err(wrong());
    }
    Ok(Rule::Host(host.to_ascii_lowercase(), port))
}

impl Rule {
    fn admits(&self, host: &str, port: Option<u16>) -> bool {
        match self {
            Self::Host(listed, at) => listed == host && at.is_none_or(|it| Some(it) == port),
            Self::Below(suffix) => host.strip_suffix(suffix.as_str()).is_some_and(|it| it.ends_with('.')),
            Self::Net(net, bits) => host.parse().is_ok_and(|it| within(*net, *bits, it)),
        }
    }
}

fn within(net: IpAddr, bits: u8, it: IpAddr) -> bool {
    let shifted =
        |value: u128, width: u8| value.checked_shr(u32::from(width.saturating_sub(bits))).unwrap_or(0);
    match (net, it) {
        (IpAddr::V4(net), IpAddr::V4(it)) => {
            let value = |at: std::net::Ipv4Addr| u128::from(u32::from(at));
            shifted(value(net), 32) == shifted(value(it), 32)
        }
        (IpAddr::V6(net), IpAddr::V6(it)) => shifted(u128::from(net), 128) == shifted(u128::from(it), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_reached() {
        let allow =
            Allow::parse("tax.example.gov.cn, *.city.example.cn, 10.1.0.0/16, 127.0.0.1:8443, ::1").unwrap();
        for url in [
            "https://tax.example.gov.cn/in",
            "https://TAX.example.gov.cn:9000/in",
            "http://a.b.city.example.cn/",
            "http://10.1.255.1/x",
            "http://127.0.0.1:8443/",
            "http://[::1]:99/",
        ] {
            assert!(allow.check(url).is_ok(), "{url}");
        }
        for url in [
            "https://tax.example.gov.cn.evil.example/",
            "http://city.example.cn/",
            "http://evilcity.example.cn/",
            "http://10.2.0.1/",
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            // Another spelling of 127.0.0.1, which the parser of addresses brings into its usual form.
            "http://2130706433/",
            "http://user:pw@tax.example.gov.cn/",
            "ftp://tax.example.gov.cn/",
            "file:///etc/passwd",
            "tax.example.gov.cn",
        ] {
            assert!(allow.check(url).is_err(), "{url}");
        }
        assert!(Allow::default().check("http://127.0.0.1/").is_err(), "an empty list allows none");
        for wrong in ["*.cn", "10.0.0.0/33", "a b", "host:port", "http://x"] {
            assert!(Allow::parse(wrong).is_err(), "{wrong}");
        }
    }
}
