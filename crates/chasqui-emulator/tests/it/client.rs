//! A client of a few lines for these tests: handshake, frames, stanzas, and just enough to pair.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_emulator::{Emulator, Scanned};
use chasqui_proto::{
    AdvDeviceIdentity, AdvSignedDeviceIdentity, AdvSignedDeviceIdentityHmac, ClientPayload, ProtoMessage as _,
    client_payload::{DevicePairingRegistrationData, UserAgent, user_agent::AppVersion},
};
use chasqui_wire::{
    cert::CertVerifier,
    codec,
    curve::{KeyPair, PublicKey},
    frame::{FrameDecoder, INTRO, encode_frame},
    jid::Jid,
    node::Node,
    noise::{ClientHandshake, Pattern, Transport},
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// The keys of a device.
pub struct Keys {
    pub noise: KeyPair,
    pub identity: KeyPair,
    pub signed: KeyPair,
}

impl Keys {
    pub fn new() -> Self {
        Self { noise: KeyPair::generate(), identity: KeyPair::generate(), signed: KeyPair::generate() }
    }

    pub fn registration(&self, push_name: &str) -> ClientPayload {
        let signature = self.identity.private.sign(&self.signed.public.to_djb());
        let data = DevicePairingRegistrationData {
            e_regid: Some(vec![0, 0, 1, 2]),
            e_keytype: Some(vec![5]),
            e_ident: Some(self.identity.public.as_bytes().to_vec()),
            e_skey_id: Some(vec![0, 0, 1]),
            e_skey_val: Some(self.signed.public.as_bytes().to_vec()),
            e_skey_sig: Some(signature.to_vec()),
            ..Default::default()
        };
        ClientPayload {
            push_name: Some(push_name.to_owned()),
            user_agent: agent(),
            device_pairing_data: Some(Box::new(data)),
            ..Default::default()
        }
    }

    pub fn qr(&self, reference: &str) -> String {
        let keys = [self.noise.public, self.identity.public].map(|key| BASE64.encode(key.as_bytes()));
        format!("{reference},{},{},{},1", keys[0], keys[1], BASE64.encode([7; 32]))
    }
}

pub fn login(jid: &str, device: u16) -> ClientPayload {
    let jid: Jid = jid.parse().expect("a JID");
    ClientPayload {
        username: jid.user.parse().ok(),
        device: Some(device.into()),
        passive: Some(true),
        user_agent: agent(),
        ..Default::default()
    }
}

fn agent() -> Option<Box<UserAgent>> {
    let version =
        AppVersion { primary: Some(2), secondary: Some(3000), tertiary: Some(1_000_000_000), ..Default::default() };
    Some(Box::new(UserAgent { app_version: Some(Box::new(version)), ..Default::default() }))
}

/// An open connection.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    frames: FrameDecoder,
    transport: Transport,
    pub pattern: Pattern,
    pub server: PublicKey,
}

impl Client {
    /// Connects with XX, or with IK to `resume`; the stream starts with `intro`.
    pub async fn connect(
        emulator: &Emulator,
        noise: &KeyPair,
        payload: &ClientPayload,
        resume: Option<PublicKey>,
        intro: &[u8],
    ) -> Self {
        let info = emulator.info();
        let stream = TcpStream::connect((info.host.as_str(), info.port)).await.expect("the port is open");
        let (mut socket, _) = client_async(info.ws_url.as_str(), stream).await.expect("a WebSocket");
        let payload = payload.encode_to_vec();
        let handshake = match resume {
            None => ClientHandshake::xx(KeyPair::generate(), noise),
            Some(server) => ClientHandshake::ik(KeyPair::generate(), noise, server, &payload).expect("a good key"),
        };
        let mut first = intro.to_vec();
        encode_frame(&handshake.hello(), &mut first).expect("a short frame");
        // One byte per message: boundaries mean nothing.
        for byte in first {
            socket.feed(Message::binary(vec![byte])).await.expect("an open socket");
        }
        socket.flush().await.expect("an open socket");
        let mut frames = FrameDecoder::default();
        let hello = next_frame(&mut socket, &mut frames).await.expect("a serverHello");
        let root = BASE64.decode(&info.root_key).expect("base64");
        let verifier = CertVerifier::new(PublicKey::from_raw(&root).expect("a key"));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_secs();
        let finished = handshake.on_server_hello(&hello, &verifier, now, &payload).expect("a trusted server");
        if let Some(finish) = finished.finish {
            let mut framed = Vec::new();
            encode_frame(&finish, &mut framed).expect("a short frame");
            socket.send(Message::binary(framed)).await.expect("an open socket");
        }
        Self {
            socket,
            frames,
            transport: finished.transport,
            pattern: finished.pattern,
            server: finished.chain.leaf_key,
        }
    }

    /// A new device of the account of this push name: QR, pair-success, 515.
    pub async fn pair(emulator: &Emulator, keys: &Keys, push_name: &str) -> Scanned {
        let mut client = Self::connect(emulator, &keys.noise, &keys.registration(push_name), None, &INTRO).await;
        let reference = client.first_ref().await;
        let scanned = emulator.scan(&keys.qr(&reference), None).await.expect("the phone scans");
        let success = client.expect("iq").await;
        let pair_success = success.find("pair-success").expect("pair-success");
        let blob = pair_success.find("device-identity").and_then(Node::content_bytes).expect("an identity");
        let answer = keys.sign_identity(blob);
        let identity = Node::new("device-identity").attr("key-index", scanned.device).bytes(answer);
        client
            .send(
                &Node::new("iq")
                    .attr("to", Jid::SERVER)
                    .attr("type", "result")
                    .attr("id", success.get_str("id").expect("an id").into_owned())
                    .child(Node::new("pair-device-sign").child(identity)),
            )
            .await;
        assert!(client.expect("stream:error").await.is("code", "515"));
        scanned
    }

    pub async fn first_ref(&mut self) -> String {
        let request = self.expect("iq").await;
        let refs = request.find("pair-device").expect("pair-device");
        assert_eq!(refs.nodes().len(), 6);
        refs.nodes()[0].content_str().expect("text").to_owned()
    }

    /// Logs in and asks for the queue.
    pub async fn open(emulator: &Emulator, keys: &Keys, who: &Scanned) -> Self {
        let mut client = Self::log_in(emulator, &keys.noise, who, None).await;
        client.expect("success").await;
        client.ask("passive", "set", Node::new("active")).await;
        client
    }

    pub async fn log_in(emulator: &Emulator, noise: &KeyPair, who: &Scanned, resume: Option<PublicKey>) -> Self {
        Self::connect(emulator, noise, &login(&who.jid, who.device), resume, &INTRO).await
    }

    /// Sends a request and gives its answer; other stanzas before it are dropped.
    pub async fn ask(&mut self, xmlns: &str, kind: &str, child: Node<'static>) -> Node<'static> {
        let iq = Node::new("iq")
            .attr("to", Jid::SERVER)
            .attr("id", "q1")
            .attr("xmlns", xmlns.to_owned())
            .attr("type", kind.to_owned());
        self.send(&iq.child(child)).await;
        loop {
            let answer = self.expect("iq").await;
            if answer.is("id", "q1") {
                return answer;
            }
        }
    }

    pub async fn send(&mut self, node: &Node<'_>) {
        self.send_plaintext(&codec::encode(node).expect("a stanza")).await;
    }

    pub async fn send_plaintext(&mut self, plaintext: &[u8]) {
        let mut framed = Vec::new();
        self.transport.seal_frame(plaintext, &mut framed).expect("a frame");
        self.send_bytes(framed).await;
    }

    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).await.expect("an open socket");
    }

    /// The next stanza; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<Node<'static>> {
        let mut frame = next_frame(&mut self.socket, &mut self.frames).await?;
        let plaintext = self.transport.decrypt_in_place(&mut frame).expect("our key");
        let node = codec::unpack(plaintext, codec::MAX_INFLATED).expect("a stanza");
        Some(codec::decode(&node).expect("a stanza").into_owned())
    }

    /// The next stanza of this tag; others are dropped.
    pub async fn expect(&mut self, tag: &str) -> Node<'static> {
        loop {
            let node = self.next().await.unwrap_or_else(|| panic!("the connection ended before a <{tag}> came"));
            if node.tag == tag {
                return node;
            }
        }
    }

    /// Everything until the connection ends.
    pub async fn rest(mut self) -> Vec<Node<'static>> {
        let mut rest = Vec::new();
        while let Some(node) = self.next().await {
            rest.push(node);
        }
        rest
    }
}

async fn next_frame(socket: &mut WebSocketStream<TcpStream>, frames: &mut FrameDecoder) -> Option<bytes::BytesMut> {
    loop {
        if let Some(frame) = frames.next_frame().expect("a good length") {
            return Some(frame);
        }
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => frames.push(&bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return None,
        }
    }
}

impl Keys {
    fn sign_identity(&self, blob: &[u8]) -> Vec<u8> {
        let blob = AdvSignedDeviceIdentityHmac::decode(blob).expect("an HMAC blob");
        let signed = AdvSignedDeviceIdentity::decode(blob.details().to_vec().as_slice()).expect("an identity");
        let details = signed.details().to_vec();
        let account = PublicKey::from_raw(signed.account_signature_key()).expect("a key");
        let companion = self.identity.public.as_bytes();
        let message = [&[6, 0][..], &details, companion].concat();
        account.verify(&message, signed.account_signature()).expect("the account signed it");
        assert!(AdvDeviceIdentity::decode(&*details).expect("details").key_index() > 0);
        let message = [&[6, 1][..], &details, companion, account.as_bytes()].concat();
        AdvSignedDeviceIdentity {
            device_signature: Some(self.identity.private.sign(&message).to_vec()),
            account_signature_key: None,
            ..signed
        }
        .encode_to_vec()
    }
}
