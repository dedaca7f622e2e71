//! Client certificates, shown to the hub itself (by curl) or told by a proxy in front.

use std::path::{Path, PathBuf};
use std::process::Command;

use hub::store::{PartnerKey, revoke_key};
use hub::{clock, crypto};

use crate::support::app::{App, Client, key};
use crate::support::parcels::{message, row};

/// An authority with a certificate for the hub and two for partners.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn new() -> Self {
        let here = Self(tempfile::tempdir().unwrap());
        here.openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Authority -keyout ca.key -out ca.crt",
        );
        std::fs::write(here.path("san"), "subjectAltName=IP:127.0.0.1").unwrap();
        for (name, extra) in [("hub", " -extfile san"), ("tax", ""), ("stranger", "")] {
            here.openssl(&format!(
                "req -newkey rsa:2048 -nodes -subj /O=人防办/CN={name} -utf8 -keyout {name}.key -out {name}.csr"
            ));
            here.openssl(&format!(
                "x509 -req -days 2 -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out {name}.crt{extra}"
            ));
        }
        here
    }

    fn openssl(&self, args: &str) {
        let out = Command::new("openssl").current_dir(self.0.path()).args(args.split(' ')).output().unwrap();
        assert!(out.status.success(), "openssl {args}: {}", String::from_utf8_lossy(&out.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A hub with TLS of its own.
    fn hub(&self, client: &str) -> App {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        App::with(&[
            ("tls.certificate", &path("hub.crt")),
            ("tls.key", &path("hub.key")),
            ("tls.client_ca", &path("ca.crt")),
            ("tls.client", client),
        ])
    }
}

fn register(app: &App, partner: &str, pem: &str) -> PartnerKey {
    let id = hub::web::certificate_key(&crypto::certificate_fingerprint(pem).unwrap());
    let row = PartnerKey {
        id,
        scheme: hub::web::CERTIFICATE.to_owned(),
        public_key: Some(pem.to_owned()),
        ..key(partner)
    };
    app.register(&row);
    row
}

/// Sends with curl, which can show a certificate from files; the answer's status and text.
fn curl(
    app: &App,
    of: &Certificates,
    with: Option<&str>,
    headers: &[(String, String)],
    body: &Path,
) -> (String, String) {
    let url = format!("https://{}/api/v1/exchange/trial/parcels", app.base.trim_start_matches("http://"));
    let mut command = Command::new("curl");
    command.args(["-sS", "-w", "\n%{http_code}", "--cacert"]).arg(of.path("ca.crt"));
    if let Some(name) = with {
        command
            .arg("--cert")
            .arg(of.path(&format!("{name}.crt")))
            .arg("--key")
            .arg(of.path(&format!("{name}.key")));
    }
    for (name, value) in headers {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    command.arg("--data-binary").arg(format!("@{}", body.display())).arg(url);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let (answer, status) = text.rsplit_once('\n').unwrap();
    (status.to_owned(), answer.to_owned())
}

#[test]
fn a_registered_certificate_stands_for_a_signature() {
    let files = Certificates::new();
    let app = files.hub("required");
    let body = files.path("body");
    std::fs::write(&body, message("M1", &[row(1)])).unwrap();

    let (status, text) = curl(&app, &files, None, &[], &body);
    assert!(status == "401" && text.contains("E1043"), "{status} {text}");
    let (status, text) = curl(&app, &files, Some("tax"), &[], &body);
    assert!(status == "401" && text.contains("E1042"), "{status} {text}");
    let certificate = register(&app, "trial", &files.text("tax.crt"));
    let (status, text) = curl(&app, &files, Some("tax"), &[], &body);
    assert!(status == "200", "{status} {text}");

    // With a signature as well, both must be of the same partner.
    register(&app, "trial-neighbour", &files.text("stranger.crt"));
    let signed = app.partner("trial").post("parcels", std::fs::read(&body).unwrap()).signed();
    let (status, text) = curl(&app, &files, Some("stranger"), &signed, &body);
    assert!(status == "403" && text.contains("E1008"), "{status} {text}");
    let (status, text) = curl(&app, &files, Some("tax"), &signed, &body);
    assert!(status == "200", "{status} {text}");

    app.hub.store.write(|conn| revoke_key(conn, &certificate.id, clock::now())).unwrap();
    let (status, text) = curl(&app, &files, Some("tax"), &[], &body);
    assert!(status == "401" && text.contains("E1006"), "{status} {text}");
}

#[test]
fn a_certificate_nobody_we_trust_has_signed_opens_nothing() {
    let (files, others) = (Certificates::new(), Certificates::new());
    let app = files.hub("optional");
    register(&app, "trial", &others.text("tax.crt"));
    let mut command = Command::new("curl");
    command.args(["-sS", "--cacert"]).arg(files.path("ca.crt"));
    command.arg("--cert").arg(others.path("tax.crt")).arg("--key").arg(others.path("tax.key"));
    command.arg(format!("https://{}/healthz", app.base.trim_start_matches("http://")));
    let out = command.output().unwrap();
    assert!(!out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

#[test]
fn a_proxys_word_counts_only_from_the_proxy() {
    let files = Certificates::new();
    let escaped = |name: &str| {
        files
            .text(name)
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    let send = |app: &App, verify: &str| {
        let http = reqwest::blocking::Client::new();
        let request = http
            .post(format!("{}/api/v1/exchange/trial/parcels", app.base))
            .header("X-Client-Verify", verify)
            .header("X-Client-Certificate", escaped("tax.crt"));
        crate::support::app::Reply::of(request.body(message("M1", &[row(1)])).send().unwrap())
    };
    let behind = App::with(&[("tls.client", "optional"), ("tls.proxies", "127.0.0.1")]);
    register(&behind, "trial", &files.text("tax.crt"));
    send(&behind, "SUCCESS").expect(200);
    assert_eq!(send(&behind, "FAILED").expect(401).code(), "E1003");
    for settings in [
        [("tls.client", "optional"), ("tls.proxies", "192.0.2.1")],
        [("tls.client", "off"), ("tls.proxies", "")],
    ] {
        let app = App::with(&settings);
        register(&app, "trial", &files.text("tax.crt"));
        assert_eq!(send(&app, "SUCCESS").expect(401).code(), "E1003");
    }
    // A signed request goes on as ever.
    let client: Client = behind.partner("trial");
    client.send("parcels", message("M2", &[row(2)])).expect(200);
}
