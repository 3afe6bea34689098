//! The media hosts from outside: uploads, downloads, faults, and phones that upload again.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64, engine::general_purpose::URL_SAFE_NO_PAD};
use chasqui_emulator::{Emulator, MediaOptions, Options, Running, StoredMedia};
use chasqui_media::{
    MediaKey,
    retry::{open_answer, seal_request},
};
use chasqui_proto::{
    MediaRetryNotification, Message, ProtoMessage as _, media_retry_notification::ResultType, message::ImageMessage,
};
use chasqui_wire::node::Node;
use sha2::{Digest, Sha256};

use crate::{
    client::{Client, Keys},
    http::{Answer, request, request_tls},
};

async fn start(options: Options) -> Running {
    Emulator::start(options).await.expect("it starts")
}

/// An emulator with a linked device of "ana", and what that device may upload with.
async fn linked(options: Options) -> (Running, Client, String) {
    let emulator = start(options).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    let auth =
        media_conn(&mut client).await.need("media_conn").expect("it").get_str("auth").expect("auth").into_owned();
    (emulator, client, auth)
}

async fn media_conn(client: &mut Client) -> Node<'static> {
    client.ask("w:m", "set", Node::new("media_conn")).await
}

fn token_of(file: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(file))
}

async fn post(emulator: &Emulator, file: &[u8], rest: &str) -> Answer {
    let token = token_of(file);
    request(emulator, "POST", &format!("/mms/image/{token}?{rest}&token={token}"), &[], file).await.expect("an answer")
}

async fn get(emulator: &Emulator, path: &str, range: &str) -> Answer {
    request(emulator, "GET", path, &[("range", range)], b"").await.expect("an answer")
}

async fn fault(emulator: &Emulator, rule: &str) {
    emulator.call("mediaFault", rule).await.expect("a good rule");
}

fn file(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from((i * 7 + i / 256) % 256).expect("a byte")).collect()
}

#[tokio::test]
async fn the_hosts_are_the_port_itself() {
    let options = Options { media_ttl: std::time::Duration::from_secs(7), ..Options::default() };
    let (emulator, mut client, auth) = linked(options).await;
    let answer = media_conn(&mut client).await;
    let conn = answer.need("media_conn").expect("media_conn");
    assert!(conn.is("ttl", "7") && conn.is("auth_ttl", "21600") && conn.get("max_buckets").is_some(), "{conn:?}");
    let again = conn.get_str("auth").expect("auth");
    assert!(again != auth && again.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    let authority = format!("{}:{}", emulator.info().host, emulator.info().port);
    let hosts: Vec<_> = conn.all("host").collect();
    assert_eq!(hosts.len(), 2);
    assert!(hosts.iter().all(|host| host.is("hostname", &authority)));
    assert!(hosts[0].is("type", "primary") && hosts[1].is("type", "fallback"));
}

#[tokio::test]
async fn what_is_uploaded_is_downloaded_in_every_way_that_clients_ask() {
    let (emulator, _client, auth) = linked(Options::default()).await;
    let bytes = file(200_026);
    let token = token_of(&bytes);
    let padded = format!("/mms/image/{token}=?auth={auth}&token={token}=");
    let answer = request_tls(&emulator, "POST", &padded, &bytes).await.expect("an answer").json();
    let path = answer["direct_path"].as_str().expect("a path");
    let url = answer["url"].as_str().expect("an address");
    assert!(path.starts_with("/v/t62.7118-24/") && path.contains("?ccb="), "{path}");
    assert!(url.starts_with(&format!("{}{path}", emulator.info().https_url)), "{url}");
    assert!(answer["handle"].is_string() && answer["object_id"].is_string());
    // The same again is the same.
    assert_eq!(post(&emulator, &bytes, &format!("auth={auth}")).await.json()["direct_path"], path);

    let bare = path.split('?').next().expect("a path");
    let forms = [
        path.to_owned(),
        bare.to_owned(),
        format!("{path}&hash={token}%3D&mms-type=image&__wa-mms="),
        format!("{bare}&hash={token}=&mms-type=image&__wa-mms="),
        format!("{path}?auth={auth}&token={token}"),
    ];
    for form in &forms {
        assert_eq!(request(&emulator, "GET", form, &[], b"").await.expect("an answer").body, bytes, "{form}");
    }
    assert_eq!(request_tls(&emulator, "GET", path, b"").await.expect("an answer").body, bytes);
    let media = emulator.media().await.unwrap();
    assert_eq!((media.len(), media[0].fetched, media[0].length), (1, forms.len() as u64 + 1, 200_026));
    assert_eq!((media[0].kind.as_str(), media[0].token.as_str()), ("image", token.as_str()));

    let head = request(&emulator, "HEAD", path, &[], b"").await.expect("an answer");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("200026"), 0));
    assert_eq!(head.header("accept-ranges"), Some("bytes"));
    for (range, from, to) in
        [("976-2016", 976, 2017), ("199968-200032", 199_968, 200_026), ("200000-", 200_000, 200_026)]
    {
        let part = get(&emulator, path, &format!("bytes={range}")).await;
        let content_range = format!("bytes {from}-{}/200026", to - 1);
        assert_eq!((part.status, part.header("content-range")), (206, Some(content_range.as_str())));
        assert_eq!(part.body, bytes[from..to]);
    }
    let beyond = get(&emulator, path, "bytes=200026-").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */200026")));

    let delete = format!("/mms/image/{token}?token={token}&auth=");
    assert_eq!(request(&emulator, "DELETE", &delete, &[], b"").await.expect("an answer").status, 401);
    let d_md = URL_SAFE_NO_PAD.encode(bare);
    let delete = format!("{delete}{auth}&d_md={d_md}");
    assert_eq!(request(&emulator, "DELETE", &delete, &[], b"").await.expect("an answer").status, 200);
    assert_eq!(get(&emulator, path, "").await.status, 404);
}

#[tokio::test]
async fn uploads_without_right_or_with_another_hash_are_refused() {
    let (emulator, mut client, auth) = linked(Options::default()).await;
    let bytes = file(100);
    assert_eq!(post(&emulator, &bytes, "auth=other").await.status, 401);
    let token = token_of(b"another file");
    let path = format!("/mms/image/{token}?auth={auth}&token={token}");
    assert_eq!(request(&emulator, "POST", &path, &[], &bytes).await.expect("an answer").status, 400);
    assert_eq!(request(&emulator, "POST", "/mms/image/x", &[], &bytes).await.expect("an answer").status, 400);
    assert!(emulator.media().await.unwrap().is_empty());

    // The tokens of what is not encrypted are any.
    let path = format!("/newsletter/newsletter-image/any-token?auth={auth}&token=any-token");
    let answer = request(&emulator, "POST", &path, &[], &bytes).await.expect("an answer").json();
    assert_eq!(get(&emulator, answer["direct_path"].as_str().expect("a path"), "").await.body, bytes);

    emulator.media_expire_auth().await.unwrap();
    assert_eq!(post(&emulator, &bytes, &format!("auth={auth}")).await.status, 401);
    let fresh =
        media_conn(&mut client).await.need("media_conn").expect("it").get_str("auth").expect("auth").into_owned();
    assert_eq!(post(&emulator, &bytes, &format!("auth={fresh}")).await.status, 200);
}

#[tokio::test]
async fn a_right_ends_after_its_time() {
    let options = Options { media_auth_ttl: std::time::Duration::ZERO, ..Options::default() };
    let (emulator, _client, auth) = linked(options).await;
    assert_eq!(post(&emulator, b"x", &format!("auth={auth}")).await.status, 401);
}

#[tokio::test]
async fn a_file_that_is_too_long_is_refused_announced_or_not() {
    let (emulator, _client, auth) = linked(Options { media_limit: 1000, ..Options::default() }).await;
    let auth = format!("auth={auth}");
    assert_eq!(post(&emulator, &file(1000), &auth).await.status, 200);
    assert_eq!(post(&emulator, &file(1001), &auth).await.status, 413);
    let token = token_of(&file(1001));
    let chunked = [b"3e9\r\n".as_slice(), &file(1001), b"\r\n0\r\n\r\n"].concat();
    let path = format!("/mms/image/{token}?{auth}");
    let answer = request(&emulator, "POST", &path, &[("transfer-encoding", "chunked")], &chunked).await;
    assert_eq!(answer.expect("an answer").status, 413);
    assert_eq!(emulator.media().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_where_it_stopped() {
    let (emulator, _client, auth) = linked(Options::default()).await;
    let bytes = file(300_000);
    let token = token_of(&bytes);
    let path = format!("/mms/video/{token}?auth={auth}&token={token}");
    let send = async |rest: &str, body: &[u8]| request(&emulator, "POST", &format!("{path}{rest}"), &[], body).await;
    assert_eq!(send("&resume=1", b"").await.expect("an answer").json()["resume"], "0");
    assert_eq!(send("&file_offset=10", &bytes[10..]).await.expect("an answer").status, 400);

    fault(&emulator, r#"{"what":"cut","direction":"upload","after":123456,"times":1}"#).await;
    // A question does not use it up.
    assert_eq!(send("&resume=1", b"").await.expect("an answer").json()["resume"], "0");
    assert!(send("", &bytes).await.is_none());
    assert_eq!(send("&resume=1", b"").await.expect("an answer").json()["resume"], "123456");
    // It may go on before the end of what is there.
    let answer = send("&file_offset=100000", &bytes[100_000..]).await.expect("an answer").json();
    assert_eq!(get(&emulator, answer["direct_path"].as_str().expect("a path"), "").await.body, bytes);
    let complete = send("&resume=1", b"").await.expect("an answer").json();
    assert_eq!((&complete["resume"], &complete["direct_path"]), (&"complete".into(), &answer["direct_path"]));
}

#[tokio::test]
async fn an_upload_that_its_client_breaks_off_is_kept_for_later() {
    let (emulator, _client, auth) = linked(Options::default()).await;
    let bytes = file(5000);
    let token = token_of(&bytes);
    let path = format!("/mms/video/{token}?auth={auth}");
    {
        use tokio::io::AsyncWriteExt;
        let info = emulator.info();
        let mut stream =
            tokio::net::TcpStream::connect((info.host.as_str(), info.port)).await.expect("the port is open");
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("an open socket");
        stream.write_all(&bytes[..2000]).await.expect("an open socket");
    }
    loop {
        let asked = request(&emulator, "POST", &format!("{path}&resume=1"), &[], b"").await.expect("an answer").json();
        if asked["resume"] == "2000" {
            break;
        }
        assert_eq!(asked["resume"], "0");
        tokio::task::yield_now().await;
    }
}

async fn put(emulator: &Emulator, kind: &str, bytes: &[u8]) -> StoredMedia {
    emulator.media_put(kind, bytes.to_vec(), MediaOptions::default()).await.expect("it is stored")
}

#[tokio::test]
async fn files_of_tests_are_encrypted_listed_and_removed() {
    let emulator = start(Options::default()).await;
    let bytes = file(70_000);
    let stored = put(&emulator, "ptt", &bytes).await;
    assert_eq!(stored.file_length, 70_000);
    assert_eq!(stored.streaming_sidecar.as_deref().map(|sidecar| BASE64.decode(sidecar).unwrap().len()), Some(20));
    let encrypted = get(&emulator, &stored.direct_path, "").await.body;
    assert_eq!(encrypted, emulator.media_get(&stored.direct_path, None).await.unwrap());
    assert_eq!(BASE64.encode(Sha256::digest(&encrypted)), stored.file_enc_sha256.clone().unwrap());
    let key = BASE64.decode(stored.media_key.unwrap()).unwrap();
    let key = MediaKey::from_slice(&key).unwrap();
    assert_eq!(emulator.media_get(&stored.direct_path, Some((key.clone(), "audio"))).await.unwrap(), bytes);
    assert!(emulator.media_get(&stored.direct_path, Some((key.clone(), "video"))).await.is_err());
    assert!(emulator.media_put("nothing", Vec::new(), MediaOptions::default()).await.is_err());

    let thumbnail = MediaOptions { media_key: Some(*key.as_bytes()), plain: false };
    let thumbnail = emulator.media_put("imageThumbnail", b"small".to_vec(), thumbnail).await.unwrap();
    assert_eq!(thumbnail.media_key, Some(BASE64.encode(key.as_bytes())));
    let plain = MediaOptions { plain: true, ..MediaOptions::default() };
    let plain = emulator.media_put("image", b"for all".to_vec(), plain).await.unwrap();
    assert_eq!((plain.media_key, plain.file_enc_sha256), (None, None));
    assert_eq!(get(&emulator, &plain.direct_path, "").await.body, b"for all");

    let paths: Vec<_> = emulator.media().await.unwrap().into_iter().map(|media| media.direct_path).collect();
    assert_eq!(paths, [stored.direct_path.clone(), thumbnail.direct_path, plain.direct_path]);
    emulator.media_remove(&stored.direct_path, false).await.unwrap();
    assert_eq!(get(&emulator, &stored.direct_path, "").await.status, 404);
    assert!(emulator.media_remove(&stored.direct_path, false).await.is_err());
    assert_eq!(emulator.media().await.unwrap().len(), 2);
    emulator.reset().await.unwrap();
    assert!(emulator.media().await.unwrap().is_empty());
}

#[tokio::test]
async fn downloads_fail_as_they_are_told_to() {
    let emulator = start(Options::default()).await;
    let path = put(&emulator, "image", &file(150_000)).await.direct_path;
    let whole = get(&emulator, &path, "").await.body;
    for code in [401, 403, 404, 410, 500] {
        fault(&emulator, &format!(r#"{{"what":"status","code":{code},"times":1}}"#)).await;
        assert_eq!(get(&emulator, &path, "").await.status, code);
    }
    fault(&emulator, r#"{"what":"status","code":429,"retryAfter":3,"times":2}"#).await;
    for _ in 0..2 {
        let refused = get(&emulator, &path, "").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("3")));
    }
    assert_eq!(get(&emulator, &path, "").await.body, whole);

    fault(&emulator, r#"{"what":"truncate","after":100000,"times":1}"#).await;
    let short = get(&emulator, &path, "").await;
    assert_eq!((short.header("content-length"), short.body.len()), (Some("100000"), 100_000));
    fault(&emulator, r#"{"what":"cut","after":100000,"times":1}"#).await;
    let cut = get(&emulator, &path, "").await;
    assert_eq!((cut.header("content-length"), cut.body.len()), (Some("150026"), 100_000));
    fault(&emulator, r#"{"what":"flip","after":70000,"times":1}"#).await;
    let flipped = get(&emulator, &path, "").await.body;
    let wrong: Vec<_> = (0..whole.len()).filter(|at| flipped[*at] != whole[*at]).collect();
    assert_eq!(wrong, [70_000]);

    fault(&emulator, r#"{"what":"page","times":1}"#).await;
    let page = get(&emulator, &path, "").await;
    assert_eq!((page.status, page.body.starts_with(b"<html>")), (200, true));

    let other = put(&emulator, "image", b"other").await.direct_path;
    let rule = serde_json::json!({ "what": "status", "code": 404, "path": path });
    fault(&emulator, &rule.to_string()).await;
    assert_eq!((get(&emulator, &path, "").await.status, get(&emulator, &other, "").await.status), (404, 200));
    emulator.clear_media_faults(None).await.unwrap();

    fault(&emulator, r#"{"what":"slow","bytesPerSecond":1000000}"#).await;
    let begun = std::time::Instant::now();
    assert_eq!(get(&emulator, &path, "").await.body, whole);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(140));
}

#[tokio::test]
async fn a_download_without_end_goes_on_until_its_client_hangs_up() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let emulator = start(Options::default()).await;
    let path = put(&emulator, "image", b"x").await.direct_path;
    fault(&emulator, r#"{"what":"endless"}"#).await;
    let info = emulator.info();
    let mut stream = tokio::net::TcpStream::connect((info.host.as_str(), info.port)).await.expect("the port is open");
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.expect("an open socket");
    let mut much = vec![0; 10 << 20];
    stream.read_exact(&mut much).await.expect("it goes on");
    assert!(!String::from_utf8_lossy(&much[..500]).contains("content-length"));
    drop(stream);
    assert_eq!(emulator.media().await.unwrap()[0].fetched, 1);
}

#[tokio::test]
async fn uploads_fail_as_they_are_told_to() {
    let (emulator, _client, auth) = linked(Options::default()).await;
    let auth = format!("auth={auth}");
    fault(&emulator, r#"{"what":"status","code":500,"direction":"upload","path":"/mms/image/","times":1}"#).await;
    assert_eq!(post(&emulator, &file(3_000_000), &auth).await.status, 500);
    assert_eq!(post(&emulator, &file(3_000_000), &auth).await.status, 200);
}

#[tokio::test]
async fn a_name_that_looks_like_a_websocket_is_a_file() {
    let emulator = start(Options::default()).await;
    let answer = get(&emulator, "/v/t62.7118-24/ws-and-more.enc", "").await;
    assert_eq!(answer.status, 404);
}

/// The answer of ana's phone to a request for the file of message `id`.
async fn ask_again(client: &mut Client, key: &MediaKey, id: &str, as_id: &str) -> Node<'static> {
    let sealed = seal_request(key, id);
    let encrypt = Node::new("encrypt")
        .children([Node::new("enc_p").bytes(sealed.enc_p), Node::new("enc_iv").bytes(sealed.enc_iv.to_vec())]);
    let rmr = Node::new("rmr").attr("jid", "637791190049705@lid").attr("from_me", "false");
    let receipt = Node::new("receipt")
        .attr("id", as_id.to_owned())
        .attr("to", "9991090220207@s.whatsapp.net".parse::<chasqui_wire::Jid>().expect("a JID"))
        .attr("type", "server-error")
        .children([encrypt, rmr]);
    client.send(&receipt).await;
    loop {
        let notification = client.expect("notification").await;
        if notification.is("type", "mediaretry") {
            assert!(notification.is("id", as_id) && notification.find("rmr").is_some());
            let ack = Node::new("ack").attr("class", "notification").attr("id", as_id.to_owned());
            client.send(&ack).await;
            return notification;
        }
    }
}

fn opened(notification: &Node<'_>, key: &MediaKey, id: &str) -> Option<MediaRetryNotification> {
    let part = |tag: &str| notification.find("encrypt")?.find(tag)?.content_bytes().map(<[u8]>::to_vec);
    open_answer(key, id, &part("enc_p")?, &part("enc_iv")?).ok()
}

#[tokio::test]
async fn a_phone_uploads_again_what_its_companion_asks_for() {
    let emulator = start(Options::default()).await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "alice").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    let stored = put(&emulator, "image", &file(1000)).await;
    let key = MediaKey::from_slice(&BASE64.decode(stored.media_key.as_deref().unwrap()).unwrap()).unwrap();
    let image = ImageMessage {
        direct_path: Some(stored.direct_path.clone()),
        media_key: Some(key.as_bytes().to_vec()),
        file_enc_sha256: stored.file_enc_sha256.as_deref().map(|hash| BASE64.decode(hash).unwrap()),
        ..Default::default()
    };
    let message = Message { image_message: Some(Box::new(image)), ..Default::default() };
    emulator.contact("maria").await.unwrap();
    let id = emulator.contact_send_raw("maria", &who.jid, message.encode_to_vec(), Vec::new(), None).await.unwrap();

    emulator.media_remove(&stored.direct_path, false).await.unwrap();
    let answer = opened(&ask_again(&mut client, &key, &id, &id).await, &key, &id).expect("ours");
    assert_eq!(answer.result(), ResultType::Success);
    assert_ne!(answer.direct_path(), stored.direct_path);
    assert_eq!(get(&emulator, answer.direct_path(), "").await.status, 200);

    fault(&emulator, r#"{"what":"notFound","times":1}"#).await;
    let refused = opened(&ask_again(&mut client, &key, &id, &id).await, &key, &id).expect("ours");
    assert_eq!((refused.result(), refused.direct_path), (ResultType::NotFound, None));
    fault(&emulator, r#"{"what":"wrongTag","times":1}"#).await;
    assert!(opened(&ask_again(&mut client, &key, &id, &id).await, &key, &id).is_none());
    // The first one gets no answer, the second one does.
    fault(&emulator, r#"{"what":"noAnswer","times":1}"#).await;
    client
        .send(&Node::new("receipt").attr("id", id.clone()).attr("type", "server-error").child(Node::new("rmr")))
        .await;
    assert!(opened(&ask_again(&mut client, &key, &id, &id).await, &key, &id).is_some());

    let code = |node: Node<'static>| node.need("error").expect("an error").get_u64("code");
    assert_eq!(code(ask_again(&mut client, &key, &id, "3EB0UNKNOWN").await), Some(2));
    assert_eq!(code(ask_again(&mut client, &MediaKey::new([1; 32]), &id, &id).await), Some(3));
    emulator.media_remove(answer.direct_path(), true).await.unwrap();
    let gone = opened(&ask_again(&mut client, &key, &id, &id).await, &key, &id).expect("ours");
    assert_eq!(gone.result(), ResultType::NotFound);
}
