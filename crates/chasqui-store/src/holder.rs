//! Who holds a lease: a process, told apart from every other that ever ran.
//!
//! A pid alone is not enough: containers share pids, hosts reboot, pids come round. The random nonce makes a holder
//! unique; host and boot id say whether an operating-system lock of that holder means anything here.

use std::sync::OnceLock;

/// A process that can hold leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub(crate) host: String,
    /// Empty where the system has none; holders on the same host are then taken to be of the same boot.
    pub(crate) boot_id: String,
    pub(crate) pid: u32,
    pub(crate) nonce: [u8; 16],
}

impl Holder {
    /// This process. The same for its whole life.
    pub fn current() -> Self {
        static CURRENT: OnceLock<Holder> = OnceLock::new();
        CURRENT.get_or_init(Self::fresh).clone()
    }

    /// A holder of its own inside this process: its leases are told apart from those of [`Holder::current`].
    pub fn fresh() -> Self {
        let mut nonce = [0; 16];
        if getrandom::fill(&mut nonce).is_err() {
            // Uniqueness is all that is asked of the nonce: a system without randomness still has a clock and a pid.
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            nonce = (now.as_nanos() ^ (u128::from(std::process::id()) << 96)).to_be_bytes();
        }
        Self { host: host(), boot_id: boot_id(), pid: std::process::id(), nonce }
    }

    /// The host's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }
}

fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}
