//! The client's side of the handshake.

use chasqui_proto::{
    HandshakeMessage, ProtoMessage,
    handshake_message::{ClientFinish, ClientHello, ServerHello},
};

use super::{
    NoiseError, Pattern, Transport, ephemeral, parse, sealed_key, sealed_payload,
    symmetric::{Role, SymmetricState},
};
use crate::{
    cert::{CertVerifier, VerifiedChain},
    curve::{KeyPair, PublicKey},
    frame::INTRO,
};

/// A handshake whose first message is ready.
pub struct ClientHandshake {
    ephemeral: KeyPair,
    static_key: KeyPair,
    resumption: Option<Resumption>,
    hello: Vec<u8>,
}

struct Resumption {
    server_static: PublicKey,
    state: SymmetricState,
}

/// A handshake that succeeded; the server's certificates are verified.
#[derive(Debug)]
pub struct ClientFinished {
    /// The last message, to be sent as a frame before any other. `None` after IK.
    pub finish: Option<Vec<u8>>,
    /// The encrypted connection.
    pub transport: Transport,
    /// Who the server is. Its key allows IK next time.
    pub chain: VerifiedChain,
    /// What the handshake went through.
    pub pattern: Pattern,
}

impl ClientHandshake {
    /// A full handshake. `ephemeral` is fresh for each connection; `static_key` is the device's noise key.
    pub fn xx(ephemeral: KeyPair, static_key: &KeyPair) -> Self {
        let hello = ClientHello { ephemeral: Some(ephemeral.public.as_bytes().to_vec()), ..ClientHello::default() };
        Self { ephemeral, static_key: static_key.clone(), resumption: None, hello: client_hello(hello) }
    }

    /// A resumption with a server whose key was verified before; `payload` is the `ClientPayload` protobuf.
    pub fn ik(
        ephemeral: KeyPair,
        static_key: &KeyPair,
        server_static: PublicKey,
        payload: &[u8],
    ) -> Result<Self, NoiseError> {
        let mut state = SymmetricState::new(Pattern::Ik, &INTRO);
        state.mix_hash(server_static.as_bytes());
        state.mix_hash(ephemeral.public.as_bytes());
        state.mix_key(&ephemeral, &server_static)?;
        let sealed_static = state.encrypt_and_hash(static_key.public.as_bytes());
        state.mix_key(static_key, &server_static)?;
        let sealed_payload = state.encrypt_and_hash(payload);
        let hello = ClientHello {
            ephemeral: Some(ephemeral.public.as_bytes().to_vec()),
            r#static: Some(sealed_static),
            payload: Some(sealed_payload),
            ..ClientHello::default()
        };
        Ok(Self {
            ephemeral,
            static_key: static_key.clone(),
            resumption: Some(Resumption { server_static, state }),
            hello: client_hello(hello),
        })
    }

    /// The first message, to be sent as a frame after the intro.
    pub fn hello(&self) -> Vec<u8> {
        self.hello.clone()
    }

    /// Takes the server's answer; `payload` is the `ClientPayload` protobuf for the last message, `now_unix` the
    /// time in Unix seconds. A resumption that the server declined goes on as XXfallback.
    pub fn on_server_hello(
        self,
        bytes: &[u8],
        verifier: &CertVerifier,
        now_unix: u64,
        payload: &[u8],
    ) -> Result<ClientFinished, NoiseError> {
        let hello = parse(bytes)?.server_hello.ok_or(NoiseError::Malformed("no serverHello"))?;
        match self.resumption {
            None => full(Pattern::Xx, self.ephemeral, self.static_key, &hello, verifier, now_unix, payload),
            Some(_) if hello.r#static.is_some() => {
                full(Pattern::XxFallback, self.ephemeral, self.static_key, &hello, verifier, now_unix, payload)
            }
            Some(Resumption { server_static, mut state }) => {
                let server_ephemeral = ephemeral(hello.ephemeral.as_deref())?;
                state.mix_hash(server_ephemeral.as_bytes());
                state.mix_key(&self.ephemeral, &server_ephemeral)?;
                state.mix_key(&self.static_key, &server_ephemeral)?;
                let chain = state.decrypt_and_hash(sealed_payload(hello.payload.as_deref())?, "certificate chain")?;
                let chain = verifier.verify(&chain, &server_static, now_unix)?;
                Ok(ClientFinished { finish: None, transport: state.split(Role::Client), chain, pattern: Pattern::Ik })
            }
        }
    }
}

/// XX and XXfallback from the serverHello on.
fn full(
    pattern: Pattern,
    our_ephemeral: KeyPair,
    static_key: KeyPair,
    hello: &ServerHello,
    verifier: &CertVerifier,
    now_unix: u64,
    payload: &[u8],
) -> Result<ClientFinished, NoiseError> {
    let server_ephemeral = ephemeral(hello.ephemeral.as_deref())?;
    let mut state = SymmetricState::new(pattern, &INTRO);
    state.mix_hash(our_ephemeral.public.as_bytes());
    state.mix_hash(server_ephemeral.as_bytes());
    state.mix_key(&our_ephemeral, &server_ephemeral)?;
    let server_static = state.decrypt_key(sealed_key(hello.r#static.as_deref())?)?;
    state.mix_key(&our_ephemeral, &server_static)?;
    let chain = state.decrypt_and_hash(sealed_payload(hello.payload.as_deref())?, "certificate chain")?;
    let chain = verifier.verify(&chain, &server_static, now_unix)?;

    let sealed_static = state.encrypt_and_hash(static_key.public.as_bytes());
    state.mix_key(&static_key, &server_ephemeral)?;
    let sealed_payload = state.encrypt_and_hash(payload);
    let finish =
        ClientFinish { r#static: Some(sealed_static), payload: Some(sealed_payload), ..ClientFinish::default() };
    let finish = HandshakeMessage { client_finish: Some(Box::new(finish)), ..HandshakeMessage::default() };
    Ok(ClientFinished { finish: Some(finish.encode_to_vec()), transport: state.split(Role::Client), chain, pattern })
}

fn client_hello(hello: ClientHello) -> Vec<u8> {
    HandshakeMessage { client_hello: Some(Box::new(hello)), ..HandshakeMessage::default() }.encode_to_vec()
}
