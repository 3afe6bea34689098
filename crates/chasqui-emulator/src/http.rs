//! The HTTP side of the port: readiness, administration, files, and the upgrade to a WebSocket (the contract, §1 and §5).

use std::{io, sync::Arc};

use bytes::Bytes;
use chasqui_error::PublicError;
use http_body_util::{BodyExt, Full, Limited, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
    upgrade::OnUpgrade,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::{Emulator, error::EmulatorError, media};

/// Longest body of a request to the administration, in bytes.
const MAX_BODY: usize = 4 << 20;

/// The body of an answer. An error in it ends the connection.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Reply = Response<Body>;

/// Answers one request; an error ends the connection without an answer. A WebSocket's connection is handed to `upgrades`.
pub(crate) async fn answer(
    mut request: Request<Incoming>,
    emulator: Arc<Emulator>,
    upgrades: mpsc::Sender<OnUpgrade>,
) -> io::Result<Reply> {
    // First of all: a file's name may look like a WebSocket's path.
    if media::concerns(&request) {
        return media::answer(request, emulator).await;
    }
    if request.method() == Method::GET && request.uri().path().contains("/ws") {
        return Ok(upgrade(&mut request, &upgrades).unwrap_or_else(|| {
            error(&EmulatorError::option("Upgrade", "this path is a WebSocket"), StatusCode::BAD_REQUEST)
        }));
    }
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or was cut short")),
    };
    let query = parts.uri.query().unwrap_or_default();
    Ok(route(&emulator, &parts.method, parts.uri.path(), query, &body).await)
}

async fn route(emulator: &Emulator, method: &Method, path: &str, query: &str, body: &[u8]) -> Reply {
    let body = std::str::from_utf8(body);
    match (method.as_str(), path, body) {
        ("GET" | "HEAD", "/", _) => text(StatusCode::OK, "chasqui emulator"),
        ("GET", "/admin/ca.pem", _) => text(StatusCode::OK, &emulator.info().ca_pem),
        ("GET", "/admin/root-key", _) => text(StatusCode::OK, &emulator.info().root_key),
        ("GET", "/admin/accounts", _) => json_reply(emulator.call("accounts", "").await),
        ("GET", "/admin/info", _) => json_reply(emulator.call("info", "").await),
        ("POST", "/admin/reset", _) => json_reply(emulator.call("reset", "").await),
        ("POST", _, Err(_)) => error(&EmulatorError::option("body", "must be UTF-8"), StatusCode::BAD_REQUEST),
        ("POST", "/admin/mock-phone/scan-qr", Ok(code)) => {
            let name = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "push_name");
            let scanned = emulator.scan(code, name.as_ref().map(|(_, name)| &**name)).await;
            json_reply(
                scanned.map(
                    |scanned| json!({ "ok": true, "jid": scanned.jid, "lid": scanned.lid, "device": scanned.device }),
                ),
            )
        }
        ("POST", path, Ok(arguments)) => match path.strip_prefix("/admin/call/") {
            Some(name) => json_reply(emulator.call(name, arguments).await),
            None => text(StatusCode::NOT_FOUND, "not found"),
        },
        _ => text(StatusCode::NOT_FOUND, "not found"),
    }
}

fn upgrade(request: &mut Request<Incoming>, upgrades: &mpsc::Sender<OnUpgrade>) -> Option<Reply> {
    let wants = request.headers().get(header::UPGRADE)?.to_str().ok()?.eq_ignore_ascii_case("websocket");
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).filter(|_| wants)?;
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()?;
    upgrades.try_send(hyper::upgrade::on(request)).ok()?;
    let mut reply = Response::new(full(Bytes::new()));
    *reply.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = reply.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Some(reply)
}

pub(crate) fn json_reply(result: Result<Value, EmulatorError>) -> Reply {
    match result {
        Ok(value) => reply(StatusCode::OK, "application/json", value.to_string()),
        Err(failure) => error(&failure, StatusCode::from_u16(failure.http_status()).unwrap_or_default()),
    }
}

fn error(failure: &EmulatorError, status: StatusCode) -> Reply {
    let public = PublicError::from(failure.clone());
    reply(status, "application/json", json!({ "ok": false, "error": public }).to_string())
}

pub(crate) fn text(status: StatusCode, body: &str) -> Reply {
    reply(status, "text/plain; charset=utf-8", body.to_owned())
}

fn reply(status: StatusCode, kind: &'static str, body: String) -> Reply {
    let mut reply = Response::new(full(body.into()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

fn full(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}
