//! Frames over TCP, by a client that speaks as the finance side does: right ones, wrong ones, cut ones, many, and a kill.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use hub::format::Frame;
use hub::store::{
    Json, MessageFilter, Page, PartnerId, Store, count_records, find_partner, list_messages, save_partner,
};
use hub::text::charset::{Charset, decode, encode};
use hub::ways::frames::{self, Listening, Settings};

use super::kill::{kill, on, open};
use crate::support::app::App;
use crate::support::command::expect;
use crate::support::each_db::each_fresh;

const TOKEN: &str = "约定的口令-2026";

fn mac(token: &str, xml: &[u8]) -> String {
    hub::crypto::sha256_hex(&[token.as_bytes(), xml].concat()).unwrap()
}

/// A confirmation of one payment, signed with a token; `amount` as text, so that it can be wrong.
fn frame_of(number: u32, amount: &str, token: &str) -> Vec<u8> {
    let voucher = format!(
        "<Voucher><PayCode>{number:020}</PayCode><CfmDate>20251024</CfmDate><CfmTime>150312</CfmTime><Amt>{amount}</Amt>\
         <PayMode>网上支付</PayMode><PayerName>嘉兴试验置业有限公司</PayerName></Voucher>"
    );
    let voucher = base64::engine::general_purpose::STANDARD.encode(encode(&voucher, Charset::Gbk).unwrap());
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"GBK\"?><CFX><HEAD><APP>CNNONTAX</APP><VER>1.0</VER><SRC>F330400</SRC>\
         <DES>K3304000012</DES><MsgNo>5996</MsgNo><MsgID>M{number}</MsgID></HEAD><MSG><MOF><VoucherBody>\
         <Voucher>{voucher}</Voucher></VoucherBody></MOF></MSG></CFX>"
    );
    let xml = encode(&xml, Charset::Gbk).unwrap();
    // The finance side writes the digits in capitals.
    Frame::write("5996", &xml, |xml| mac(token, xml).to_ascii_uppercase())
}

fn frame(number: u32) -> Vec<u8> {
    frame_of(number, "633000.00", TOKEN)
}

/// What an answer says, its digest checked.
#[derive(Debug)]
struct Said {
    head: String,
    result: String,
    information: String,
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).unwrap_or_else(|| panic!("{text}")).0
}

fn read_answer(bytes: &[u8], token: &str) -> Said {
    let frame = Frame::split(bytes).unwrap();
    assert_eq!(frame.message_no, "5001");
    assert_eq!(frame.mac, mac(token, frame.signed));
    let head = decode(frame.signed, Some("gbk")).text.into_owned();
    let voucher = between(&head, "<VoucherBody><Voucher>", "</Voucher>");
    let voucher = base64::engine::general_purpose::STANDARD.decode(voucher).unwrap();
    let voucher = decode(&voucher, Some("gbk")).text.into_owned();
    Said {
        result: between(&voucher, "<Result>", "</Result>").to_owned(),
        information: between(&voucher, "<Information>", "</Information>").to_owned(),
        head,
    }
}

struct Sender(TcpStream);

impl Sender {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self(stream)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// The next answer's bytes; none when the connection ended.
    fn answer(&mut self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; Frame::LENGTH];
        self.0.read_exact(&mut bytes).ok()?;
        bytes.resize(Frame::length(&bytes).unwrap(), 0);
        self.0.read_exact(&mut bytes[Frame::LENGTH..]).ok()?;
        Some(bytes)
    }

    #[track_caller]
    fn said(&mut self) -> Said {
        read_answer(&self.answer().expect("an answer"), TOKEN)
    }

    #[track_caller]
    fn sends(&mut self, bytes: &[u8]) -> Said {
        self.write(bytes);
        self.said()
    }

    #[track_caller]
    fn is_over(&mut self) {
        assert_eq!(self.0.read(&mut [0]).unwrap(), 0, "the connection goes on");
    }
}

fn settings() -> Settings {
    Settings {
        listen: Some("127.0.0.1:0".to_owned()),
        partner: "finance".to_owned(),
        messages: BTreeMap::from([("5996".to_owned(), "fee_confirmation".to_owned())]),
        tokens: vec![TOKEN.to_owned(), "去年的口令".to_owned()],
        limit: 8 << 10,
        connections: 4,
        timeout: Duration::from_secs(20),
        idle: Duration::from_secs(60),
    }
}

fn start(app: &App, settings: Settings) -> Listening {
    frames::start(app.hub.intake.clone(), settings).unwrap().unwrap()
}

/// Messages and records.
fn stored(store: &Store) -> (i64, i64) {
    let all = store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(1))).unwrap();
    (all.total, store.read(count_records).unwrap().iter().map(|(_, n)| n).sum())
}

#[test]
fn frames_on_one_connection_are_taken_once_and_answered_in_kind() {
    let app = App::start();
    let listening = start(&app, settings());
    let mut sender = Sender::to(listening.address);
    let said = sender.sends(&frame(1));
    assert_eq!((said.result.as_str(), said.information.as_str()), ("00000", "接收 1 条，退回 0 条。"));
    assert!(said.head.contains("<SRC>K3304000012</SRC><DES>F330400</DES>"), "{}", said.head);
    assert!(said.head.contains("<MsgRef>M1</MsgRef>"), "{}", said.head);
    assert_eq!(sender.sends(&frame(1)).result, "00000", "a repetition is answered as the first time");
    assert_eq!(stored(&app.hub.store), (1, 1));

    // Two frames in one go, the second in pieces.
    let second = frame(3);
    sender.write(&[frame(2).as_slice(), &second[..5]].concat());
    assert_eq!(sender.said().result, "00000");
    for piece in second[5..].chunks(200) {
        sender.write(piece);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(sender.said().result, "00000");
    assert_eq!(stored(&app.hub.store), (3, 3));

    // A message that is wrong is kept for people to look at, and its sender told why.
    let wrong = sender.sends(&frame_of(4, "许多", TOKEN));
    assert_eq!(wrong.result, "99999");
    assert!(wrong.information.contains("Amt") && wrong.information.contains("E4"), "{wrong:?}");
    assert_eq!(stored(&app.hub.store), (4, 3));
    listening.stop();
    sender.is_over();
}

#[test]
fn a_frame_with_a_wrong_digest_leaves_no_trace_and_its_connection_goes_on() {
    let app = App::start();
    let listening = start(&app, settings());
    let mut sender = Sender::to(listening.address);
    let mut changed = frame(1);
    let at = changed.len() - 80;
    changed[at] ^= 1;
    for wrong in [frame_of(1, "633000.00", "别的口令"), changed] {
        let said = sender.sends(&wrong);
        assert_eq!(said.result, "99999");
        assert!(said.information.contains("校验码不对") && said.information.ends_with("E1052"), "{said:?}");
        assert!(
            said.head.contains("<MsgRef></MsgRef>"),
            "what a stranger wrote is not signed: {}",
            said.head
        );
    }
    assert_eq!(stored(&app.hub.store), (0, 0));
    assert_eq!(sender.sends(&frame(1)).result, "00000");
    // The token of before still counts, and the answer is signed with it.
    sender.write(&frame_of(2, "1.00", "去年的口令"));
    assert_eq!(read_answer(&sender.answer().unwrap(), "去年的口令").result, "00000");
    // Another number than agreed.
    let other = Frame::write("8994", b"<CFX/>", |xml| mac(TOKEN, xml));
    assert!(sender.sends(&other).information.ends_with("E1053"));
    assert_eq!(stored(&app.hub.store), (2, 2));
    listening.stop();
}

#[test]
fn what_is_no_whole_frame_is_told_and_ends_the_connection() {
    let app = App::start();
    let listening = start(&app, Settings { timeout: Duration::from_millis(400), ..settings() });
    let half = &frame(1)[..300];
    let ending = |bytes: &[u8], close: bool, code: &str| {
        let mut sender = Sender::to(listening.address);
        sender.write(bytes);
        if close {
            sender.0.shutdown(Shutdown::Write).unwrap();
        }
        let said = sender.said();
        assert!(said.result == "99999" && said.information.ends_with(code), "{said:?}");
        sender.is_over();
    };
    ending(half, true, "E1013");
    ending(half, false, "E1054");
    ending(b"99999999CNNONTAX1.05996", false, "E1012");
    // Far more than is read: the answer still arrives.
    ending(&[b"99999999".as_slice(), &[b'x'; 300_000]].concat(), false, "E1012");
    ending(b"50      CNNONTAX1.05996", false, "E2052");
    ending(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n", false, "E2052");
    // Who says nothing is let go without a word.
    Sender::to(listening.address).is_over();
    assert_eq!(stored(&app.hub.store), (0, 0));
    assert_eq!(Sender::to(listening.address).sends(&frame(1)).result, "00000", "the next one is served");
    listening.stop();
}

#[test]
fn connections_work_side_by_side_up_to_a_bound() {
    let app = App::start();
    let listening = start(&app, settings());
    let mut slow = Sender::to(listening.address);
    slow.write(&frame(1)[..100]);
    let mut other = Sender::to(listening.address);
    assert_eq!(other.sends(&frame(2)).result, "00000", "a slow one keeps nobody waiting");
    slow.write(&frame(1)[100..]);
    assert_eq!(slow.said().result, "00000");
    let (mut third, mut fourth) = (Sender::to(listening.address), Sender::to(listening.address));
    assert_eq!(third.sends(&frame(3)).result, "00000");
    assert_eq!(fourth.sends(&frame(4)).result, "00000");
    let mut fifth = Sender::to(listening.address);
    assert!(fifth.said().information.ends_with("E1055"));
    fifth.is_over();
    drop(fourth);
    // The place is free as soon as the hub saw the end.
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let mut next = Sender::to(listening.address);
        let sent = next.0.write_all(&frame(5));
        match (sent, next.answer()) {
            (Ok(()), Some(answer)) if read_answer(&answer, TOKEN).result == "00000" => break,
            _ => assert!(Instant::now() < patience, "no place became free"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(stored(&app.hub.store), (5, 5));
    // Stopping waits for the frame at hand and for nobody's silence.
    listening.stop();
    for mut it in [slow, other, third] {
        it.is_over();
    }
}

#[test]
fn only_the_partner_from_its_own_network_comes_in() {
    let app = App::start();
    let listening = start(&app, settings());
    let id = PartnerId::from("finance");
    let mut inside = Sender::to(listening.address);
    assert_eq!(inside.sends(&frame(1)).result, "00000");
    app.hub
        .store
        .write(|conn| {
            let partner = find_partner(conn, &id)?.unwrap();
            save_partner(conn, &hub::store::Partner { ip_allow: Json::of(&["10.9.0.0/16"])?, ..partner })
        })
        .unwrap();
    let mut outside = Sender::to(listening.address);
    assert!(outside.said().information.ends_with("E1044"));
    outside.is_over();
    // It also counts for those who are in already.
    assert!(inside.sends(&frame(2)).information.ends_with("E1044"));
    inside.is_over();
    assert_eq!(stored(&app.hub.store), (1, 1));
    listening.stop();
}

#[test]
fn what_cannot_be_done_is_told_at_the_start() {
    let app = App::start();
    let refused = |settings: Settings| match frames::start(app.hub.intake.clone(), settings) {
        Err(error) => error.detail,
        Ok(_) => panic!("started"),
    };
    assert!(refused(Settings { tokens: Vec::new(), ..settings() }).contains("frames.token"));
    let named = |name: &str| BTreeMap::from([("5996".to_owned(), name.to_owned())]);
    assert!(refused(Settings { messages: named("fees"), ..settings() }).contains("没有映射"));
    let trial = Settings { partner: "trial".to_owned(), messages: named("parcels"), ..settings() };
    assert!(refused(trial).contains("不是 frame"));
    assert!(
        frames::start(app.hub.intake.clone(), Settings { listen: None, ..settings() }).unwrap().is_none()
    );
}

#[test]
fn frames_answered_before_a_kill_are_there_once() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        expect(0, on(fresh, data.path()).arg("migrate"));
        let serve = || {
            let mut command = on(fresh, data.path());
            command.args(["serve", "--listen", "127.0.0.1:0"]).env("HUB_LOG_LEVEL", "off");
            command.env("HUB_FRAMES_LISTEN", "127.0.0.1:0").env("HUB_FRAMES_TOKEN", TOKEN);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let lines = BufReader::new(child.stderr.take().unwrap()).lines();
            let line = lines.map(Result::unwrap).find(|it| it.contains("报文帧")).expect("it says where");
            let address: SocketAddr = line.rsplit_once('：').unwrap().1.parse().unwrap();
            (child, address)
        };
        let (child, address) = serve();
        let down = AtomicBool::new(false);
        let answered: Vec<(u32, bool)> = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..4)
                .map(|lane| {
                    let down = &down;
                    scope.spawn(move || {
                        let mut sender = Sender::to(address);
                        let mut all = Vec::new();
                        for n in (0..).map(|k| lane * 10_000 + k) {
                            if down.load(Ordering::Relaxed) {
                                break;
                            }
                            let answer = sender.0.write_all(&frame(n)).ok().and_then(|()| sender.answer());
                            all.push((n, answer.is_some()));
                            let Some(answer) = answer else { break };
                            assert_eq!(read_answer(&answer, TOKEN).result, "00000");
                        }
                        all
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(600));
            kill(child);
            down.store(true, Ordering::Relaxed);
            senders.into_iter().flat_map(|it| it.join().unwrap()).collect()
        });
        let acknowledged = answered.iter().filter(|(_, answered)| *answered).count();
        assert!(acknowledged > 8, "{acknowledged}");
        let store = open(fresh);
        let (messages, records) = stored(&store);
        assert!(
            messages >= i64::try_from(acknowledged).unwrap() && messages == records,
            "{messages} {records}"
        );

        // Everything is sent again, as a sender does that does not know; each is there once.
        let (child, address) = serve();
        let mut sender = Sender::to(address);
        for (n, _) in &answered {
            assert_eq!(sender.sends(&frame(*n)).result, "00000");
        }
        let all = i64::try_from(answered.len()).unwrap();
        assert_eq!(stored(&store), (all, all));
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
        kill(child);
    });
}

/// Frames of a real exchange, when they lie beside the project: their digests are what this listener checks.
#[test]
fn digests_of_a_real_exchange_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/finance");
    for name in ["fi03_cfx_5001_error.txt", "fi05_cfx_5001_billno_ok.txt"] {
        let Ok(bytes) = std::fs::read(folder.join(name)) else { continue };
        let frame = Frame::split(&bytes).unwrap();
        assert_eq!(mac("bank_default_token", frame.signed), frame.mac.to_ascii_lowercase(), "{name}");
    }
}
