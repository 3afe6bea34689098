//! What can go wrong in the emulator, and how it is shown to programs.

use chasqui_error::{ErrorCode, PublicError};

/// An error of the emulator's own interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmulatorError {
    /// The address is taken.
    #[error("port {port} on {host} is in use: choose another port, or 0 for a free one")]
    PortInUse {
        /// The host asked for.
        host: String,
        /// The port asked for.
        port: u16,
    },
    /// An option has the wrong type or value.
    #[error("option \"{option}\": {reason}")]
    InvalidOption {
        /// The option's name.
        option: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The text is not a pairing QR code.
    #[error("not a pairing QR code: {0}")]
    InvalidQr(&'static str),
    /// No waiting connection was given this ref.
    #[error("no connection waits for this QR code; scan the newest one")]
    QrExpired,
    /// The code was scanned before.
    #[error("this QR code was scanned already")]
    QrScanned,
    /// The keys in the code are not those of the connection that was given the ref.
    #[error("the keys in this QR code are not those of the connection that shows it")]
    QrForged,
    /// The code typed into the phone is not the one that the client shows.
    #[error("this is not the code that the client shows")]
    WrongCode,
    /// No account has this number or JID.
    #[error("no account has the address {0}")]
    UnknownRecipient(String),
    /// No account, contact, device or message by this name.
    #[error("there is no {0}")]
    NotFound(String),
    /// The emulator was stopped.
    #[error("the emulator is stopped")]
    Stopped,
    /// Anything else; the text tells.
    #[error("{0}")]
    Failed(String),
}

impl EmulatorError {
    /// An error about one option.
    pub fn option(option: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidOption { option: option.into(), reason: reason.into() }
    }

    /// Its stable code.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::PortInUse { .. } => ErrorCode::PortInUse,
            Self::InvalidOption { .. } => ErrorCode::InvalidOption,
            Self::InvalidQr(_) | Self::QrForged => ErrorCode::InvalidQr,
            Self::QrExpired | Self::QrScanned => ErrorCode::QrExpired,
            Self::WrongCode => ErrorCode::PairingFailed,
            Self::UnknownRecipient(_) => ErrorCode::NotOnWhatsApp,
            Self::NotFound(_) | Self::Stopped | Self::Failed(_) => ErrorCode::EmulatorFailed,
        }
    }

    /// The status of the administration interface's answer (the emulator contract, §5).
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::InvalidQr(_) | Self::InvalidOption { .. } => 400,
            Self::QrForged | Self::WrongCode => 403,
            Self::QrExpired | Self::NotFound(_) | Self::UnknownRecipient(_) => 404,
            Self::QrScanned => 409,
            Self::PortInUse { .. } | Self::Stopped | Self::Failed(_) => 500,
        }
    }
}

impl From<EmulatorError> for PublicError {
    fn from(error: EmulatorError) -> Self {
        let public = Self::new(error.code(), error.to_string());
        match &error {
            EmulatorError::InvalidOption { option, .. } => public.with("option", option.as_str()),
            EmulatorError::PortInUse { port, .. } => public.with("port", *port),
            _ => public,
        }
    }
}
