//! The byte-exact transcripts of 01-connection, "Test vectors", and what must fail.

use sha2::{Digest, Sha256};

use super::{symmetric::SymmetricState, *};
use crate::{
    cert::{CertAuthority, CertVerifier, Validity},
    codec::{decode, encode, unpack},
    curve::{KeyPair, PrivateKey},
    frame::{FrameDecoder, INTRO, encode_frame, intro},
    jid::Jid,
    node::Node,
    test_data::{hex, hex_array, labelled},
};

const PAYLOAD: [u8; 4] = [0x08, 0x01, 0x18, 0x01];
const NOW: u64 = 1_800_000_000;

const CHAIN: &str = "0a760a32080210011a20093eddd3bc5b6efd85ea05ca983df54ff6d57f569ef057dcaa851978580a9b2e2080e2cfaa062880ae99a40f1240ddb0c777ea7e1da61366abe9003ed281482546779eb25dde67d70e05ea5fda5b0b13c034c0debdfca8a00e503146ae0ec7a5c3bb69e8aee8f533074b0c263e0c12760a32080110001a202f080bb636e8cf62c17ea9527544926b7a107f27a79ed4d7d71fb59418c258692080e2cfaa062880ae99a40f12401472d055cdbe191f44882a1128ae2bb0203fa2bd860318b7620c8f797f123687ed12447d672547fffd97e9e024416cc923d22676ef9a1834f1babf5c27cfa28b";

const XX_SERVER_HELLO: &str = "1ad7020a20deeac841ceae9b68017482fcb066c889b98dcd90e36a94261c5293081f72292e1230cd1c0eab069c7a5be01ec36034accd4e23dc8a3d75f51dc0f92e53b8cfe85337988cc99d1836718a3717a5eb7f3c5fd11a8002019f8969dd46c90bb594422c640d4dde6cf0943b4c38eb46c1a4acf5b1884f202bcc0d45fadc2fd43faa0279d6a49297fe6e5fc27c4f39aa20adfa8aa7cde8cef3f2db68f8b3a1d00b4dce5687d576ca300634e7b17ebea96494d02c9cef228284ae7aa1588ab9c59503e123604b0d42a12c31f143102327e02d76f50c6793e26eee549dfecae836eb8c92cfbe89e55b2d44066aa249b36011f7d8eb91150667ead0ebb727bef0bf902628cbfbf5a4fa2f3aaaa1422be0841928b94a0d1c1324ab0af4eb4e194c993caae87d4a66b7195ac0e1c7dbdb837457ed8ad19d07689f15c2dd6bffcd9c64a75614fab357ddb0183955a147594947d321b1c96eaedb54";

const IK_CLIENT_HELLO: &str = "126a0a202cfd88d7888c1f3a75cff3f3ae9b776cc2fe28dce6ce05110896855e2f8bb403123079622631702253204345509aba50d0da0c0c6ae92c5dc92bf94498244041a158e91277df1cad9c6e9e7729aa9ba3d26e1a140912c695c1a08ba8d1e461ff52929b1abf298b1c";

const IK_SERVER_HELLO: &str = "1aa5020a20deeac841ceae9b68017482fcb066c889b98dcd90e36a94261c5293081f72292e1a8002ad3a8715b2224f4167c6803822addc869608e8acb17cf7316cd0d90194b14233ed3f407822153213f001be8698b5813bc2fe24c89879756b99f80db48cd4b44cf91f837e6d2da6ae0a7c7141b32f45d27e90b60c1f2d6d4edf623ea733afe5ee8c3ef9dcce4a9fb3c41430801ca8257a9c5663f67d4bd57096bace455a6ff3c19d0f670cd8c6dc9dd56f3afb67e3a0303b93fe5451fe4ec96aaa3f94b02750a3905f10fc1e52e70fc502df1e8a1d9dbd0e94cc57a668db895087ff72cbd058917671aa0be18bef0348fc39a3b813a521853f307e257993e3b904b1ce94bdfb41a2c1595df91f43dff7abaa9f60e9f7c321489fded615eb433877e9d4f6a89bfc";

fn client_ephemeral() -> KeyPair {
    labelled("chasqui client ephemeral")
}

fn client_static() -> KeyPair {
    labelled("chasqui client static")
}

fn server_ephemeral() -> KeyPair {
    labelled("chasqui server ephemeral")
}

fn server_static() -> KeyPair {
    labelled("chasqui server static")
}

fn verifier() -> CertVerifier {
    CertVerifier::new(labelled("chasqui root").public)
}

fn server() -> ServerHandshake {
    ServerHandshake::new(server_static(), hex(CHAIN), INTRO)
}

fn ik_client() -> ClientHandshake {
    ClientHandshake::ik(client_ephemeral(), &client_static(), server_static().public, &PAYLOAD).unwrap()
}

fn await_finish(reply: ServerReply) -> AwaitFinish {
    match reply.state {
        ServerState::AwaitFinish(state) => *state,
        ServerState::Done(_) => panic!("the server resumed"),
    }
}

/// Both ends talk, and the keys are these (client to server, server to client).
fn assert_keys(mut client: Transport, mut server: Transport, to_server: &str, to_client: &str) {
    let (to_server, to_client) = (hex_array(to_server), hex_array(to_client));
    assert_direction(&mut client, &mut server, &mut Transport::from_keys(&to_server, &to_client));
    assert_direction(&mut server, &mut client, &mut Transport::from_keys(&to_client, &to_server));
}

fn assert_direction(sender: &mut Transport, receiver: &mut Transport, expected: &mut Transport) {
    for plaintext in [b"one", b"two"] {
        let (mut sent, mut same) = (plaintext.to_vec(), plaintext.to_vec());
        sender.encrypt(&mut sent).unwrap();
        expected.encrypt(&mut same).unwrap();
        assert_eq!(sent, same);
        assert_eq!(receiver.decrypt_in_place(&mut sent).unwrap(), plaintext);
    }
}

#[test]
fn the_patterns_start_with_the_known_hashes() {
    for (pattern, hash) in [
        (Pattern::Xx, "ffff0c9267310966f1311170c04b38c79504285bf5edf763e5c946492a50a755"),
        (Pattern::Ik, "79eca0f8a583e558e3219b22fb5483c3f82f82ef2d5aa21bb1828021c3780501"),
        (Pattern::XxFallback, "413766ac503c04676506bebddd691cfd5fe1087956a1150b2d235c16bd23512c"),
    ] {
        assert_eq!(SymmetricState::new(pattern, &INTRO).trace()[0], *hex(hash), "{}", pattern.as_str());
    }
}

#[test]
fn every_step_of_xx_matches_the_trace() {
    let mut state = SymmetricState::new(Pattern::Xx, &INTRO);
    let step = |state: &SymmetricState, at: usize, expected: &str| {
        assert_eq!(state.trace()[at].to_vec(), hex(expected));
    };
    const HASH: usize = 0;
    const CHAIN_KEY: usize = 1;
    const KEY: usize = 2;
    state.mix_hash(client_ephemeral().public.as_bytes());
    step(&state, HASH, "a19d5792948f225a70fb083bf992f91b5d03c858ef385d73062832a40ed5fbb7");
    state.mix_hash(server_ephemeral().public.as_bytes());
    step(&state, HASH, "81fa9bff86f2928f80f8a3bd9e17daa5728de07bb36cc844ac9e9f2b75fc3fc5");
    state.mix_key(&server_ephemeral(), &client_ephemeral().public).unwrap();
    step(&state, CHAIN_KEY, "8bdca02168de1dd7134ed6150c30852c2b51e4204298c629b1736060e325e32e");
    step(&state, KEY, "d963f6b000dd113f4588bb6c8bfb28024043755b4c06db2a3a4828f757b0cd3d");
    state.encrypt_and_hash(server_static().public.as_bytes());
    step(&state, HASH, "b797fcc0b35bf950ec1e263c1781c403e9b1665f169954db9f5e731fd5cb421a");
    state.mix_key(&server_static(), &client_ephemeral().public).unwrap();
    step(&state, CHAIN_KEY, "be1c425e4dbae20e5eb52c6dd5a1e87570bb4f98c1f3cffbbb92c962d2af4ac6");
    step(&state, KEY, "93e3909860918c246cb109388ca69441b67a34f29fb4dbad30750ab9df789fea");
    state.encrypt_and_hash(&hex(CHAIN));
    step(&state, HASH, "a050b9ed5115f9bf307728cdec60bd0715bab2b50ac1dc668bb64b7ce9d28f95");
    state.encrypt_and_hash(client_static().public.as_bytes());
    step(&state, HASH, "b62d03214924faaf784836850d49373b5ac1ffb9925ac81f02c928d7f582ee8d");
    state.mix_key(&client_static(), &server_ephemeral().public).unwrap();
    step(&state, CHAIN_KEY, "7ab67f3770eba3e69c751f97a9ae98bc7951735717b3cd0748d8940e1fe4207c");
    step(&state, KEY, "6b917b5b21182ee47c8482a8ee9a988321497aba7e691eab7422c6794bc2bd86");
    state.encrypt_and_hash(&PAYLOAD);
    step(&state, HASH, "e8381a2619df21e9df9a379ea282716993493e1fae0f7ec3f8d9752c78c9bd03");
    let (to_server, to_client) = state.split_keys();
    assert_eq!(to_server.to_vec(), hex("8df94380fc9cf8220c9bf854ff16f5ca1ef1adc556940db54cb278db28504a1f"));
    assert_eq!(to_client.to_vec(), hex("3cd7358a95ca9e0552aaedc5fd1bc058101c01c83bab2280af8fde7e6e821253"));
}

/// Byte-exact on both sides, from the intro to the first frames.
#[test]
fn an_xx_connection_has_the_bytes_of_the_document() {
    let client = ClientHandshake::xx(client_ephemeral(), &client_static());
    let mut stream = intro(None);
    encode_frame(&client.hello(), &mut stream).unwrap();
    assert_eq!(stream, hex("5741060300002412220a202cfd88d7888c1f3a75cff3f3ae9b776cc2fe28dce6ce05110896855e2f8bb403"));

    let reply = server().on_client_hello(&client.hello(), server_ephemeral(), true).unwrap();
    assert_eq!(reply.hello, hex(XX_SERVER_HELLO));
    let finished = client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap();
    assert_eq!(finished.pattern, Pattern::Xx);
    assert_eq!(finished.chain.leaf_key, server_static().public);
    assert_eq!(finished.chain.bytes, hex(CHAIN));
    let finish = finished.finish.unwrap();
    let mut frame = Vec::new();
    encode_frame(&finish, &mut frame).unwrap();
    assert_eq!(
        frame,
        hex(
            "00004a22480a30045953c10c947d930954a042b394547691b684a6a114bc19f076f6a82959cfbe5b7e047d73b021f0afdd03a390783f\
             0212146680c6725c3559ffe21e52eac56d000099c98dd5"
        )
    );

    let accepted = await_finish(reply).on_client_finish(&finish).unwrap();
    assert_eq!(accepted.payload, PAYLOAD);
    assert_eq!(accepted.client_static, client_static().public);
    assert_eq!(accepted.pattern, Pattern::Xx);

    let (mut client, mut server) = (finished.transport, accepted.transport);
    let query = Node::new("iq").attr("id", "1.2-3").attr("to", Jid::SERVER).attr("type", "get").attr("xmlns", "w:p");
    let plaintext = encode(&query).unwrap();
    assert_eq!(plaintext, hex("00f8091908ff831b2a3f11fa000304291657"));
    let mut sent = Vec::new();
    client.seal_frame(&plaintext, &mut sent).unwrap();
    assert_eq!(sent, hex("00002295b3ba5692ae993e7ad9811b3b5c15cf2024aa5586a3585ebad22eb6c4eddf71d864"));
    let mut decoder = FrameDecoder::default();
    decoder.push(&sent);
    let mut received = decoder.next_frame().unwrap().unwrap();
    let plaintext = server.decrypt_in_place(&mut received).unwrap();
    assert_eq!(decode(&unpack(plaintext, 1000).unwrap()).unwrap(), query);

    let answer = Node::new("iq").attr("from", Jid::SERVER).attr("id", "1.2-3").attr("type", "result");
    let plaintext = encode(&answer).unwrap();
    assert_eq!(plaintext, hex("00f8071906fa000308ff831b2a3f0414"));
    let mut sent = Vec::new();
    server.seal_frame(&plaintext, &mut sent).unwrap();
    assert_eq!(sent, hex("000020cc7724fc3da830e197861b0773cb5e682641c28e5d09aeed1827a782057a64fb"));
    assert_eq!(client.decrypt_in_place(&mut sent[3..]).unwrap(), plaintext);
}

#[test]
fn a_resumption_has_the_bytes_of_the_document() {
    let client = ik_client();
    assert_eq!(client.hello(), hex(IK_CLIENT_HELLO));
    let reply = server().on_client_hello(&client.hello(), server_ephemeral(), true).unwrap();
    assert_eq!(reply.hello, hex(IK_SERVER_HELLO));
    let ServerState::Done(accepted) = reply.state else { panic!("the server did not resume") };
    assert_eq!(accepted.payload, PAYLOAD);
    assert_eq!(accepted.client_static, client_static().public);
    assert_eq!(accepted.pattern, Pattern::Ik);
    let finished = client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap();
    assert_eq!(finished.finish, None);
    assert_eq!(finished.pattern, Pattern::Ik);
    assert_keys(
        finished.transport,
        accepted.transport,
        "e540763ea06826334e45c6d75494c6b44adc6f91b465177b39a38a1b0b6ab183",
        "898c173f24eafe983b7c8d6aa324a21e71db391a7ebe39f2197be4805594f04c",
    );
}

#[test]
fn a_declined_resumption_goes_on_as_a_full_handshake() {
    let client = ik_client();
    let reply = server().on_client_hello(&client.hello(), server_ephemeral(), false).unwrap();
    assert_eq!(
        Sha256::digest(&reply.hello).to_vec(),
        hex("df2b8862cc87c6d22043238ed6a0259938851feccdeb5e7e58cf7cf6fa001864")
    );
    let sealed =
        hex("cfef7acc35a5b17dbece62b05e15355324fb0ba979ade48d9cbfecbc51af3b5c2255c423d645ca53954310d90c09768a");
    assert!(reply.hello.windows(sealed.len()).any(|window| window == sealed));
    let finished = client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap();
    assert_eq!(finished.pattern, Pattern::XxFallback);
    let finish = finished.finish.unwrap();
    assert_eq!(
        finish,
        hex("22480a30d28ddf56fff2e666166a6abea5506655f6cd3e9e71ae1ea97efde15e98d92304d6e7df60efbd4e0209c0e60e59331e80\
             1214a39bb50b50516ed45d029ef58cf2142ba9a2079a")
    );
    let accepted = await_finish(reply).on_client_finish(&finish).unwrap();
    assert_eq!(accepted.payload, PAYLOAD);
    assert_eq!(accepted.pattern, Pattern::XxFallback);
    assert_keys(
        finished.transport,
        accepted.transport,
        "a3a2e7a62e8d7c6d529ab34c9b46c574c940f18065abca1cc697c842835d7b67",
        "42fce9cf6991894ce98991e846b76f5c2c6edb37624c58e75b0c45231dc428fc",
    );
}

#[test]
fn a_server_with_new_keys_answers_a_resumption_with_a_full_handshake() {
    let authority = CertAuthority::new(PrivateKey::new([5; 32]));
    let chain = authority.chain(Some(Validity { not_before: NOW - 10, not_after: NOW + 10 }));
    let server = ServerHandshake::new(authority.server_static().clone(), chain, INTRO);
    let client = ik_client();
    let reply = server.on_client_hello(&client.hello(), KeyPair::generate(), true).unwrap();
    let verifier = CertVerifier::new(authority.root());
    let finished = client.on_server_hello(&reply.hello, &verifier, NOW, &PAYLOAD).unwrap();
    assert_eq!(finished.pattern, Pattern::XxFallback);
    assert_eq!(finished.chain.leaf_key, authority.server_static().public);
    let accepted = await_finish(reply).on_client_finish(&finished.finish.unwrap()).unwrap();
    assert_eq!(accepted.client_static, client_static().public);
}

#[test]
fn an_untrusted_server_is_told_apart() {
    let hello = hex(XX_SERVER_HELLO);
    let shake = |verifier: CertVerifier, now| {
        ClientHandshake::xx(client_ephemeral(), &client_static())
            .on_server_hello(&hello, &verifier, now, &PAYLOAD)
            .map(|finished| finished.pattern)
    };
    assert_eq!(shake(verifier(), NOW), Ok(Pattern::Xx));
    assert_eq!(shake(CertVerifier::default(), NOW), Err(NoiseError::Untrusted(CertError::Signature("intermediate"))));
    assert!(matches!(shake(verifier(), 0), Err(NoiseError::Untrusted(CertError::Expired { .. }))));
    // A chain that is fine but for another key.
    let other = ServerHandshake::new(KeyPair::generate(), hex(CHAIN), INTRO);
    let client = ClientHandshake::xx(client_ephemeral(), &client_static());
    let reply = other.on_client_hello(&client.hello(), KeyPair::generate(), true).unwrap();
    assert_eq!(
        client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap_err(),
        NoiseError::Untrusted(CertError::Key)
    );
}

#[test]
fn a_damaged_answer_is_refused_whatever_the_place() {
    for (ik, hello) in [(false, hex(XX_SERVER_HELLO)), (true, hex(IK_SERVER_HELLO))] {
        for at in 0..hello.len() {
            let mut damaged = hello.clone();
            damaged[at] ^= 1;
            let client = if ik { ik_client() } else { ClientHandshake::xx(client_ephemeral(), &client_static()) };
            assert!(client.on_server_hello(&damaged, &verifier(), NOW, &PAYLOAD).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_damaged_client_is_refused_or_sent_into_the_full_handshake() {
    let hello = hex(IK_CLIENT_HELLO);
    for at in 0..hello.len() {
        let mut damaged = hello.clone();
        damaged[at] ^= 1;
        if let Ok(reply) = server().on_client_hello(&damaged, server_ephemeral(), true) {
            assert!(matches!(reply.state, ServerState::AwaitFinish(_)), "byte {at}");
        }
    }
    let client = ClientHandshake::xx(client_ephemeral(), &client_static());
    let finish = {
        let reply = server().on_client_hello(&client.hello(), server_ephemeral(), true).unwrap();
        client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap().finish.unwrap()
    };
    let hello = ClientHandshake::xx(client_ephemeral(), &client_static()).hello();
    for at in 0..finish.len() {
        let mut damaged = finish.clone();
        damaged[at] ^= 1;
        let reply = server().on_client_hello(&hello, server_ephemeral(), true).unwrap();
        assert!(await_finish(reply).on_client_finish(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn keys_of_small_order_are_refused() {
    let small = KeyPair { public: PublicKey::new([0; 32]), ..KeyPair::generate() };
    let hello = ClientHandshake::xx(small, &client_static()).hello();
    let result = server().on_client_hello(&hello, server_ephemeral(), true);
    assert_eq!(result.unwrap_err(), NoiseError::Key(KeyError::SmallOrder));
    let result = ClientHandshake::ik(client_ephemeral(), &client_static(), PublicKey::new([0; 32]), &PAYLOAD);
    assert_eq!(result.err(), Some(NoiseError::Key(KeyError::SmallOrder)));
}

#[test]
fn a_prologue_that_was_changed_on_the_way_fails() {
    let server = ServerHandshake::new(server_static(), hex(CHAIN), [0x57, 0x41, 0x06, 0x02]);
    let client = ClientHandshake::xx(client_ephemeral(), &client_static());
    let reply = server.on_client_hello(&client.hello(), server_ephemeral(), true).unwrap();
    assert_eq!(
        client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap_err(),
        NoiseError::Handshake("static key")
    );
}

#[test]
fn other_messages_than_the_awaited_one_are_refused() {
    let client = || ClientHandshake::xx(client_ephemeral(), &client_static());
    let hello = client().hello();
    for bytes in [&hello[..], b"", b"\xff", &vec![0; MAX_HANDSHAKE + 1], &hex("1a00"), &hex("1a020a00")] {
        let result = client().on_server_hello(bytes, &verifier(), NOW, &PAYLOAD);
        assert!(matches!(result, Err(NoiseError::Malformed(_))));
    }
    for bytes in [&hex(XX_SERVER_HELLO)[..], b"", b"\xff", &hex("1200"), &hex("12020a00")] {
        let result = server().on_client_hello(bytes, server_ephemeral(), true);
        assert!(matches!(result, Err(NoiseError::Malformed(_))));
        let reply = server().on_client_hello(&hello, server_ephemeral(), true).unwrap();
        assert!(matches!(await_finish(reply).on_client_finish(bytes), Err(NoiseError::Malformed(_))));
    }
}

#[test]
fn debug_output_shows_no_keys() {
    let client = ClientHandshake::xx(client_ephemeral(), &client_static());
    let reply = server().on_client_hello(&client.hello(), server_ephemeral(), true).unwrap();
    let finished = client.on_server_hello(&reply.hello, &verifier(), NOW, &PAYLOAD).unwrap();
    assert_eq!(
        format!("{:?}", finished.transport),
        "Transport { sealer: Sealer { counter: Some(0), .. }, opener: Opener { counter: Some(0), .. } }"
    );
    assert_eq!(format!("{:?}", reply.state), "AwaitFinish(AwaitFinish { pattern: Xx, .. })");
    assert_eq!(format!("{:?}", client_static().private), "PrivateKey(…)");
}
