//! Files pass through the media hosts in pieces. A binary of its own, since it counts every allocation.

#[path = "it/client.rs"]
#[allow(dead_code)]
mod client;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chasqui_emulator::{Emulator, Options};
use chasqui_wire::node::Node;
use client::{Client, Keys};
use peak_alloc::PeakAlloc;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const PIECE: usize = 1 << 20;
const PIECES: usize = 128;

#[tokio::test]
async fn a_large_file_goes_up_and_down_in_little_memory() {
    let emulator = Emulator::start(Options::default()).await.expect("it starts");
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    let answer = client.ask("w:m", "set", Node::new("media_conn")).await;
    let auth = answer.find("media_conn").and_then(|conn| conn.get_str("auth")).expect("auth").into_owned();
    let address = (emulator.info().host.as_str(), emulator.info().port);
    let piece = vec![7; PIECE];
    let mut hash = Sha256::new();
    (0..PIECES).for_each(|_| hash.update(&piece));
    let token = URL_SAFE_NO_PAD.encode(hash.finalize());
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();

    let mut stream = TcpStream::connect(address).await.expect("the port is open");
    let length = PIECE * PIECES;
    let head =
        format!("POST /mms/document/{token}?auth={auth} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("an open socket");
    for _ in 0..PIECES {
        stream.write_all(&piece).await.expect("an open socket");
    }
    let mut status = [0; 15];
    stream.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    drop(stream);

    let path = emulator.media().await.expect("it runs").remove(0).direct_path;
    let mut stream = TcpStream::connect(address).await.expect("the port is open");
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("an open socket");
    let mut buffer = vec![0; PIECE];
    let mut received = 0;
    loop {
        match stream.read(&mut buffer).await.expect("an open socket") {
            0 => break,
            read => received += read,
        }
    }
    assert!(received > length);
    let used = ALLOCATOR.peak_usage().saturating_sub(before);
    assert!(used < 12 * PIECE, "{used} bytes");
}
