//! Signatures of PDF files: made here, read by `pdfsig` and `openssl`, and refused when a byte differs.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, Utc};
use hub::crypto::{Authorities, FileKey, Standing};
use hub::document::layout::item::{Glyphs, Ink, Item};
use hub::document::pdf::signature::VisibleSeal;
use hub::issue::{ChangeAfter, Checked, Sealing, check_pdf, sign_pdf};

use super::{files, fonts, kinds, read, sample};

const ORGAN: &str = "嘉兴市人民防空办公室";

/// Keys and certificates of a test authority, made by the `openssl` command.
struct Keys(tempfile::TempDir);

impl Keys {
    fn make() -> Self {
        let script = r#"
set -e
printf "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n" > leaf.cnf
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -utf8 -subj "/C=CN/O=测试机构/CN=RSA root" -addext "basicConstraints=critical,CA:TRUE"
openssl req -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.csr -utf8 -subj "/C=CN/O=嘉兴市人民防空办公室/CN=电子公章测试"
openssl x509 -req -in rsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1825 -out rsa.pem -extfile leaf.cnf
openssl pkcs12 -export -inkey rsa.key -in rsa.pem -certfile ca.pem -passout pass:geheim -out rsa.p12
openssl ecparam -name SM2 -genkey -noout -out sm2ca.key
openssl req -x509 -new -key sm2ca.key -sm3 -sigopt distid:1234567812345678 -out sm2ca.pem -days 3650 -subj "/C=CN/O=Test/CN=SM2 root" -addext "basicConstraints=critical,CA:TRUE"
openssl ecparam -name SM2 -genkey -noout -out sm2.key
openssl req -new -key sm2.key -sm3 -sigopt distid:1234567812345678 -out sm2.csr -subj "/C=CN/O=Test/CN=SM2 signer"
openssl x509 -req -in sm2.csr -CA sm2ca.pem -CAkey sm2ca.key -CAcreateserial -days 1825 -sm3 -sigopt distid:1234567812345678 -vfyopt distid:1234567812345678 -out sm2.pem -extfile leaf.cnf
"#;
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("sh").args(["-c", script]).current_dir(folder.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self(folder)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    fn key(&self, name: &str) -> FileKey {
        let (key, certificate) = (self.read(&format!("{name}.key")), self.read(&format!("{name}.pem")));
        FileKey::from_pem(&key, &certificate, None).unwrap()
    }

    fn trust(&self) -> Authorities {
        Authorities::from_pem(&[self.read("ca.pem"), self.read("sm2ca.pem")].concat()).unwrap()
    }
}

fn now() -> DateTime<Utc> {
    // Now, because the certificates were made just now.
    hub::clock::now()
}

fn letter() -> Vec<u8> {
    let kinds = kinds(&files("tests/documents"));
    sample(kinds.get("short_letter").unwrap(), &fonts()).0.pdf
}

fn signed(pdf: &[u8], key: &FileKey, seal: Option<VisibleSeal<'_>>) -> Vec<u8> {
    let sealing = Sealing { organ: ORGAN, reason: "用印", at: now(), seal };
    sign_pdf(pdf, key, &sealing, &fonts()).unwrap()
}

fn check(pdf: &[u8], keys: &Keys) -> Vec<Checked> {
    check_pdf(pdf, &keys.trust(), now()).unwrap()
}

fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn pdfsig(file: &Path) -> String {
    let output = Command::new("pdfsig").arg("-nocert").arg(file).output();
    let output = output.expect("pdfsig cannot be run; `make setup` installs poppler-utils");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn other_readers_accept_an_rsa_signature_and_the_file_around_it() {
    let keys = Keys::make();
    let before = letter();
    let after = signed(&before, &keys.key("rsa"), None);
    assert!(after.starts_with(&before), "the signed bytes are kept as they were");
    let file = kept("signed-rsa.pdf", &after);
    read::check(&file);
    let said = pdfsig(&file);
    assert!(said.contains("Signature is Valid."), "{said}");
    assert!(said.contains("Total document signed"), "{said}");
    assert!(said.contains("ETSI.CAdES.detached") && said.contains("SHA-256"), "{said}");
    let found = check(&after, &keys);
    let [one] = &found[..] else { panic!("{found:?}") };
    assert!(one.holds() && one.change == ChangeAfter::None && one.standing == Standing::Trusted, "{one:?}");
    assert_eq!(one.organ, ORGAN);
    assert!(one.holder.contains("CN=电子公章测试"), "{}", one.holder);
    assert_eq!(one.scheme, "RSA/SHA-256");
    let stranger = check_pdf(&after, &Authorities::default(), now()).unwrap();
    assert_eq!(stranger[0].standing, Standing::Unknown);
}

#[test]
fn a_key_file_with_password_signs_too() {
    let keys = Keys::make();
    assert!(FileKey::from_pkcs12(&keys.read("rsa.p12"), "falsch").is_err());
    let key = FileKey::from_pkcs12(&keys.read("rsa.p12"), "geheim").unwrap();
    assert!(check(&signed(&letter(), &key, None), &keys)[0].holds());
    let other = FileKey::from_pem(&keys.read("rsa.key"), &keys.read("ca.pem"), None);
    assert!(other.unwrap_err().to_string().contains("证书不是这把私钥的"));
}

#[test]
fn one_byte_changed_anywhere_is_seen() {
    let keys = Keys::make();
    for name in ["rsa", "sm2"] {
        let whole = signed(&letter(), &keys.key(name), None);
        assert!(check(&whole, &keys)[0].holds());
        let hole = whole.windows(10).rposition(|it| it == b"/Contents<").unwrap() + 10;
        // In the text of the page, at the very start of the signature, in its middle, in the last line.
        for at in [2_000, hole, hole + 600, whole.len() - 3] {
            let mut bad = whole.clone();
            bad[at] = if bad[at] == b'0' { b'1' } else { b'0' };
            match check_pdf(&bad, &keys.trust(), now()) {
                Err(_) => {}
                Ok(found) => assert!(!found.iter().any(Checked::holds), "{name} at {at}: {found:?}"),
            }
        }
    }
    let mut bad = signed(&letter(), &keys.key("rsa"), None);
    bad[2_000] ^= 1;
    let said = pdfsig(&kept("signed-broken.pdf", &bad));
    assert!(!said.contains("Signature is Valid."), "{said}");
}

#[test]
fn a_second_signature_leaves_the_first_one_valid() {
    let keys = Keys::make();
    let first = signed(&letter(), &keys.key("rsa"), None);
    let second = signed(&first, &keys.key("rsa"), None);
    let both = check(&second, &keys);
    let changes: Vec<_> = both.iter().map(|it| (it.intact, it.change)).collect();
    assert_eq!(changes, [(true, ChangeAfter::Signed), (true, ChangeAfter::None)]);
    let said = pdfsig(&kept("signed-twice.pdf", &second));
    assert_eq!(said.matches("Signature is Valid.").count(), 2, "{said}");
}

#[test]
fn text_appended_behind_a_signature_is_told() {
    let keys = Keys::make();
    let whole = signed(&letter(), &keys.key("rsa"), None);
    let file = lopdf::Document::load_mem(&whole).unwrap();
    let page = *file.get_pages().values().next().unwrap();
    let mut update = lopdf::IncrementalDocument::create_from(whole, file);
    update.opt_clone_object_to_new_document(page).unwrap();
    let contents = lopdf::Stream::new(lopdf::Dictionary::new(), b"0 0 100 100 re f".to_vec());
    let contents = update.new_document.add_object(contents);
    update.new_document.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Contents", contents);
    let mut altered = Vec::new();
    update.save_to(&mut altered).unwrap();
    let found = check(&altered, &keys);
    assert!(found[0].intact && found[0].change == ChangeAfter::Altered && !found[0].holds(), "{found:?}");
}

#[test]
fn openssl_accepts_an_sm2_signature() {
    let keys = Keys::make();
    let whole = signed(&letter(), &keys.key("sm2"), None);
    let file = kept("signed-sm2.pdf", &whole);
    read::check(&file);
    let one = &check(&whole, &keys)[0];
    assert!(one.holds() && one.standing == Standing::Trusted, "{one:?}");
    assert_eq!(one.scheme, "SM2/SM3");
    // What was signed is taken apart by openssl alone: attributes and signature out of the structure, then checked with the key.
    let found = hub::document::pdf::signature::find(&whole).unwrap();
    let folder = keys.0.path();
    std::fs::write(folder.join("cms.der"), &found[0].contents).unwrap();
    let script = r#"
set -e
at() { openssl asn1parse -inform DER -in cms.der 2>/dev/null | grep -E "$1" | tail -1 | sed 's/^ *\([0-9]*\):.*hl= *\([0-9]*\) *l= *\([0-9]*\).*/\1 \2 \3/'; }
set -- $(at 'd=5 .*cont \[ 0 \]')
{ printf '\061'; dd if=cms.der bs=1 skip=$(($1 + 1)) count=$(($2 + $3 - 1)) 2>/dev/null; } > attributes.der
set -- $(at 'd=5 .*OCTET STRING')
dd if=cms.der bs=1 skip=$(($1 + $2)) count=$3 of=signature.der 2>/dev/null
openssl x509 -in sm2.pem -pubkey -noout > sm2.pub
openssl dgst -sm3 -verify sm2.pub -sigopt distid:1234567812345678 -signature signature.der attributes.der
"#;
    let said = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    let out = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(out.contains("Verified OK"), "{out}{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn the_seal_is_drawn_by_the_signature() {
    let keys = Keys::make();
    let kinds = kinds(&files("tests/documents"));
    let store = fonts();
    let made = sample(kinds.get("short_letter").unwrap(), &store).0;
    let place = &made.seals[0];
    let (x, y) = (place.x - 21.0, place.y - 21.0);
    let edge = |a: [f64; 4]| Item::Line([a[0], a[1], a[2], a[3], 1.0], Ink::Red);
    let face = hub::document::lay_out_values(
        kinds.get("short_letter").unwrap(),
        &kinds.get("short_letter").unwrap().sample.values,
        &super::options(kinds.get("short_letter").unwrap()),
        &store,
    );
    let some_glyphs =
        face.unwrap().1.pages.into_iter().flat_map(|page| page.items).find_map(|item| match item {
            Item::Glyphs(it) if it.text.contains('人') => Some(it),
            _ => None,
        });
    let items = [
        edge([x + 1.0, y + 1.0, x + 41.0, y + 1.0]),
        edge([x + 41.0, y + 1.0, x + 41.0, y + 41.0]),
        edge([x + 41.0, y + 41.0, x + 1.0, y + 41.0]),
        edge([x + 1.0, y + 41.0, x + 1.0, y + 1.0]),
        Item::Glyphs(Glyphs {
            x: x + 16.0,
            y: y + 25.0,
            size: 24.0,
            tracking: 0.0,
            angle: 0.0,
            ink: Ink::Red,
            field: None,
            text: "人".to_owned(),
            ..some_glyphs.unwrap()
        }),
    ];
    let seal = VisibleSeal { page: place.page, frame: [x, y, 42.0, 42.0], items: &items };
    let whole = signed(&made.pdf, &keys.key("rsa"), Some(seal));
    let file = kept("signed-seal.pdf", &whole);
    read::check(&file);
    let picture = read::Picture::of(&file, place.page);
    let red = picture.columns(read::Picture::is_red, y + 5.0, y + 35.0);
    assert!((red[0] - (x + 0.5)).abs() < 0.3, "{} is not {}", red[0], x + 0.5);
    assert!((red[red.len() - 1] - (x + 41.5)).abs() < 0.3);
    let inside = red.iter().filter(|at| (x + 16.0..x + 25.0).contains(*at)).count();
    assert!(inside > 20, "the character is drawn");
    assert!(check(&whole, &keys)[0].holds());
}
