//! The table of schemes, in the order people are shown them.

mod gateway_md5;
mod hmac_sha256;
mod irs_hmac_sha256;
mod national_hmac_sha256;
mod rsa_sha256;
mod sm2_sm3;

use super::Scheme;

/// Every scheme a key can be of.
pub const SCHEMES: &[&Scheme] = &[
    &hmac_sha256::SCHEME,
    &sm2_sm3::SCHEME,
    &rsa_sha256::SCHEME,
    &irs_hmac_sha256::SCHEME,
    &national_hmac_sha256::SCHEME,
    &gateway_md5::SCHEME,
];
