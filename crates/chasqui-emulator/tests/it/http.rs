//! A few lines of HTTP for these tests.

use std::sync::Arc;

use chasqui_emulator::Emulator;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    /// As much of it as came.
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// One request with a connection of its own; `None` if that ended before a status came.
pub async fn request(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Answer> {
    let info = emulator.info();
    let stream = TcpStream::connect((info.host.as_str(), info.port)).await.expect("the port is open");
    exchange(stream, method, path, headers, body).await
}

/// The same over TLS, trusting the emulator's authority alone.
pub async fn request_tls(emulator: &Emulator, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
    let info = emulator.info();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(info.ca_pem.as_bytes()).expect("a certificate")).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect((info.host.as_str(), info.port)).await.expect("the port is open");
    let name = ServerName::try_from(info.host.clone()).expect("a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a trusted server");
    exchange(stream, method, path, &[], body).await
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Answer> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "transfer-encoding") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    // The other side may hang up before it has heard everything.
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).expect("a head in ASCII");
    let status = head.split(' ').nth(1)?.parse().expect("a status");
    Some(Answer { status, head, body: answer[end + 4..].to_vec() })
}
