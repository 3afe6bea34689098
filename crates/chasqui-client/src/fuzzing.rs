//! The words of a hostile server to a session that is logged in and waits for answers: one driver for the property tests,
//! the corpus and the fuzzer. No part of the API.
//!
//! Nothing panics, every stanza ends or refuses no more than itself or its connection, and what is remembered of it stays
//! within its bounds.

use std::time::Duration;

use chasqui_wire::{Jid, Server, frame::FrameDecoder};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    connection::Stanza,
    creds::Paired,
    devices::Query,
    iq::Wait,
};

/// Longest frame of a stream here, so that fuzzing stays fast.
const MAX_FRAME: usize = 1 << 16;
/// Ids of the requests that are under way.
pub(crate) const REQUESTS: [&str; 11] = ["q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10"];

pub(crate) fn group() -> Jid {
    Jid::new("120363000000000001", Server::Group)
}

/// A session that is logged in, and waits for answers.
pub(crate) async fn actor() -> Actor {
    let mut actor = Actor::for_tests().await;
    actor.creds.paired = Some(Paired {
        pn: Jid::pn("15550001111").with_device(3),
        lid: Jid::lid("100000000000001").with_device(3),
        account: Vec::new(),
        platform: String::new(),
        lid_migrated: true,
    });
    let other = Jid::lid("100000000000002");
    let query = Query { users: vec![other.clone(), Jid::pn("15550002222")], numbers: vec!["15550003333".into()] };
    let waits = [
        Wait::PreKeyCount,
        Wait::Active,
        Wait::Digest,
        Wait::Rotation(2),
        Wait::Devices(query),
        Wait::Bundles(vec![other.clone(), other.with_device(7)]),
        Wait::Group(group()),
        Wait::Blocklist,
        Wait::Resolve(0, other),
        Wait::MediaHosts,
        Wait::Groups,
    ];
    for (id, wait) in REQUESTS.into_iter().zip(waits) {
        actor.requests.expect(id.into(), wait, Instant::now() + Duration::from_secs(60));
    }
    actor
}

/// Feeds the plaintext of a frame; says whether it was a stanza.
pub(crate) async fn feed(actor: &mut Actor, plaintext: &[u8]) -> bool {
    let Ok(stanza) = Stanza::unpack(plaintext) else { return false };
    let is_stanza = stanza.node().is_ok();
    if let Err(Fault::Store(error)) = actor.on_stanza(stanza).await {
        panic!("the store failed: {error}");
    }
    actor.settle().await;
    assert!(actor.retries.len() <= actor.retries.cap());
    assert!(actor.groups.len() <= actor.groups.cap());
    assert!(actor.mappings.len() <= actor.mappings.cap());
    assert!(actor.devices.len() <= actor.devices.cap());
    is_stanza
}

pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// A stream after its decryption: frames of three bytes length, flags and a node. Gives how many stanzas it had.
pub fn stream(bytes: &[u8]) -> usize {
    wait_for(async {
        let mut actor = actor().await;
        let mut frames = FrameDecoder::new(MAX_FRAME);
        frames.push(bytes);
        let mut stanzas = 0;
        while let Ok(Some(frame)) = frames.next_frame() {
            stanzas += usize::from(feed(&mut actor, &frame).await);
        }
        stanzas
    })
}
