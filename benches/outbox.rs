//! Delivery to many subscribers of whom some are dead, and the start on a long queue.
//!
//! `cargo bench --bench outbox` runs the whole hub on SQLite in a temporary directory against a real HTTP server:
//!
//! * fan-out: the same changes to 45 subscribers that answer at once, first alone, then beside five that are dead (two refuse
//!   the connection, three take it and never answer). The figure is the rate to the 45 with the dead as a share of the rate
//!   without. Bound of the rate: bare requests of the same bytes to the same server, as many at once;
//! * queue: 1,000,000 changes wait for one subscriber; the hub's own process is started on them. Printed: seconds to the first
//!   delivery, and the peak of resident memory after some seconds of delivering.
//!
//! `cargo bench --bench outbox -- 50000` takes another length of the queue.

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first failure")]

mod live;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hub::boot::Hub;
use hub::clock;
use hub::intake::Inbound;
use hub::outbox::{Wish, agree};
use hub::store::{
    Json, NewChange, Page, Partner, PartnerId, RecordFilter, Standing, insert_change, list_records,
    number_changes, save_partner, save_subscription,
};

const HEALTHY: usize = 45;
const CHANGES: usize = 200;
const QUEUE: usize = 1_000_000;
const SETTINGS: &[(&str, &str)] =
    &[("outbox.allow", "127.0.0.1"), ("outbox.poll", "20ms"), ("outbox.timeout", "2s")];

fn main() {
    let queue = std::env::args().skip(1).find_map(|it| it.parse().ok()).unwrap_or(QUEUE);
    let receiver = Receiver::start();
    let bare = bare_requests(&receiver);
    let alone = fan_out(&receiver, false);
    let beside = fan_out(&receiver, true);
    println!("bound: bare requests          {bare:>8.0} a second");
    println!("{HEALTHY} healthy alone              {alone:>8.0} a second  ratio {:.3}", alone / bare);
    println!(
        "{HEALTHY} healthy beside 5 dead      {beside:>8.0} a second  {:.1} % of that alone",
        beside / alone * 100.0
    );
    long_queue(&receiver, queue);
}

/// Deliveries a second to the healthy ones.
fn fan_out(receiver: &Receiver, with_dead: bool) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let hub = live::hub(directory.path(), SETTINGS);
    // Three that take the connection and never answer, two where nobody listens.
    let silent: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let mut dead: Vec<String> = silent.iter().map(|it| it.local_addr().unwrap().to_string()).collect();
    dead.extend((0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()));
    for n in 0..HEALTHY {
        subscribe(&hub, &format!("healthy-{n}"), &receiver.address);
    }
    for (n, address) in dead.iter().enumerate().filter(|_| with_dead) {
        subscribe(&hub, &format!("dead-{n}"), address);
    }
    records(&hub, CHANGES);
    receiver.count.store(0, Ordering::SeqCst);
    let started = Instant::now();
    let works = hub::worker::start(hub.worker()).unwrap();
    while receiver.count.load(Ordering::SeqCst) < HEALTHY * CHANGES {
        std::thread::sleep(Duration::from_millis(2));
    }
    let rate = (HEALTHY * CHANGES) as f64 / started.elapsed().as_secs_f64();
    works.stop();
    hub.intake.writer.close();
    rate
}

/// The hub's own process on a queue of so many changes.
fn long_queue(receiver: &Receiver, queue: usize) {
    let directory = tempfile::tempdir().unwrap();
    let hub = live::hub(directory.path(), SETTINGS);
    subscribe(&hub, "healthy-0", &receiver.address);
    records(&hub, 1000);
    fill(&hub, queue - 1000);
    hub.intake.writer.close();
    drop(hub);
    receiver.count.store(0, Ordering::SeqCst);
    let started = Instant::now();
    let mut process = serve(&directory.path().join("data"));
    while receiver.count.load(Ordering::SeqCst) == 0 {
        assert!(process.try_wait().unwrap().is_none(), "the hub ended");
        std::thread::sleep(Duration::from_millis(1));
    }
    let first = started.elapsed().as_secs_f64();
    std::thread::sleep(Duration::from_secs(10));
    let rate = receiver.count.load(Ordering::SeqCst) as f64 / (started.elapsed().as_secs_f64() - first);
    let peak = peak_of(process.id()).unwrap_or_default();
    process.kill().unwrap();
    process.wait().unwrap();
    println!("{queue} waiting: first delivery {first:.2} s after the start of the process (5 allowed)");
    println!("then {rate:.0} a second to one subscriber, {:.1} MiB at its peak", peak as f64 / 1024.0);
}

fn serve(data: &Path) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.arg("--data").arg(data).arg("--quiet").args(["serve", "--listen", "127.0.0.1:0"]);
    for (key, value) in SETTINGS {
        let name = format!("HUB_{}", key.to_ascii_uppercase().replace('.', "_"));
        command.env(name, value);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn subscribe(hub: &Hub, partner: &str, address: &str) {
    let (outbox, now) = (hub.outbox(), clock::now());
    let row = Partner {
        id: PartnerId::from(partner),
        title: partner.to_owned(),
        department: "tax".to_owned(),
        division: None,
        status: Standing::Active,
        ip_allow: Json::list(),
        quota_per_minute: None,
        created_at: now.into(),
        updated_at: now.into(),
    };
    let wish = Wish {
        id: partner.to_owned(),
        partner: partner.to_owned(),
        title: partner.to_owned(),
        kind: "parcel".to_owned(),
        fields: Vec::new(),
        personal: Vec::new(),
        purpose: String::new(),
        division: None,
        watched: Vec::new(),
        message: None,
        answer: None,
        url: Some(format!("http://{address}/in")),
        deadline_seconds: 86_400,
        expires_at: None,
        from_start: true,
    };
    hub.store.write(|conn| save_partner(conn, &row)).unwrap();
    live::key(hub, partner);
    hub.store
        .write(|conn| {
            let it = agree(&outbox, conn, &wish, "bench", now)?;
            save_subscription(conn, &it)
        })
        .unwrap();
}

/// So many records, each through intake.
fn records(hub: &Hub, count: usize) {
    let grants = live::Grants::new();
    let (partner, message) = live::SENDER;
    for n in 1..=count {
        let inbound = Inbound {
            partner: partner.into(),
            name: message.to_owned(),
            bytes: grants.message(n),
            content_type: None,
            idempotency_key: None,
            key_id: None,
            nonce: None,
            file_name: None,
            trace_id: clock::fresh_id(),
            at: clock::now(),
        };
        hub::intake::receive(&hub.intake, inbound).unwrap();
    }
}

/// So many further changes of the records there are, with their places in the feed.
fn fill(hub: &Hub, count: usize) {
    let filter = RecordFilter { kind: Some("parcel".to_owned()), ..RecordFilter::default() };
    let ids: Vec<_> = hub
        .store
        .read(|conn| list_records(conn, &filter, Page::first(1000)))
        .unwrap()
        .rows
        .into_iter()
        .map(|it| it.id)
        .collect();
    let fields = ["land_area".to_owned()];
    let mut all = ids.iter().cycle().take(count).peekable();
    while all.peek().is_some() {
        let some: Vec<_> = all.by_ref().take(20_000).collect();
        let write = |conn: &mut hub::store::Conn| {
            for id in &some {
                let new = NewChange {
                    record: id,
                    kind: "parcel",
                    version: 1,
                    division: None,
                    message: None,
                    fields: &fields,
                };
                insert_change(conn, &new, clock::now())?;
            }
            number_changes(conn, i64::MAX)
        };
        hub.store.write(write).unwrap();
    }
}

/// Requests a second with nothing around them: as many connections as the hub has requests on their way at once.
fn bare_requests(receiver: &Receiver) -> f64 {
    let body = live::Grants::new().message(1);
    let mut request =
        format!("POST /in HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend_from_slice(&body);
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..HEALTHY {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(&receiver.address).unwrap();
                let mut buffer = [0; 1024];
                while next.fetch_add(1, Ordering::Relaxed) < HEALTHY * CHANGES {
                    stream.write_all(&request).unwrap();
                    assert_ne!(stream.read(&mut buffer).unwrap(), 0);
                }
            });
        }
    });
    (HEALTHY * CHANGES) as f64 / started.elapsed().as_secs_f64()
}

/// Takes every request with 204 and counts them; a thread for each connection.
struct Receiver {
    address: String,
    count: Arc<AtomicUsize>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, counted) = (stream.unwrap(), counted.clone());
                std::thread::spawn(move || answer_all(stream, &counted));
            }
        });
        Self { address, count }
    }
}

fn answer_all(mut stream: TcpStream, count: &AtomicUsize) {
    let mut got = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        while let Some(length) = whole(&got) {
            got.drain(..length);
            count.fetch_add(1, Ordering::SeqCst);
            if stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
                return;
            }
        }
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => got.extend_from_slice(buffer.get(..n).unwrap()),
            _ => return,
        }
    }
}

/// Length of the first whole request in what came.
fn whole(got: &[u8]) -> Option<usize> {
    let head = got.windows(4).position(|it| it == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(got.get(..head)?).to_ascii_lowercase();
    let length: usize =
        text.lines().find_map(|it| it.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let end = head + 4 + length;
    (got.len() >= end).then_some(end)
}

/// Peak of a process's resident memory in KiB; none when it has ended.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
