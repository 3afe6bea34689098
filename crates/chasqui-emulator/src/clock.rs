//! The service's time: the machine's, shifted by an option.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch, as the service tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Millis(pub u64);

impl Millis {
    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

/// Tells the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// Seconds added to the machine's clock.
    pub offset: i64,
}

impl Clock {
    pub fn now(self) -> Millis {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        Millis(millis.saturating_add_signed(self.offset.saturating_mul(1000)))
    }
}
