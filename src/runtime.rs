//! The process's threads for sessions, shared by all clients in all of Node's threads. Each runs a tokio runtime of its
//! own, and a session stays on the thread that it was given: its task and the one that carries its events wake each other
//! there, and no thread wakes another to share work that is done in microseconds. What takes long (the encryptions of a
//! large group) goes to threads for blocking work, on all cores.
//!
//! They are never shut down: the end of one of Node's workers must not end the sessions of other threads.

use std::{
    future::pending,
    io,
    sync::{
        LazyLock, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use chasqui_error::{ErrorCode, PublicError};
use tokio::runtime::{Builder, Handle};

/// Decoding a deeply nested message needs 2 MB in a debug build; the rest is reserve (only touched pages cost memory).
const STACK_BYTES: usize = 4 << 20;

/// How much lower than Node's thread the priority of these is, in steps of `nice`.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// As many as there are cores; each is started for the first session that it gets.
static THREADS: LazyLock<Box<[Thread]>> =
    LazyLock::new(|| (0..available_parallelism().map_or(1, usize::from)).map(|_| Thread::default()).collect());

#[derive(Default)]
struct Thread {
    handle: OnceLock<io::Result<Handle>>,
    sessions: AtomicUsize,
}

/// A session's place on a thread, free again when dropped.
pub(crate) struct Seat(&'static Thread);

/// Seats a session on the thread that has fewest.
pub(crate) fn seat() -> Result<(&'static Handle, Seat), PublicError> {
    let failed =
        |error: &io::Error| PublicError::new(ErrorCode::Internal, format!("No thread could be started: {error}."));
    let fewest = THREADS.iter().min_by_key(|thread| thread.sessions.load(Ordering::Relaxed));
    let thread = fewest.ok_or_else(|| failed(&io::Error::other("no core")))?;
    let handle = thread.handle.get_or_init(start).as_ref().map_err(failed)?;
    thread.sessions.fetch_add(1, Ordering::Relaxed);
    Ok((handle, Seat(thread)))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread()
        .thread_name("chasqui-work")
        .thread_stack_size(STACK_BYTES)
        .on_thread_start(give_way)
        .enable_all()
        .build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name("chasqui".to_owned()).stack_size(STACK_BYTES).spawn(move || {
        give_way();
        runtime.block_on(pending::<()>());
    })?;
    Ok(handle)
}

/// Where there are fewer cores than busy threads, Node's comes first: with its share of a core a thread of ours falls
/// behind by microseconds a message, while an event loop that waits for a core is what users notice.
fn give_way() {
    // On Linux a thread has a priority of its own; elsewhere this would be the whole process's.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
