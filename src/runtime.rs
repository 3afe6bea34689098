//! The one tokio runtime of the process, shared by all clients in all of Node's threads. It is never shut down: a
//! worker's end must not end the sessions of other threads.

use std::{io, sync::OnceLock};

use chasqui_error::{ErrorCode, PublicError};
use tokio::runtime::{Builder, Runtime};

/// Decoding a deeply nested message needs 2 MB in a debug build; the rest is reserve (only touched pages cost memory).
const STACK_BYTES: usize = 4 << 20;

/// The runtime, started at the first call.
pub(crate) fn shared() -> Result<&'static Runtime, PublicError> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("chasqui")
                .thread_stack_size(STACK_BYTES)
                .enable_all()
                .build()
        })
        .as_ref()
        .map_err(|error| PublicError::new(ErrorCode::Internal, format!("No threads could be started: {error}.")))
}
