//! The service from outside: handshakes, logins, queues, administration.

use chasqui_emulator::{BrokenFrame, Disconnect, Emulator, EmulatorError, Injection, Options, Running};
use chasqui_wire::{curve::PrivateKey, frame::INTRO, jid::Jid, node::Node, noise::Pattern};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::{Client, Keys, login};

async fn start(options: Options) -> Running {
    Emulator::start(options).await.expect("it starts")
}

/// Status and body of an HTTP request.
async fn http(emulator: &Emulator, method: &str, path: &str, body: &str) -> (u16, String) {
    let info = emulator.info();
    let mut stream = TcpStream::connect((info.host.as_str(), info.port)).await.expect("the port is open");
    let length = body.len();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.expect("an open socket");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("text");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer.split_once("\r\n\r\n").expect("a body").1.to_owned())
}

#[tokio::test]
async fn a_client_resumes_with_ik_and_falls_back_when_the_server_has_other_keys() {
    let root = PrivateKey::new([9; 32]);
    let emulator = start(Options { root_key: Some(root.clone()), ..Options::default() }).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;

    let mut first = Client::log_in(&emulator, &keys.noise, &who, None).await;
    assert_eq!(first.pattern, Pattern::Xx);
    first.expect("success").await;
    let mut second = Client::log_in(&emulator, &keys.noise, &who, Some(first.server)).await;
    assert_eq!(second.pattern, Pattern::Ik);
    second.expect("success").await;

    let other = Keys::new().noise.public;
    let mut third = Client::log_in(&emulator, &keys.noise, &who, Some(other)).await;
    assert_eq!(third.pattern, Pattern::XxFallback);
    third.expect("success").await;

    let same = start(Options { root_key: Some(root), refuse_resume: true, ..Options::default() }).await;
    assert_eq!(same.info().root_key, emulator.info().root_key);
    let fourth = Client::connect(&same, &keys.noise, &keys.registration("x"), Some(first.server), &INTRO).await;
    assert_eq!(fourth.pattern, Pattern::XxFallback);
    assert_eq!(fourth.server, first.server);
}

#[tokio::test]
async fn routing_info_before_the_intro_is_skipped() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let intro = chasqui_wire::frame::intro(Some(b"anything"));
    let mut client = Client::connect(&emulator, &keys.noise, &keys.registration("ana"), None, &intro).await;
    client.first_ref().await;
}

#[tokio::test]
async fn a_login_with_other_keys_or_of_nobody_is_refused() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let stranger = Keys::new().noise;
    for (noise, payload) in [
        (&stranger, login(&who.jid, who.device)),
        (&keys.noise, login(&who.jid, 2)),
        (&keys.noise, login(&who.jid, 0)),
        (&keys.noise, login("15550001111@s.whatsapp.net", 1)),
    ] {
        let client = Client::connect(&emulator, noise, &payload, None, &INTRO).await;
        let rest = client.rest().await;
        assert!(rest[0].tag == "failure" && rest[0].is("reason", "401"), "{rest:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_too_old_is_told_so() {
    let emulator = start(Options { min_version: Some([2, 3000, 1_000_000_001]), ..Options::default() }).await;
    let keys = Keys::new();
    let client = Client::connect(&emulator, &keys.noise, &keys.registration("ana"), None, &INTRO).await;
    assert!(client.rest().await[0].is("reason", "405"));
}

#[tokio::test]
async fn the_phone_refuses_codes_that_are_wrong_old_or_used() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let mut client = Client::connect(&emulator, &keys.noise, &keys.registration("ana"), None, &INTRO).await;
    let reference = client.first_ref().await;
    let code = keys.qr(&reference);
    assert_eq!(emulator.scan("hello", None).await.unwrap_err().http_status(), 400);
    assert_eq!(emulator.scan(&keys.qr("2@other"), None).await, Err(EmulatorError::QrExpired));
    assert_eq!(emulator.scan(&Keys::new().qr(&reference), None).await, Err(EmulatorError::QrForged));

    let path = "/admin/mock-phone/scan-qr";
    assert_eq!(http(&emulator, "POST", path, "hello").await.0, 400);
    assert_eq!(http(&emulator, "POST", path, &keys.qr("2@other")).await.0, 404);
    let (status, body) = http(&emulator, "POST", &format!("{path}?push_name=Ana%20M"), &code).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"ok\":true"));
    assert_eq!(http(&emulator, "POST", path, &code).await.0, 409);
    assert!(http(&emulator, "GET", "/admin/accounts", "").await.1.contains("\"name\":\"Ana M\""));
}

#[tokio::test]
async fn administration_answers_on_the_same_port() {
    let emulator = start(Options::default()).await;
    assert_eq!(http(&emulator, "GET", "/", "").await.0, 200);
    assert_eq!(http(&emulator, "GET", "/admin/root-key", "").await.1, emulator.info().root_key);
    assert!(http(&emulator, "GET", "/admin/ca.pem", "").await.1.starts_with("-----BEGIN CERTIFICATE"));
    let (status, body) = http(&emulator, "POST", "/admin/call/contact", r#"{"name":"María"}"#).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(http(&emulator, "POST", "/admin/call/contact", r#"{"nam":1}"#).await.0, 400);
    assert_eq!(http(&emulator, "POST", "/admin/call/nothing", "{}").await.0, 404);
    assert_eq!(http(&emulator, "GET", "/nothing", "").await.0, 404);
    assert_eq!(http(&emulator, "GET", "/ws/chat", "").await.0, 400);
    assert_eq!(http(&emulator, "POST", "/admin/reset", "").await.0, 200);
    assert_eq!(emulator.accounts().await.unwrap(), []);
}

#[tokio::test]
async fn a_taken_port_is_named_and_a_stopped_one_is_free() {
    let emulator = start(Options::default()).await;
    let port = emulator.info().port;
    let again = Emulator::start(Options { port, ..Options::default() }).await;
    assert!(matches!(again.err(), Some(EmulatorError::PortInUse { port: named, .. }) if named == port));
    let handle = emulator.handle();
    emulator.stop().await;
    drop(start(Options { port, ..Options::default() }).await);
    drop(handle);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again_with_its_numbers() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    emulator.contact("maria").await.unwrap();
    let ids = emulator.contact_burst("maria", &who.jid, "text", 3).await.unwrap();

    let mut client = Client::open(&emulator, &keys, &who).await;
    let preview = client.expect("ib").await;
    assert!(preview.find("offline_preview").unwrap().is("message", "3"), "{preview:?}");
    for (number, id) in (1u8..).zip(&ids) {
        let message = client.expect("message").await;
        assert!(message.is("id", id) && message.is("offline", &number.to_string()), "{message:?}");
        assert_eq!(message.get_jid("from").unwrap().server, chasqui_wire::jid::Server::Lid);
    }
    let end = client.expect("ib").await;
    assert!(end.find("offline").unwrap().is("count", "3"));
    // Only the second is confirmed.
    let maria: Jid = emulator.contact("maria").await.unwrap().lid.parse().unwrap();
    client.send(&Node::new("receipt").attr("to", maria).attr("id", ids[1].clone())).await;
    assert!(client.expect("ack").await.is("class", "receipt"));

    let mut again = Client::open(&emulator, &keys, &who).await;
    assert!(again.expect("ib").await.find("offline_preview").unwrap().is("count", "2"));
    assert!(again.expect("message").await.is("id", &ids[0]));
    assert!(again.expect("message").await.is("id", &ids[2]));
    assert!(client.rest().await.iter().any(|node| node.tag == "stream:error"));
}

#[tokio::test]
async fn a_burst_larger_than_the_window_arrives_in_order() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    emulator.contact("maria").await.unwrap();
    let ids = emulator.contact_burst("maria", &who.jid, "text", 3000).await.unwrap();
    let mut client = Client::open(&emulator, &keys, &who).await;
    for id in &ids {
        assert!(client.expect("message").await.is("id", id));
    }
    assert!(client.expect("ib").await.find("offline").unwrap().is("count", "3000"));
}

#[tokio::test]
async fn a_client_that_asks_much_before_it_reads_gets_every_answer() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let other = Keys::new();
    Client::pair(&emulator, &other, "ana").await;
    emulator.contact("maria").await.unwrap();
    emulator.contact_burst("maria", &who.jid, "text", 2000).await.unwrap();
    let mut client = Client::open(&emulator, &keys, &who).await;
    let count = 5000u32;
    for number in 0..count {
        let id = number.to_string();
        let ping = Node::new("iq").attr("to", Jid::SERVER).attr("id", id).attr("type", "get").attr("xmlns", "w:p");
        client.send(&ping).await;
    }
    for number in 0..count {
        assert!(client.expect("iq").await.is("id", &number.to_string()));
    }
}

#[tokio::test]
async fn what_is_no_stanza_ends_the_connection_and_nothing_else() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    client.send_plaintext(&[0, 0xf0]).await;
    let error = client.expect("stream:error").await;
    assert!(error.find("xml-not-well-formed").is_some());
    client.rest().await;

    let mut client = Client::open(&emulator, &keys, &who).await;
    client.send_bytes([&[0, 0, 20][..], &[1; 20]].concat()).await;
    client.rest().await;

    let mut client = Client::open(&emulator, &keys, &who).await;
    let bomb = [0x02].into_iter().chain(std::iter::repeat_n(0x78, 100)).collect::<Vec<_>>();
    client.send_plaintext(&bomb).await;
    client.expect("stream:error").await;
    // The service itself is well.
    Client::open(&emulator, &keys, &who).await.expect("ib").await;
}

#[tokio::test]
async fn every_request_gets_an_answer() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    assert!(client.ask("w:p", "get", Node::new("ping")).await.is("type", "result"));
    assert!(client.ask("never:heard:of", "get", Node::new("x")).await.is("type", "result"));
    let digest = client.ask("encrypt", "get", Node::new("digest")).await;
    assert!(digest.find("error").unwrap().is("code", "404"));
    let count = client.ask("encrypt", "get", Node::new("count")).await;
    assert!(count.find("count").unwrap().is("value", "0"));

    let phone: Jid = who.lid.parse().unwrap();
    let users = [phone.clone(), phone.with_device(1), phone.with_device(9)];
    let key = Node::new("key").children(users.map(|jid| Node::new("user").attr("jid", jid)));
    let answer = client.ask("encrypt", "get", key).await;
    let users = answer.find("list").unwrap().nodes().to_vec();
    assert!(users[0].find("key").is_some() && users[0].find("device-identity").is_none());
    assert!(users[1].find("key").is_none() && users[1].find("device-identity").is_some());
    assert!(users[2].find("error").unwrap().is("code", "404"));
}

#[tokio::test]
async fn faults_reach_the_client() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    client.expect("ib").await;
    let stanza = serde_json::json!({ "tag": "call", "attrs": { "id": "7", "from": who.lid } });
    assert_eq!(emulator.inject(Some("ana"), None, Injection::Stanza(stanza)).await, Ok(1));
    assert!(client.expect("call").await.get_jid("from").unwrap().is_lid());
    emulator.inject(Some("ana"), Some(1), Injection::Frame(BrokenFrame::Truncated)).await.unwrap();
    client.rest().await;

    let client = Client::open(&emulator, &keys, &who).await;
    let error = Disconnect::StreamError { code: Some(401), conflict: Some("device_removed".into()) };
    assert_eq!(emulator.disconnect(Some("ana"), None, error).await, Ok(1));
    assert!(client.rest().await.iter().any(|node| node.tag == "stream:error" && node.is("code", "401")));
    assert!(emulator.disconnect(Some("nobody"), None, Disconnect::Clean).await.is_err());
}
