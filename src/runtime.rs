//! The one tokio runtime of the process, shared by all clients in all of Node's threads. It is never shut down: a
//! worker's end must not end the sessions of other threads.

use std::{io, sync::OnceLock};

use chasqui_error::{ErrorCode, PublicError};
use tokio::runtime::{Builder, Runtime};

/// Decoding a deeply nested message needs 2 MB in a debug build; the rest is reserve (only touched pages cost memory).
const STACK_BYTES: usize = 4 << 20;

/// How much lower than Node's thread the workers' priority is, in steps of `nice`.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// The runtime, started at the first call.
pub(crate) fn shared() -> Result<&'static Runtime, PublicError> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("chasqui")
                .thread_stack_size(STACK_BYTES)
                .on_thread_start(give_way)
                .enable_all()
                .build()
        })
        .as_ref()
        .map_err(|error| PublicError::new(ErrorCode::Internal, format!("No threads could be started: {error}.")))
}

/// Where there are fewer cores than busy threads, Node's comes first: with its share of a core a worker falls behind by
/// microseconds a message, while an event loop that waits for a core is what users notice.
fn give_way() {
    // On Linux a thread has a priority of its own; elsewhere this would be the whole process's.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}
