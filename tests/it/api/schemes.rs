//! Keys of every scheme, over real requests; SM2 signed by the openssl program.

use std::path::Path;
use std::process::Command;

use crate::support::app::{App, Client, Reply};
use crate::support::command::{expect, hub};
use crate::support::parcels::{message, row};

const SM2: &str = "src/crypto/sm2/gbt32918-5";

fn openssl(args: &[&str]) -> Vec<u8> {
    let out = Command::new("openssl").args(args).output().unwrap();
    assert!(out.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn rsa(dir: &Path, bits: &str) -> (String, String) {
    let private = dir.join(format!("rsa-{bits}.pem"));
    let path = private.to_str().unwrap();
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}"), "-out", path]);
    let public = openssl(&["pkey", "-in", path, "-pubout"]);
    (String::from_utf8(public).unwrap(), std::fs::read_to_string(private).unwrap())
}

#[test]
fn every_scheme_opens_the_door_once_and_only_with_its_own_key() {
    let app = App::start();
    let dir = tempfile::tempdir().unwrap();
    let sm2 = (file(&format!("{SM2}.public.pem")), file(&format!("{SM2}.private.pem")));
    let rsa = rsa(dir.path(), "2048");
    let pair = |scheme: &str| match scheme {
        "sm2-sm3" => Some((sm2.0.as_str(), sm2.1.as_str())),
        "rsa-sha256" => Some((rsa.0.as_str(), rsa.1.as_str())),
        _ => None,
    };
    for (n, scheme) in (1..).zip(hub::signing::SCHEMES) {
        let client = app.signing("trial", scheme.name, pair(scheme.name));
        let body = message(&format!("M-{}", scheme.name), &[row(n)]);
        let request = client.post("parcels", body).header("gjzwfwpt_sid", "parcels");
        request.clone().send().expect(200);
        assert_eq!(request.clone().send().expect(401).code(), "E1010", "{}", scheme.name);
        assert_eq!(request.at(-91).send().expect(401).code(), "E1009", "{}", scheme.name);

        let other = app.signing("trial", scheme.name, pair(scheme.name));
        if scheme.keying == hub::signing::Keying::Shared {
            let wrong = other.post("parcels", "{}").header("gjzwfwpt_sid", "parcels").secret("another");
            let refused = wrong.send().expect(401);
            assert_eq!(refused.code(), "E1011", "{}", scheme.name);
            assert!(!refused.text.contains("another"), "no secret is shown: {}", refused.text);
        }
    }
}

#[test]
fn a_key_is_judged_by_its_own_scheme_only() {
    let app = App::start();
    let strong = app.partner("trial");
    let weak = Client::new(&app.base, "trial", &strong.key, &app.secret(&strong.key)).signing("gateway-md5");
    let refused = weak.send("parcels", message("M1", &[row(1)])).expect(401);
    assert_eq!(refused.code(), "E1041");
    assert!(refused.text.contains("中枢签名头（HMAC-SHA256）"), "{}", refused.text);
}

#[test]
fn a_signature_by_the_openssl_program_is_taken() {
    let app = App::start();
    let public = file(&format!("{SM2}.public.pem"));
    let client = app.signing("trial", "sm2-sm3", Some((&public, &file(&format!("{SM2}.private.pem")))));
    let body = message("M1", &[row(1)]);
    let (timestamp, nonce) = (hub::clock::now().timestamp().to_string(), "nonce-from-a-shell");
    let digest = hub::crypto::sha256_hex(&body).unwrap();
    let lines = ["POST", "/api/v1/exchange/trial/parcels", "", &client.key, &timestamp, nonce, &digest];
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("text");
    std::fs::write(&text, lines.join("\n")).unwrap();
    let private = format!("{}/{SM2}.private.pem", env!("CARGO_MANIFEST_DIR"));
    let id = "distid:1234567812345678";
    let signature = openssl(&["dgst", "-sm3", "-sign", &private, "-sigopt", id, text.to_str().unwrap()]);
    let request = reqwest::blocking::Client::new()
        .post(format!("{}/api/v1/exchange/trial/parcels", app.base))
        .header("X-Hub-Key", &client.key)
        .header("X-Hub-Timestamp", &timestamp)
        .header("X-Hub-Nonce", nonce)
        .header("X-Hub-Signature", hub::crypto::base64(&signature));
    Reply::of(request.body(body).send().unwrap()).expect(200);

    // And the other way round: the program verifies what the hub signs.
    let ours =
        hub::crypto::sm2_sign(&file(&format!("{SM2}.private.pem")), lines.join("\n").as_bytes()).unwrap();
    let (signed, public) =
        (dir.path().join("signature"), format!("{}/{SM2}.public.pem", env!("CARGO_MANIFEST_DIR")));
    std::fs::write(&signed, ours).unwrap();
    let (signed, text) = (signed.to_str().unwrap(), text.to_str().unwrap());
    let said = openssl(&["dgst", "-sm3", "-verify", &public, "-signature", signed, "-sigopt", id, text]);
    assert_eq!(String::from_utf8(said).unwrap().trim(), "Verified OK");
}

#[test]
fn keys_are_made_for_a_scheme_and_changed_over_with_both_alive() {
    let dir = tempfile::tempdir().unwrap();
    expect(0, hub(dir.path()).arg("migrate"));
    let create =
        |args: &[&str]| expect(0, hub(dir.path()).args(["--json", "key", "create", "trial"]).args(args));
    let public = format!("{}/{SM2}.public.pem", env!("CARGO_MANIFEST_DIR"));
    let made = create(&["--scheme", "sm2-sm3", "--public-key", &public]);
    let made: serde_json::Value = serde_json::from_str(&made.out).unwrap();
    assert_eq!((&made["scheme"], &made["secret"]), (&"sm2-sm3".into(), &serde_json::Value::Null));
    let old = made["key"].as_str().unwrap();
    let rotated = expect(0, hub(dir.path()).args(["--json", "key", "rotate", old, "--public-key", &public]));
    let rotated: serde_json::Value = serde_json::from_str(&rotated.out).unwrap();
    assert_eq!(rotated["scheme"], "sm2-sm3");
    let listed = expect(0, hub(dir.path()).args(["key", "list", "trial"])).out;
    assert_eq!(listed.matches("有效").count(), 2, "{listed}");

    let short = dir.path().join("short.pem");
    std::fs::write(&short, rsa(dir.path(), "1024").0).unwrap();
    let refused = |scheme: &str, key: &Path| {
        let mut command = hub(dir.path());
        command.args(["key", "create", "trial", "--scheme", scheme, "--public-key"]).arg(key);
        let said = crate::support::command::run(&mut command);
        assert_ne!(said.code, 0, "{scheme}");
        said.err
    };
    assert!(refused("rsa-sha256", &short).contains("只有 1024 位"));
    assert!(refused("sm2-sm3", &short).contains("不是 SM2"));
    assert!(refused("hmac-sha256", &short).contains("不需要 --public-key"));
    assert!(refused("rot13", &short).contains("现有：hmac-sha256、sm2-sm3"));
    assert!(refused("client-certificate", &short).contains("不是 PEM 格式的证书"));
    let bare =
        crate::support::command::run(hub(dir.path()).args(["key", "create", "trial", "--scheme", "sm2-sm3"]));
    assert!(bare.err.contains("--public-key"), "{}", bare.err);
}
