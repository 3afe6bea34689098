//! The server's side of the handshake.

use std::fmt;

use chasqui_proto::{
    HandshakeMessage, ProtoMessage,
    handshake_message::{ClientHello, ServerHello},
};

use super::{
    NoiseError, Pattern, Transport, ephemeral, parse, sealed_key, sealed_payload,
    symmetric::{Role, SymmetricState},
};
use crate::curve::{KeyPair, PublicKey};

/// A server that waits for a client's first message.
pub struct ServerHandshake {
    static_key: KeyPair,
    cert_chain: Vec<u8>,
    prologue: [u8; 4],
}

/// The answer to a client's first message.
#[derive(Debug)]
pub struct ServerReply {
    /// The serverHello, to be sent as a frame.
    pub hello: Vec<u8>,
    /// How it goes on.
    pub state: ServerState,
}

/// How a handshake goes on after the server's answer.
#[derive(Debug)]
pub enum ServerState {
    /// IK: the connection is established.
    Done(Box<Accepted>),
    /// XX and XXfallback: the client has one more message to send.
    AwaitFinish(Box<AwaitFinish>),
}

/// A client that completed the handshake.
pub struct Accepted {
    /// The `ClientPayload` protobuf: who it says it is.
    pub payload: Vec<u8>,
    /// The device's noise key, which proves who it is.
    pub client_static: PublicKey,
    /// The encrypted connection.
    pub transport: Transport,
    /// What the handshake went through.
    pub pattern: Pattern,
}

/// A server that waits for a clientFinish.
pub struct AwaitFinish {
    state: SymmetricState,
    ephemeral: KeyPair,
    pattern: Pattern,
}

impl ServerHandshake {
    /// A server with this static key and the chain that certifies it; `prologue` is the four bytes of the intro that
    /// the client sent.
    pub fn new(static_key: KeyPair, cert_chain: Vec<u8>, prologue: [u8; 4]) -> Self {
        Self { static_key, cert_chain, prologue }
    }

    /// Takes the clientHello; `our_ephemeral` is fresh for each connection. A resumption that is not wanted, or made
    /// for another server key, is answered with XXfallback.
    pub fn on_client_hello(
        &self,
        bytes: &[u8],
        our_ephemeral: KeyPair,
        accept_ik: bool,
    ) -> Result<ServerReply, NoiseError> {
        let hello = parse(bytes)?.client_hello.ok_or(NoiseError::Malformed("no clientHello"))?;
        let client_ephemeral = ephemeral(hello.ephemeral.as_deref())?;
        if hello.r#static.is_none() {
            return self.full(Pattern::Xx, &client_ephemeral, our_ephemeral);
        }
        match self.read_ik(&hello, &client_ephemeral) {
            Some((state, client_static)) if accept_ik => {
                self.resume(state, client_static, &hello, &client_ephemeral, &our_ephemeral)
            }
            _ => self.full(Pattern::XxFallback, &client_ephemeral, our_ephemeral),
        }
    }

    /// Reads the static key of an IK hello; `None` when it was not made for our key.
    fn read_ik(&self, hello: &ClientHello, client_ephemeral: &PublicKey) -> Option<(SymmetricState, PublicKey)> {
        let mut state = SymmetricState::new(Pattern::Ik, &self.prologue);
        state.mix_hash(self.static_key.public.as_bytes());
        state.mix_hash(client_ephemeral.as_bytes());
        state.mix_key(&self.static_key, client_ephemeral).ok()?;
        let client_static = state.decrypt_key(sealed_key(hello.r#static.as_deref()).ok()?).ok()?;
        Some((state, client_static))
    }

    fn resume(
        &self,
        mut state: SymmetricState,
        client_static: PublicKey,
        hello: &ClientHello,
        client_ephemeral: &PublicKey,
        our_ephemeral: &KeyPair,
    ) -> Result<ServerReply, NoiseError> {
        state.mix_key(&self.static_key, &client_static)?;
        let payload = state.decrypt_and_hash(sealed_payload(hello.payload.as_deref())?, "client payload")?;
        state.mix_hash(our_ephemeral.public.as_bytes());
        state.mix_key(our_ephemeral, client_ephemeral)?;
        state.mix_key(our_ephemeral, &client_static)?;
        let chain = state.encrypt_and_hash(&self.cert_chain);
        let transport = state.split(Role::Server);
        Ok(ServerReply {
            hello: server_hello(&our_ephemeral.public, None, chain),
            state: ServerState::Done(Box::new(Accepted { payload, client_static, transport, pattern: Pattern::Ik })),
        })
    }

    fn full(
        &self,
        pattern: Pattern,
        client_ephemeral: &PublicKey,
        our_ephemeral: KeyPair,
    ) -> Result<ServerReply, NoiseError> {
        let mut state = SymmetricState::new(pattern, &self.prologue);
        state.mix_hash(client_ephemeral.as_bytes());
        state.mix_hash(our_ephemeral.public.as_bytes());
        state.mix_key(&our_ephemeral, client_ephemeral)?;
        let sealed_static = state.encrypt_and_hash(self.static_key.public.as_bytes());
        state.mix_key(&self.static_key, client_ephemeral)?;
        let chain = state.encrypt_and_hash(&self.cert_chain);
        Ok(ServerReply {
            hello: server_hello(&our_ephemeral.public, Some(sealed_static), chain),
            state: ServerState::AwaitFinish(Box::new(AwaitFinish { state, ephemeral: our_ephemeral, pattern })),
        })
    }
}

impl AwaitFinish {
    /// Takes the clientFinish.
    pub fn on_client_finish(mut self, bytes: &[u8]) -> Result<Accepted, NoiseError> {
        let finish = parse(bytes)?.client_finish.ok_or(NoiseError::Malformed("no clientFinish"))?;
        let client_static = self.state.decrypt_key(sealed_key(finish.r#static.as_deref())?)?;
        self.state.mix_key(&self.ephemeral, &client_static)?;
        let payload = self.state.decrypt_and_hash(sealed_payload(finish.payload.as_deref())?, "client payload")?;
        Ok(Accepted { payload, client_static, transport: self.state.split(Role::Server), pattern: self.pattern })
    }
}

fn server_hello(ephemeral: &PublicKey, sealed_static: Option<Vec<u8>>, chain: Vec<u8>) -> Vec<u8> {
    let hello = ServerHello {
        ephemeral: Some(ephemeral.as_bytes().to_vec()),
        r#static: sealed_static,
        payload: Some(chain),
        ..ServerHello::default()
    };
    HandshakeMessage { server_hello: Some(Box::new(hello)), ..HandshakeMessage::default() }.encode_to_vec()
}

impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("client_static", &self.client_static)
            .field("pattern", &self.pattern)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitFinish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitFinish").field("pattern", &self.pattern).finish_non_exhaustive()
    }
}
