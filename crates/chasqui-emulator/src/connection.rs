//! One client's connection: the stream's intro, the Noise handshake, frames in and out.
//!
//! A connection knows nothing of accounts. It hands decoded stanzas to the world and writes what the world hands back,
//! both through bounded channels. It reads the next stanza only while there is room for the answers, and while few of
//! its stanzas are unanswered; so a client that does not read is not read, and cannot make the service grow.

use std::{sync::Arc, time::Duration};

use chasqui_proto::{ClientPayload, ProtoMessage as _};
use chasqui_wire::{
    cert::CertAuthority,
    codec::{self, MAX_INFLATED},
    curve::{KeyPair, PublicKey},
    frame::{FrameDecoder, IntroParser, MAX_FRAME, encode_frame},
    node::Node,
    noise::{Accepted, MAX_HANDSHAKE, Opener, Pattern, Sealer, ServerHandshake, ServerState},
};
use futures_util::{SinkExt, Stream, StreamExt, stream::SplitSink};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, protocol::WebSocketConfig},
};

/// How many stanzas may be on their way to one client's socket.
pub(crate) const OUTBOUND: usize = 1024;
/// So much of that is kept for answers; queued stanzas use the rest.
pub(crate) const RESERVED: usize = 512;
/// With less room than this, nothing is read.
const ROOM: usize = 256;
/// Stanzas of one client that the world has not taken yet. Each has at most four answers, for which there is room.
const UNANSWERED: usize = ROOM / 4;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// Between the last stanza and the close, so that what the client has sent meanwhile is still read.
const LINGER: Duration = Duration::from_millis(60);
/// Stanzas written between two flushes.
const BATCH: usize = 64;

/// Which connection; counts from 1 and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub u64);

/// What the world hands to a connection.
#[derive(Debug)]
pub(crate) enum Outbound {
    /// A stanza.
    Stanza(Arc<Node<'static>>),
    /// A stanza in a frame that does not decrypt.
    Corrupt(Arc<Node<'static>>),
    /// The plaintext of a frame, flags included, sealed as it is.
    Plaintext(Vec<u8>),
    /// Bytes for the stream as they are.
    Stream(Vec<u8>),
    /// Asks for [`Inbound::Writable`] when everything before it is written.
    Mark,
    /// Ends the stream: `<xmlstreamend/>`, a moment to read, a clean close.
    Finish,
    /// Drops the socket without a word.
    Abort,
}

/// What a connection hands to the world.
#[derive(Debug)]
pub(crate) enum Inbound {
    /// Somebody has connected; the answer is whether the service says anything to it.
    Knocked(oneshot::Sender<bool>),
    /// The handshake is done.
    Opened(ConnectionId, Box<Hello>, mpsc::Sender<Outbound>),
    /// A stanza, with the permit that lets another one in when this one is dealt with.
    Stanza(ConnectionId, Node<'static>, OwnedSemaphorePermit),
    /// Something that is no stanza.
    Malformed(ConnectionId),
    /// Everything before a [`Outbound::Mark`] is written.
    Writable(ConnectionId),
    /// It is over.
    Closed(ConnectionId),
}

/// What the handshake told.
#[derive(Debug)]
pub(crate) struct Hello {
    pub payload: ClientPayload,
    pub payload_bytes: Vec<u8>,
    /// The client's static key.
    pub noise: PublicKey,
    pub pattern: Pattern,
}

/// What all connections share.
pub(crate) struct Gate<W> {
    pub authority: CertAuthority,
    /// `CertChain`, for every handshake.
    pub chain: Vec<u8>,
    pub refuse_resume: bool,
    /// Takes what connections hand over; fails when the emulator is stopped.
    pub world: mpsc::Sender<W>,
}

/// Why a connection ended; only for the log.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("the client closed it")]
    Closed,
    #[error("{0}")]
    WebSocket(#[from] tungstenite::Error),
    #[error("{0}")]
    Frame(#[from] chasqui_wire::frame::FrameError),
    #[error("{0}")]
    Noise(#[from] chasqui_wire::noise::NoiseError),
    #[error("{0}")]
    Stanza(#[from] codec::DecodeError),
    #[error("{0}")]
    Encode(#[from] codec::EncodeError),
    #[error("the client payload is no protobuf")]
    Payload,
    #[error("the handshake took too long")]
    Timeout,
    #[error("the service ended it")]
    Finished,
}

/// Limits of the WebSocket: a message may hold several frames.
pub(crate) fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(2 * MAX_FRAME))
        .max_frame_size(Some(2 * MAX_FRAME))
        // Per connection and for good: thousands of idle ones are held.
        .read_buffer_size(8 << 10)
        .write_buffer_size(8 << 10)
}

/// Serves one WebSocket until it ends.
pub(crate) async fn serve<S, W>(socket: WebSocketStream<S>, id: ConnectionId, gate: Arc<Gate<W>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    W: From<Inbound>,
{
    let (mut sink, mut stream) = socket.split();
    let (reply, answered) = oneshot::channel();
    if gate.world.send(Inbound::Knocked(reply).into()).await.is_err() {
        return;
    }
    if answered.await != Ok(true) {
        // Until the client gives up.
        while next_bytes(&mut stream).await.is_ok() {}
        return;
    }
    let mut frames = FrameDecoder::new(MAX_HANDSHAKE);
    let accepted = match timeout(HANDSHAKE_TIMEOUT, handshake(&mut sink, &mut stream, &mut frames, &gate)).await {
        Ok(Ok(accepted)) => accepted,
        Ok(Err(end)) => return tracing::debug!(connection = id.0, "handshake failed: {end}"),
        Err(_) => return tracing::debug!(connection = id.0, "handshake failed: {}", End::Timeout),
    };
    let Ok(payload) = ClientPayload::decode(&*accepted.payload) else {
        return tracing::debug!(connection = id.0, "handshake failed: {}", End::Payload);
    };
    let (sealer, opener) = accepted.transport.split();
    let hello =
        Hello { payload, payload_bytes: accepted.payload, noise: accepted.client_static, pattern: accepted.pattern };
    let (outbound, inbox) = mpsc::channel(OUTBOUND);
    let room = Room { outbound: outbound.downgrade(), written: Notify::new() };
    if gate.world.send(Inbound::Opened(id, Box::new(hello), outbound).into()).await.is_err() {
        return;
    }
    frames.set_max(MAX_FRAME);
    let reader = read(&mut stream, frames, opener, id, &gate.world, &room);
    let writer = write(&mut sink, sealer, inbox, id, &gate.world, &room.written);
    let end = tokio::select! {
        end = reader => end,
        end = writer => end,
    };
    if let Err(end) = end {
        tracing::debug!(connection = id.0, "connection ended: {end}");
    }
    // The receiver is gone only when the emulator is stopped.
    let _ = gate.world.send(Inbound::Closed(id).into()).await;
}

async fn handshake<S, W>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
    frames: &mut FrameDecoder,
    gate: &Gate<W>,
) -> Result<Accepted, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut intro = IntroParser::new();
    let prologue = loop {
        if let Some((intro, rest)) = intro.push(&next_bytes(stream).await?)? {
            frames.push(&rest);
            break intro.prologue;
        }
    };
    let hello = next_frame(stream, frames).await?;
    let server = ServerHandshake::new(gate.authority.server_static().clone(), gate.chain.clone(), prologue);
    let reply = server.on_client_hello(&hello, KeyPair::generate(), !gate.refuse_resume)?;
    let mut framed = Vec::new();
    encode_frame(&reply.hello, &mut framed)?;
    sink.send(Message::binary(framed)).await?;
    match reply.state {
        ServerState::Done(accepted) => Ok(*accepted),
        ServerState::AwaitFinish(await_finish) => {
            Ok(await_finish.on_client_finish(&next_frame(stream, frames).await?)?)
        }
    }
}

async fn next_bytes(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
) -> Result<tungstenite::Bytes, End> {
    loop {
        match stream.next().await.ok_or(End::Closed)?? {
            Message::Binary(bytes) => return Ok(bytes),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(_) | Message::Close(_) | Message::Frame(_) => return Err(End::Closed),
        }
    }
}

async fn next_frame(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
    frames: &mut FrameDecoder,
) -> Result<bytes::BytesMut, End> {
    loop {
        if let Some(frame) = frames.next_frame()? {
            return Ok(frame);
        }
        frames.push(&next_bytes(stream).await?);
    }
}

/// How much may still be handed to the writer.
struct Room {
    outbound: mpsc::WeakSender<Outbound>,
    /// Rings when the writer has written.
    written: Notify,
}

impl Room {
    async fn wait(&self) {
        // The world lets go of the sender when the connection is to end; then what still comes in is only dropped.
        while self.outbound.upgrade().is_some_and(|outbound| outbound.capacity() < ROOM) {
            self.written.notified().await;
        }
    }
}

async fn read<W: From<Inbound>>(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
    mut frames: FrameDecoder,
    mut opener: Opener,
    id: ConnectionId,
    world: &mpsc::Sender<W>,
    room: &Room,
) -> Result<(), End> {
    let unanswered = Arc::new(Semaphore::new(UNANSWERED));
    loop {
        room.wait().await;
        let permit = unanswered.clone().acquire_owned().await.map_err(|_| End::Finished)?;
        let mut frame = next_frame(stream, &mut frames).await?;
        let plaintext = opener.decrypt_in_place(&mut frame)?;
        let stanza =
            codec::unpack(plaintext, MAX_INFLATED).and_then(|bytes| codec::decode(&bytes).map(Node::into_owned));
        let inbound = match stanza {
            Ok(node) => Inbound::Stanza(id, node, permit),
            Err(error) => {
                tracing::debug!(connection = id.0, "undecodable stanza: {error}");
                Inbound::Malformed(id)
            }
        };
        world.send(inbound.into()).await.map_err(|_| End::Finished)?;
    }
}

async fn write<S, W>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    mut sealer: Sealer,
    mut inbox: mpsc::Receiver<Outbound>,
    id: ConnectionId,
    world: &mpsc::Sender<W>,
    written: &Notify,
) -> Result<(), End>
where
    S: AsyncRead + AsyncWrite + Unpin,
    W: From<Inbound>,
{
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        if inbox.recv_many(&mut batch, BATCH).await == 0 {
            return finish(sink, &mut sealer).await;
        }
        for item in batch.drain(..) {
            let mut framed = Vec::new();
            match item {
                Outbound::Stanza(node) => sealer.seal_frame(&codec::encode(&node)?, &mut framed)?,
                Outbound::Corrupt(node) => {
                    sealer.seal_frame(&codec::encode(&node)?, &mut framed)?;
                    if let Some(last) = framed.last_mut() {
                        *last ^= 1;
                    }
                }
                Outbound::Plaintext(plaintext) => sealer.seal_frame(&plaintext, &mut framed)?,
                Outbound::Stream(bytes) => framed = bytes,
                Outbound::Mark => {
                    sink.flush().await?;
                    world.send(Inbound::Writable(id).into()).await.map_err(|_| End::Finished)?;
                    continue;
                }
                Outbound::Finish => return finish(sink, &mut sealer).await,
                Outbound::Abort => return Err(End::Finished),
            }
            sink.feed(Message::binary(framed)).await?;
        }
        sink.flush().await?;
        written.notify_one();
    }
}

async fn finish<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    sealer: &mut Sealer,
) -> Result<(), End> {
    let mut framed = Vec::new();
    sealer.seal_frame(&codec::encode(&Node::new("xmlstreamend"))?, &mut framed)?;
    sink.send(Message::binary(framed)).await?;
    sleep(LINGER).await;
    sink.close().await?;
    Err(End::Finished)
}
