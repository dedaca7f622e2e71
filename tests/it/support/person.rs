//! A person at a browser without scripts: keeps a cookie, sends forms, uploads files.

use hub::boot::Hub;
use hub::store::{Account, AccountId, Role, Standing, grant_role, insert_account};
use hub::{clock, crypto};

/// A person at a browser that keeps its cookie.
pub struct Person {
    client: reqwest::blocking::Client,
    base: String,
    cookie: String,
}

/// Password of every account of [`account`].
const PASSWORD: &str = "Ceshi-2026-mima";

/// An account with these roles.
pub fn account(hub: &Hub, login: &str, division: Option<&str>, roles: &[Role]) {
    let now = clock::now();
    let row = Account {
        id: AccountId::fresh(now),
        login: login.to_owned(),
        name: format!("{login} 某"),
        department: Some("civil_defence".to_owned()),
        division: division.map(str::to_owned),
        phone: None,
        password_hash: crypto::hash_password(PASSWORD).unwrap(),
        status: Standing::Active,
        must_change_password: false,
        password_changed_at: now.into(),
        failed_tries: 0,
        locked_until: None,
        last_login_at: None,
        created_at: now.into(),
        created_by: "test".to_owned(),
    };
    hub.store
        .write(|conn| {
            insert_account(conn, &row)?;
            roles.iter().try_for_each(|role| grant_role(conn, &row.id, *role, "test", now))
        })
        .unwrap();
}

impl Person {
    /// Signs in an account of [`account`].
    pub fn of(base: &str, login: &str) -> Self {
        Self::sign_in(base, login, PASSWORD).unwrap()
    }

    pub fn sign_in(base: &str, login: &str, password: &str) -> Option<Self> {
        let client =
            reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form = [("login", login), ("password", password), ("next", "/")];
        let answer = client.post(format!("{base}/login")).form(&form).send().unwrap();
        let set = answer.headers().get("set-cookie")?.to_str().unwrap().to_owned();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        Some(Self { client, base: base.to_owned(), cookie })
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.base);
        let answer = self.client.get(url).header("cookie", &self.cookie).send().unwrap();
        (answer.status().as_u16(), answer.text().unwrap())
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let url = format!("{}{path}", self.base);
        let answer = self.client.get(url).header("cookie", &self.cookie).send().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.bytes().unwrap().to_vec()
    }

    /// Status, and where the browser is sent.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let (status, to, _) = self.submit(path, form);
        (status, to)
    }

    /// Status, where the browser is sent, and the page.
    pub fn submit(&self, path: &str, form: &[(&str, &str)]) -> (u16, String, String) {
        self.try_submit(path, form).unwrap()
    }

    /// The same; none when the server went away before it answered.
    pub fn try_submit(&self, path: &str, form: &[(&str, &str)]) -> Option<(u16, String, String)> {
        let url = format!("{}{path}", self.base);
        let answer = self.client.post(url).header("cookie", &self.cookie).form(form).send().ok()?;
        let to = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        Some((answer.status().as_u16(), to.unwrap_or_default(), answer.text().ok()?))
    }

    /// Sends a form with a file.
    pub fn upload(
        &self,
        path: &str,
        form: &[(&str, &str)],
        name: &str,
        bytes: &[u8],
    ) -> (u16, String, String) {
        let body = multipart(form, name, bytes);
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header("cookie", &self.cookie)
            .header("content-type", "multipart/form-data; boundary=BOUNDARY")
            .body(body)
            .send()
            .unwrap();
        let to = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default(), answer.text().unwrap())
    }

    pub fn csrf(&self) -> String {
        let (_, page) = self.get("/");
        page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }

    /// Does a deed on a document: `more` are further fields of its form.
    pub fn deed(&self, document: &str, deed: &str, more: &[(&str, &str)]) -> (u16, String, String) {
        let csrf = self.csrf();
        let mut form = vec![("csrf", csrf.as_str())];
        form.extend(more);
        self.submit(&format!("/documents/{document}/deeds/{deed}"), &form)
    }

    /// Does a deed that must succeed.
    #[track_caller]
    pub fn does(&self, document: &str, deed: &str, more: &[(&str, &str)]) -> String {
        let (status, to, page) = self.deed(document, deed, more);
        assert_eq!(status, 303, "{deed}: {page}");
        to
    }
}

/// The body of a form with one file, boundary `BOUNDARY`.
pub fn multipart(form: &[(&str, &str)], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in form {
        body.extend(
            format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    let head = format!(
        "--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(b"\r\n--BOUNDARY--\r\n");
    body
}
