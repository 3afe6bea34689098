//! Why a connection ended, and what follows: `<failure>`, `<stream:error>` and broken sockets.
//!
//! Source: 01-connection §9; the policy is promise 6.

use std::time::Duration;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Node;

/// The longest ban that is waited for, in seconds: a year.
const LONGEST_BAN: u64 = 365 * 86_400;

/// What to do after a connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Reconnect at once (the restart after pairing).
    Now,
    /// Reconnect after the growing, jittered delay.
    Backoff,
    /// As [`Next::Backoff`], from a few steps further on.
    SlowBackoff,
    /// Reconnect when this time is over.
    After(Duration),
    /// Do not reconnect.
    Stop,
    /// Do not reconnect; the device is no longer linked.
    Unlinked,
}

/// A connection's end.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub reason: PublicError,
    pub next: Next,
}

impl End {
    pub fn new(code: ErrorCode, message: impl Into<String>, next: Next) -> Self {
        Self { reason: PublicError::new(code, message), next }
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.reason = self.reason.with(key, value);
        self
    }

    /// The socket closed or broke.
    pub fn lost(what: impl Into<String>) -> Self {
        Self::new(ErrorCode::ConnectionLost, what, Next::Backoff)
    }

    /// Nothing was received for too long.
    pub fn silent() -> Self {
        Self::lost("Nothing was received for too long.").with("timeout", true)
    }

    /// The server broke the protocol.
    pub fn protocol(what: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::ProtocolError, format!("The server broke the protocol: {what}."), Next::Backoff)
    }

    /// `<stream:error>`: a conflict goes before the code.
    pub fn from_stream_error(node: &Node<'_>) -> Self {
        let code = node.get_u64("code");
        let end = match (node.find("conflict").and_then(|conflict| conflict.get_str("type")), code) {
            (Some(kind), _) if kind == "device_removed" => {
                Self::new(ErrorCode::LoggedOut, "The device was unlinked from the phone.", Next::Unlinked)
            }
            (Some(_), _) | (None, Some(409)) => {
                Self::new(ErrorCode::Replaced, "The session was opened by another connection.", Next::Stop)
            }
            (None, Some(515)) => {
                Self::new(ErrorCode::ConnectionLost, "The server asks for a restart of the connection.", Next::Now)
            }
            (None, Some(401 | 516)) => Self::new(ErrorCode::LoggedOut, "The device was logged out.", Next::Unlinked),
            (None, Some(429)) => {
                Self::new(ErrorCode::ConnectionLost, "The server limits the rate of connections.", Next::SlowBackoff)
            }
            (None, Some(code)) => Self::lost(format!("The server ended the stream with code {code}.")),
            (None, None) if node.find("xml-not-well-formed").is_some() => {
                Self::lost("The server could not decode a stanza.")
            }
            (None, None) => match node.find("ack") {
                Some(ack) => Self::lost("The server missed an ack.")
                    .with("id", ack.get_str("id").unwrap_or_default().into_owned()),
                None => Self::lost("The server ended the stream."),
            },
        };
        match code {
            Some(code) => end.with("streamError", code),
            None => end,
        }
    }

    /// `<failure>`: the login was refused.
    pub fn from_failure(node: &Node<'_>) -> Self {
        let reason = node.get_u64("reason").unwrap_or(500);
        let end = match reason {
            401 => Self::new(ErrorCode::LoggedOut, "The device is not linked (any more).", Next::Unlinked),
            402 => {
                let seconds = node.get_u64("expire").unwrap_or(0);
                let next = match seconds {
                    0 => Next::Stop,
                    seconds => Next::After(Duration::from_secs(seconds.min(LONGEST_BAN))),
                };
                Self::new(ErrorCode::TemporarilyBanned, format!("Banned for {seconds} seconds."), next)
                    .with("expiresInSeconds", seconds)
                    .with("banCode", node.get_u64("code").unwrap_or(0))
            }
            403 | 406 => Self::new(ErrorCode::Banned, "The account is banned or locked.", Next::Unlinked),
            405 => Self::new(ErrorCode::ClientOutdated, "The service refuses this client version.", Next::Stop),
            500 | 503 => Self::new(
                ErrorCode::ConnectionFailed,
                format!("The server is in trouble (failure {reason})."),
                Next::Backoff,
            ),
            _ => Self::new(
                ErrorCode::ConnectionFailed,
                format!("The server refused the login (failure {reason})."),
                Next::Stop,
            ),
        };
        end.with("failure", reason)
    }
}

/// The delay before an attempt to reconnect: doubling from 1 s to 5 min, ±20 %.
pub(crate) fn backoff(attempt: u32, random: u16) -> Duration {
    let base = 1000u64.saturating_mul(1 << attempt.min(16)).min(300_000);
    let spread = base * 2 / 5;
    Duration::from_millis(base - spread / 2 + spread * u64::from(random) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(reason: &'static str) -> End {
        End::from_failure(&Node::new("failure").attr("reason", reason))
    }

    #[test]
    fn every_failure_of_the_table_has_its_code_and_policy() {
        for (reason, code, next) in [
            ("400", ErrorCode::ConnectionFailed, Next::Stop),
            ("401", ErrorCode::LoggedOut, Next::Unlinked),
            ("402", ErrorCode::TemporarilyBanned, Next::Stop),
            ("403", ErrorCode::Banned, Next::Unlinked),
            ("405", ErrorCode::ClientOutdated, Next::Stop),
            ("406", ErrorCode::Banned, Next::Unlinked),
            ("409", ErrorCode::ConnectionFailed, Next::Stop),
            ("411", ErrorCode::ConnectionFailed, Next::Stop),
            ("415", ErrorCode::ConnectionFailed, Next::Stop),
            ("418", ErrorCode::ConnectionFailed, Next::Stop),
            ("500", ErrorCode::ConnectionFailed, Next::Backoff),
            ("501", ErrorCode::ConnectionFailed, Next::Stop),
            ("503", ErrorCode::ConnectionFailed, Next::Backoff),
        ] {
            let end = failure(reason);
            assert_eq!((end.reason.code, end.next), (code, next), "failure {reason}");
            assert_eq!(end.reason.data["failure"].to_string(), reason);
        }
    }

    #[test]
    fn a_temporary_ban_tells_its_end_and_is_waited_for() {
        let node = Node::new("failure").attr("reason", "402").attr("expire", "3600").attr("code", "101");
        let end = End::from_failure(&node);
        assert_eq!((&end.reason.data["expiresInSeconds"], &end.reason.data["banCode"]), (&3600.into(), &101.into()));
        assert_eq!(end.next, Next::After(Duration::from_secs(3600)));
        let for_ever = Node::new("failure").attr("reason", "402").attr("expire", u64::MAX);
        assert_eq!(End::from_failure(&for_ever).next, Next::After(Duration::from_secs(LONGEST_BAN)));
    }

    #[test]
    fn every_stream_error_of_the_table_has_its_code_and_policy() {
        let error = |code: Option<&'static str>, child: Option<Node<'static>>| {
            let node = Node::new("stream:error").attr_opt("code", code).children(child);
            let end = End::from_stream_error(&node);
            (end.reason.code, end.next)
        };
        let conflict = |kind: &'static str| Some(Node::new("conflict").attr("type", kind));
        assert_eq!(error(Some("515"), None), (ErrorCode::ConnectionLost, Next::Now));
        assert_eq!(error(Some("516"), None), (ErrorCode::LoggedOut, Next::Unlinked));
        assert_eq!(error(Some("401"), None), (ErrorCode::LoggedOut, Next::Unlinked));
        assert_eq!(error(Some("401"), conflict("device_removed")), (ErrorCode::LoggedOut, Next::Unlinked));
        assert_eq!(error(None, conflict("device_removed")), (ErrorCode::LoggedOut, Next::Unlinked));
        assert_eq!(error(None, conflict("replaced")), (ErrorCode::Replaced, Next::Stop));
        assert_eq!(error(Some("409"), None), (ErrorCode::Replaced, Next::Stop));
        assert_eq!(error(Some("429"), None), (ErrorCode::ConnectionLost, Next::SlowBackoff));
        assert_eq!(error(Some("500"), None), (ErrorCode::ConnectionLost, Next::Backoff));
        assert_eq!(error(Some("503"), None), (ErrorCode::ConnectionLost, Next::Backoff));
        assert_eq!(error(None, Some(Node::new("ack").attr("id", "7"))), (ErrorCode::ConnectionLost, Next::Backoff));
        assert_eq!(error(None, Some(Node::new("xml-not-well-formed"))), (ErrorCode::ConnectionLost, Next::Backoff));
    }

    #[test]
    fn the_back_off_grows_to_five_minutes_and_is_jittered() {
        assert_eq!(backoff(0, u16::MAX / 2).as_millis() / 10, 99);
        assert!(backoff(3, 0) < backoff(3, u16::MAX));
        assert!(backoff(40, u16::MAX) <= Duration::from_secs(360));
        assert!(backoff(40, 0) >= Duration::from_secs(240));
    }
}
