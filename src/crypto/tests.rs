//! Published vectors, and what each function promises.

use super::*;

#[test]
fn digests_match_their_vectors() {
    // GB/T 32905-2016 appendix A, examples 1 and 2.
    assert_eq!(sm3_hex(b"abc").unwrap(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_eq!(
        sm3_hex("abcd".repeat(16).as_bytes()).unwrap(),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    );
    // FIPS 180-4.
    assert_eq!(
        sha256_hex(b"abc").unwrap(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn a_digest_fed_in_pieces_is_the_same() {
    let mut pieces = Sha256::new().unwrap();
    pieces.update(b"a").unwrap();
    pieces.update(b"bc").unwrap();
    assert_eq!(pieces.finish_hex().unwrap(), sha256_hex(b"abc").unwrap());
}

#[test]
fn hmac_matches_rfc_4231() {
    // Test case 2, and test case 6 with a key longer than a block.
    let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?").unwrap();
    assert_eq!(hex(&mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    let mac = hmac_sha256(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First").unwrap();
    assert_eq!(hex(&mac), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

#[test]
fn partner_secrets_are_derived_and_differ() {
    let master = MasterKey::new([7; 32]).unwrap();
    let secret = master.partner_secret("k1").unwrap();
    assert_eq!(secret, hmac_sha256_base64(&[7; 32], b"partner-key:k1").unwrap());
    assert_ne!(secret, master.partner_secret("k2").unwrap());
    assert!(MasterKey::new([7; 31]).is_err());
    assert_eq!(format!("{master:?}"), "MasterKey(…)");
}

#[test]
fn passwords_verify_and_salts_differ() {
    let stored = hash_password("正确的密码-1").unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    assert!(verify_password("正确的密码-1", &stored));
    assert!(!verify_password("错误的密码-1", &stored));
    assert!(!verify_password("", "not a hash"));
    assert_ne!(stored, hash_password("正确的密码-1").unwrap());
}

#[test]
fn comparison_looks_at_length_and_content() {
    assert!(constant_time_eq(b"abc", b"abc"));
    assert!(!constant_time_eq(b"abc", b"abd"));
    assert!(!constant_time_eq(b"abc", b"abcd"));
}

#[test]
fn random_tokens_are_long_and_differ() {
    let token = random_token().unwrap();
    assert_eq!(token.len(), 64);
    assert_ne!(token, random_token().unwrap());
}

#[test]
fn md5_matches_rfc_1321() {
    assert_eq!(hex(&md5(b"").unwrap()), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(hex(&md5(b"message digest").unwrap()), "f96b697d7cb7938d525a2f31aaf161d0");
}

#[test]
fn hexadecimal_is_read_in_either_case_and_whole() {
    assert_eq!(from_hex("00fFAb"), Some(vec![0, 255, 171]));
    for odd in ["0", "0g", "+1", "国"] {
        assert_eq!(from_hex(odd), None, "{odd}");
    }
}
