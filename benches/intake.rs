//! How many messages the hub accepts over HTTP with every answer durable, as a ratio to bare inserts of the same bytes in the
//! same run.
//!
//! `cargo bench --bench intake` starts the whole hub on SQLite in a temporary directory. Two figures of each round:
//!
//! * bound: the bytes of the messages as they are sent, one bare row each into a table without any index, 256 a transaction;
//! * hub: the same messages posted over HTTP by 32 clients on connections that stay open, each signed (HMAC-SHA256) and each
//!   waiting for its answer: signature, nonce, mapping, keys, merge, record, version, change, audit row, receipt, all on the
//!   disk before the answer.
//!
//! Both commit with the same durability (`synchronous=FULL`). The clients run on the same machine and take their share of it.

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench stops at the first failure")]
#![expect(missing_docs, reason = "no public items but the columns of one table")]

mod live;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use diesel::prelude::*;
use hub::signing::{self, Head};
use hub::store::{Conn, Store, fresh_id};

const ROUNDS: usize = 5;
const MESSAGES: usize = 2048;
const CLIENTS: usize = 32;
const BATCH: usize = 256;

diesel::table! {
    bare (id) {
        id -> Text,
        bytes -> Binary,
    }
}

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let hub = live::hub(directory.path(), &[]);
    let running = hub::web::start(hub.app().unwrap()).unwrap();
    let key = live::key(&hub, live::SENDER.0);
    let secret = hub.keys.partner_secret(&key).unwrap();
    execute(&hub.store, "CREATE TABLE bare (id TEXT NOT NULL, bytes BLOB NOT NULL)");
    let grants = live::Grants::new();
    println!("one message: {} bytes", grants.message(1).len());
    let (mut bounds, mut rates) = (Vec::new(), Vec::new());
    let before = hub.intake.writer.stats();
    for round in 0..ROUNDS {
        let messages: Vec<Vec<u8>> =
            (0..MESSAGES).map(|n| grants.message(round * MESSAGES + n + 1)).collect();
        bounds.push(per_second(|| bare_inserts(&hub.store, &messages)));
        let requests: Vec<Vec<u8>> = messages
            .iter()
            .map(|body| request(&running.address.to_string(), (&key, &secret), body))
            .collect();
        rates.push(per_second(|| post(&running.address.to_string(), &requests)));
    }
    let after = hub.intake.writer.stats();
    let shared = (ROUNDS * MESSAGES) as f64 / (after.commits - before.commits) as f64;
    let ratio = median(rates.iter().zip(&bounds).map(|(a, b)| a / b).collect());
    println!("bound: bare inserts        {:>8.0} messages/s", median(bounds));
    println!(
        "hub: {CLIENTS} clients over HTTP {:>8.0} messages/s  ratio {ratio:.3}  ({shared:.0} messages a commit)",
        median(rates)
    );
    running.stop().unwrap();
    hub.intake.writer.close();
}

fn bare_inserts(store: &Store, messages: &[Vec<u8>]) {
    for batch in messages.chunks(BATCH) {
        let insert = |conn: &mut Conn| {
            for bytes in batch {
                let row = (bare::id.eq(fresh_id(hub::clock::now())), bare::bytes.eq(bytes));
                diesel::insert_into(bare::table).values(row).execute(conn)?;
            }
            Ok(())
        };
        store.write(insert).unwrap();
    }
}

/// A whole signed request as it goes over the wire.
fn request(address: &str, (key, secret): (&str, &str), body: &[u8]) -> Vec<u8> {
    let (partner, message) = live::SENDER;
    let path = format!("/api/v1/exchange/{partner}/{message}");
    let head = Head { method: "POST", path: &path, query: "", header: &|_| None };
    let now = hub::clock::now();
    let nonce = hub::clock::fresh_id();
    let scheme = signing::find("hmac-sha256").unwrap();
    let signed = scheme.sign(&head, body, (key, secret), (now, &nonce)).unwrap();
    let mut out = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in signed {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    out.extend_from_slice(body);
    out
}

fn post(address: &str, requests: &[Vec<u8>]) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = vec![0; 64 * 1024];
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    stream.write_all(request).unwrap();
                    answer(&mut stream, &mut buffer);
                }
            });
        }
    });
}

/// Reads one answer to its end; anything but 200 ends the bench.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut got = 0;
    loop {
        let n = stream.read(buffer.get_mut(got..).unwrap()).unwrap();
        assert_ne!(n, 0, "the hub closed the connection");
        got += n;
        let text = String::from_utf8_lossy(buffer.get(..got).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|it| it.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(usize::MAX) {
            assert!(head.starts_with("HTTP/1.1 200"), "{text}");
            return;
        }
    }
}

fn execute(store: &Store, sql: &str) {
    store.write(|conn| Ok(diesel::sql_query(sql).execute(conn)?)).unwrap();
}

fn per_second(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    MESSAGES as f64 / start.elapsed().as_secs_f64()
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}
