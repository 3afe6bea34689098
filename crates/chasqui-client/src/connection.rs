//! One connection: TCP, TLS, WebSocket, Noise handshake, and then frames in both directions.
//!
//! Everything happens inside the session's task: [`Connection::io`] writes what is queued and reads what has come, and
//! may be dropped at any await without losing anything. Source: 01-connection §1 to §5.

use std::{
    future::poll_fn,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{
    KeyPair, Node,
    cert::{CertVerifier, VerifiedChain},
    codec::{self, DecodeError},
    frame::{self, FrameDecoder},
    noise::{ClientHandshake, NoiseError, Opener, Pattern, Sealer},
};
use futures_util::{Sink, SinkExt, StreamExt};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Semaphore,
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, ClientRequestBuilder, Message, http::Uri, protocol::WebSocketConfig},
};

use crate::{
    options::{Endpoint, invalid},
    proxy::Proxy,
    reason::{End, Next},
};

/// Largest frame taken from a server.
const MAX_FRAME: usize = frame::MAX_FRAME;
/// How far a stanza that is too large is read.
const MAX_HEAD: usize = 4 << 10;
/// Bytes that may wait to be written; a server that takes nothing for so long is gone.
const MAX_UNSENT: usize = 32 << 20;
/// Handshakes under way at once in this process: a thousand sessions dropped together do not come back together.
static HANDSHAKES: Semaphore = Semaphore::const_new(32);

/// The certificates that the service showed last: all sessions meet the same ones, and the signatures of a chain take as
/// long as two key agreements.
static VERIFIED: Mutex<Option<VerifiedChain>> = Mutex::new(None);

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// What a handshake needs.
pub(crate) struct Attempt {
    pub endpoint: Endpoint,
    pub proxy: Option<Proxy>,
    pub noise: KeyPair,
    pub payload: Vec<u8>,
    pub routing_info: Option<Vec<u8>>,
    /// The chain of an earlier handshake: resume with IK.
    pub resume: Option<Vec<u8>>,
    pub timeout: Duration,
}

/// A finished handshake.
pub(crate) struct Established {
    pub connection: Connection,
    pub chain: VerifiedChain,
    pub pattern: Pattern,
}

/// Why there is no connection.
pub(crate) struct Failed {
    pub end: End,
    /// The resumption itself failed: forget the cached chain.
    pub forget_chain: bool,
}

impl From<End> for Failed {
    fn from(end: End) -> Self {
        Self { end, forget_chain: false }
    }
}

/// Connects and shakes hands.
pub(crate) async fn establish(attempt: Attempt) -> Result<Established, Failed> {
    let _permit = HANDSHAKES.acquire().await.map_err(|_| End::lost("The process is ending."))?;
    let limit = attempt.timeout;
    timeout(limit, establish_now(attempt)).await.unwrap_or_else(|_| {
        Err(End::new(
            ErrorCode::ConnectionFailed,
            format!("The server did not answer within {} ms.", limit.as_millis()),
            Next::Backoff,
        )
        .with("cause", "timeout")
        .into())
    })
}

async fn establish_now(attempt: Attempt) -> Result<Established, Failed> {
    let mut socket = open_socket(&attempt.endpoint, attempt.proxy.as_ref()).await?;
    let known = VERIFIED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let verifier = CertVerifier::new(attempt.endpoint.root_key).knowing(known);
    let ephemeral = KeyPair::generate();
    let now = unix_now();
    let cached = attempt.resume.as_deref().and_then(|chain| verifier.verify_cached(chain, now).ok());
    let handshake = match cached {
        Some(chain) => ClientHandshake::ik(ephemeral, &attempt.noise, chain.leaf_key, &attempt.payload)
            .map_err(|_| Failed { end: End::lost("The resumption failed."), forget_chain: true })?,
        None => ClientHandshake::xx(ephemeral, &attempt.noise),
    };

    let mut first = frame::intro(attempt.routing_info.as_deref());
    frame::encode_frame(&handshake.hello(), &mut first).map_err(End::protocol)?;
    socket.send(Message::Binary(first.into())).await.map_err(broken)?;

    let mut frames = FrameDecoder::new(MAX_FRAME);
    let hello = loop {
        if let Some(frame) = frames.next_frame().map_err(End::protocol)? {
            break frame;
        }
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => frames.push(&bytes),
            Some(Ok(Message::Close(_))) | None => {
                return Err(Failed { end: End::lost("The server closed during the handshake."), forget_chain: false });
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(broken(error).into()),
        }
    };
    let resumed = attempt.resume.is_some();
    let finished = handshake.on_server_hello(&hello, &verifier, now, &attempt.payload).map_err(|error| Failed {
        end: match error {
            NoiseError::Untrusted(error) => End::new(
                ErrorCode::ServerNotTrusted,
                format!("The server's Noise certificate is not trusted: {error}."),
                Next::Stop,
            ),
            error => End::protocol(error),
        },
        forget_chain: resumed,
    })?;
    if let Some(finish) = &finished.finish {
        let mut bytes = Vec::new();
        frame::encode_frame(finish, &mut bytes).map_err(End::protocol)?;
        socket.send(Message::Binary(bytes.into())).await.map_err(broken)?;
    }
    *VERIFIED.lock().unwrap_or_else(PoisonError::into_inner) = Some(finished.chain.clone());
    let (sealer, opener) = finished.transport.split();
    Ok(Established {
        connection: Connection { socket, sealer, opener, frames, unsent: Vec::new(), last_received: Instant::now() },
        chain: finished.chain,
        pattern: finished.pattern,
    })
}

async fn open_socket(endpoint: &Endpoint, proxy: Option<&Proxy>) -> Result<WebSocketStream<Box<dyn Io>>, End> {
    let (uri, host) = address(endpoint).map_err(unusable)?;
    let secure = uri.scheme_str() == Some("wss");
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let unreachable = |error: std::io::Error| {
        let end =
            End::new(ErrorCode::ConnectionFailed, format!("{host}:{port} cannot be reached: {error}."), Next::Backoff);
        let cause = match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "refused",
            std::io::ErrorKind::TimedOut => "timeout",
            _ => "unreachable",
        };
        end.with("cause", cause).with("address", format!("{host}:{port}"))
    };
    let tcp = match proxy {
        Some(proxy) => proxy.connect(&host, port).await?,
        None => TcpStream::connect((host.as_str(), port)).await.map_err(unreachable)?,
    };
    tcp.set_nodelay(true).map_err(unreachable)?;
    let io: Box<dyn Io> = if secure {
        let name = server_name(&host).map_err(unusable)?;
        Box::new(tls(endpoint).map_err(unusable)?.connect(name, tcp).await.map_err(|error| tls_failed(&error))?)
    } else {
        Box::new(tcp)
    };
    let request = ClientRequestBuilder::new(uri).with_header("Origin", "https://web.whatsapp.com");
    let config = WebSocketConfig::default()
        // Thousands of idle sockets live in one process; frames are reassembled in our own buffer.
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
        .max_message_size(Some(MAX_FRAME + (1 << 16)))
        .max_frame_size(Some(MAX_FRAME + (1 << 16)));
    let (socket, _) = client_async_with_config(request, io, Some(config)).await.map_err(broken)?;
    Ok(socket)
}

/// Finds what is wrong with an endpoint before anything is opened. Errors are `INVALID_OPTION`.
pub(crate) fn check(endpoint: &Endpoint) -> Result<(), PublicError> {
    let (_, host) = address(endpoint)?;
    server_name(&host)?;
    if endpoint.ca.is_some() {
        tls(endpoint)?;
    }
    Ok(())
}

/// The URL and its host, without the brackets of an IPv6 address.
fn address(endpoint: &Endpoint) -> Result<(Uri, String), PublicError> {
    let uri: Uri = endpoint.url.parse().map_err(|_| invalid("endpoint.url", "is not a URL"))?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| invalid("endpoint.url", "names no host"))?;
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok((uri, host))
}

fn server_name(host: &str) -> Result<ServerName<'static>, PublicError> {
    ServerName::try_from(host.to_owned()).map_err(|_| invalid("endpoint.url", "names a host that is none"))
}

fn unusable(reason: PublicError) -> End {
    End { reason, next: Next::Stop }
}

fn tls_failed(error: &std::io::Error) -> End {
    let untrusted = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some_and(|error| matches!(error, rustls::Error::InvalidCertificate(_)));
    if untrusted {
        End::new(
            ErrorCode::ServerNotTrusted,
            format!("The server's TLS certificate is not trusted: {error}."),
            Next::Stop,
        )
    } else {
        End::new(ErrorCode::ConnectionFailed, format!("The TLS handshake failed: {error}."), Next::Backoff)
    }
}

fn broken(error: tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Http(response) => End::new(
            ErrorCode::ConnectionFailed,
            format!("The server answered with HTTP status {} instead of a WebSocket.", response.status()),
            Next::Backoff,
        ),
        error => End::lost(format!("The connection broke: {error}.")),
    }
}

/// The connector for the public web's authorities is made once.
static PUBLIC_TLS: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    Arc::new(config(roots))
});

fn config(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|_| unreachable!("ring has the default protocol versions"))
        .with_root_certificates(roots)
        .with_no_client_auth();
    // One connection lives for days: tickets would only cost memory.
    config.resumption = rustls::client::Resumption::disabled();
    config
}

fn tls(endpoint: &Endpoint) -> Result<TlsConnector, PublicError> {
    let Some(pem) = &endpoint.ca else { return Ok(TlsConnector::from(PUBLIC_TLS.clone())) };
    Ok(TlsConnector::from(Arc::new(config(roots(pem)?))))
}

/// For HTTPS beside the connection: whoever is trusted there.
pub(crate) fn tls_config(endpoint: &Endpoint) -> Result<ClientConfig, PublicError> {
    match &endpoint.ca {
        Some(pem) => Ok(config(roots(pem)?)),
        None => Ok(ClientConfig::clone(&PUBLIC_TLS)),
    }
}

fn roots(pem: &str) -> Result<RootCertStore, PublicError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let added = certificate.ok().and_then(|certificate| roots.add(certificate).ok());
        if added.is_none() {
            return Err(invalid("endpoint.ca", "is not a PEM certificate"));
        }
    }
    if roots.is_empty() {
        return Err(invalid("endpoint.ca", "holds no PEM certificate"));
    }
    Ok(roots)
}

/// Seconds since the epoch by the own clock.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Milliseconds since the epoch by the own clock.
pub(crate) fn unix_now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// An encrypted stream of stanzas.
pub(crate) struct Connection {
    socket: WebSocketStream<Box<dyn Io>>,
    sealer: Sealer,
    opener: Opener,
    frames: FrameDecoder,
    unsent: Vec<u8>,
    /// When a whole frame last came: bytes of one that never ends are no sign of life.
    pub last_received: Instant,
}

impl Connection {
    /// Queues a stanza; [`Self::io`] writes it.
    pub fn queue(&mut self, node: &Node<'_>) -> Result<(), End> {
        let start = self.unsent.len();
        let sealed = frame::header(0)
            .map_err(End::protocol)
            .and_then(|header| {
                self.unsent.extend_from_slice(&header);
                codec::encode_into(node, &mut self.unsent).map_err(End::protocol)
            })
            .and_then(|()| self.sealer.seal_in_place(&mut self.unsent, start).map_err(End::protocol));
        if sealed.is_err() {
            self.unsent.truncate(start);
        }
        sealed?;
        if self.unsent.len() > MAX_UNSENT {
            return Err(End::lost("The server takes no data."));
        }
        Ok(())
    }

    /// Writes what is queued and waits for bytes. Cancel-safe.
    pub async fn io(&mut self) -> Result<(), End> {
        poll_fn(|cx| self.poll_io(cx)).await
    }

    fn poll_io(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        self.poll_write(cx)?;
        let mut received = false;
        loop {
            match self.socket.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(Message::Binary(bytes)))) => {
                    self.frames.push(&bytes);
                    received = true;
                    // Enough for one turn; what is left is read in the next.
                    if self.frames.buffered() > 64 << 10 {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Ready(Some(Ok(Message::Close(_))) | None) => {
                    return Poll::Ready(Err(End::lost("The server closed the connection.")));
                }
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(broken(error))),
                Poll::Pending if received => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let mut socket = std::pin::Pin::new(&mut self.socket);
        if !self.unsent.is_empty() && socket.as_mut().poll_ready(cx).map_err(broken)?.is_ready() {
            let bytes = std::mem::take(&mut self.unsent);
            socket.as_mut().start_send(Message::Binary(bytes.into())).map_err(broken)?;
        }
        let _ = socket.as_mut().poll_flush(cx).map_err(broken)?;
        Ok(())
    }

    /// The next received stanza, decrypted: flag-less node bytes.
    pub fn next_stanza(&mut self) -> Result<Option<Stanza>, End> {
        let Some(mut frame) = self.frames.next_frame().map_err(End::protocol)? else { return Ok(None) };
        let plaintext = self.opener.decrypt_in_place(&mut frame).map_err(End::protocol)?;
        self.last_received = Instant::now();
        Stanza::unpack(plaintext).map(Some).map_err(End::protocol)
    }

    /// Writes what is queued and closes, within `limit`.
    pub async fn close(mut self, limit: Duration) {
        let _ = timeout(limit, async {
            while !self.unsent.is_empty() {
                poll_fn(|cx| match self.poll_write(cx) {
                    Ok(()) if self.unsent.is_empty() => Poll::Ready(()),
                    Ok(()) => Poll::Pending,
                    Err(_) => {
                        self.unsent.clear();
                        Poll::Ready(())
                    }
                })
                .await;
            }
            let _ = self.socket.close(None).await;
        })
        .await;
    }
}

/// The bytes of a stanza; the node borrows from them.
pub(crate) struct Stanza {
    bytes: Vec<u8>,
    /// It is larger than is taken, and these are its first bytes.
    excess: Option<DecodeError>,
}

impl Stanza {
    /// Takes the plaintext of a frame.
    pub fn unpack(plaintext: &[u8]) -> Result<Self, DecodeError> {
        match codec::unpack(plaintext, codec::MAX_INFLATED) {
            Ok(bytes) => Ok(Self { bytes: bytes.into_owned(), excess: None }),
            Err(excess) if excess.is_excess() => {
                Ok(Self { bytes: codec::unpack_head(plaintext, MAX_HEAD), excess: Some(excess) })
            }
            Err(broken) => Err(broken),
        }
    }

    pub fn node(&self) -> Result<Node<'_>, DecodeError> {
        match &self.excess {
            Some(excess) => Err(excess.clone()),
            None => codec::decode(&self.bytes),
        }
    }

    /// Tag and attributes alone, as far as they are there.
    pub fn head(&self) -> Option<Node<'_>> {
        codec::decode_head(&self.bytes).ok()
    }
}
