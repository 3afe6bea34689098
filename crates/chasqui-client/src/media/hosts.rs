//! The media hosts of the session: `media_conn` (05-media §1).

use std::{sync::Arc, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Node;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    actor::{Actor, Link},
    error,
    iq::{self, Wait},
};

/// Hosts that one answer may name.
const MAX_HOSTS: usize = 16;
const MAX_NAME: usize = 253 + 6;
const MAX_AUTH: usize = 4096;
/// What is said to live longer is asked for again after this.
const MAX_LIFE: Duration = Duration::from_secs(6 * 3600);
/// A host that is told just before its time ends is of no use.
const MARGIN: Duration = Duration::from_secs(5);

/// Where files go to and come from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hosts {
    /// `host` or `host:port`, in the order in which they are tried.
    pub names: Vec<String>,
    /// What entitles to an upload.
    pub auth: String,
    /// Not to be used any more after this.
    pub until: Instant,
}

/// What a transfer is told.
pub(crate) type Answer = oneshot::Sender<Result<Arc<Hosts>, PublicError>>;

/// The hosts as the session knows them.
#[derive(Default)]
pub(crate) struct Known {
    hosts: Option<Arc<Hosts>>,
    asking: bool,
    waiting: Vec<Answer>,
}

/// The query.
pub(crate) fn request(id: &str) -> Node<'static> {
    iq::request(id, "set", "w:m").child(Node::new("media_conn"))
}

fn read(answer: &Node<'_>, now: Instant) -> Option<Hosts> {
    let conn = answer.find("media_conn")?;
    let auth = conn.get_str("auth").filter(|auth| (1..=MAX_AUTH).contains(&auth.len()))?.into_owned();
    let mut hosts: Vec<_> = conn
        .all("host")
        .filter_map(|host| {
            let name = host.get_str("hostname").filter(|name| is_host(name))?.into_owned();
            Some((!host.is("type", "primary"), name))
        })
        .take(MAX_HOSTS)
        .collect();
    hosts.sort_by_key(|(fallback, _)| *fallback);
    let names: Vec<_> = hosts.into_iter().map(|(_, name)| name).collect();
    if names.is_empty() {
        return None;
    }
    let seconds = ["ttl", "auth_ttl"].into_iter().filter_map(|name| conn.get_u64(name)).min().unwrap_or(300);
    let life = Duration::from_secs(seconds).min(MAX_LIFE);
    Some(Hosts { names, auth, until: now + life.saturating_sub(MARGIN) })
}

/// Whether a text is a host with or without a port, and nothing that would change the meaning of a URL.
fn is_host(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain)
}

impl Actor {
    /// A transfer wants to know the hosts; what it was told before, and was refused with, is `stale`.
    pub(crate) fn on_hosts_wanted(&mut self, stale: Option<&Arc<Hosts>>, answer: Answer) {
        let known = self.media.known.hosts.as_ref().filter(|hosts| {
            let refused = stale.is_some_and(|stale| Arc::ptr_eq(stale, hosts));
            !refused && hosts.until > Instant::now()
        });
        if let Some(hosts) = known {
            // Nobody listens when the transfer was given up meanwhile.
            let _ = answer.send(Ok(hosts.clone()));
            return;
        }
        if matches!(self.link, Link::Down) {
            let _ = answer.send(Err(error::not_connected()));
            return;
        }
        self.media.known.waiting.push(answer);
        self.ask_hosts();
    }

    /// Asks for the hosts if somebody waits for them; also once the connection is open.
    pub(crate) fn ask_hosts(&mut self) {
        let known = &mut self.media.known;
        known.waiting.retain(|answer| !answer.is_closed());
        if known.waiting.is_empty() || known.asking || !self.is_open() {
            return;
        }
        self.media.known.asking = true;
        self.query(Wait::MediaHosts);
    }

    /// The server's answer, or `None` when there was none in time.
    pub(crate) fn on_hosts(&mut self, answer: Option<&Node<'_>>) {
        let outcome = match answer {
            None => Err(PublicError::new(ErrorCode::Timeout, "The server did not name its media hosts in time.")),
            Some(answer) => match (iq::error_code(answer), read(answer, Instant::now())) {
                (Some(code), _) => {
                    let message = format!("The server refused to name its media hosts with error {code}.");
                    Err(PublicError::new(ErrorCode::RequestFailed, message).with("error", code))
                }
                (None, Some(hosts)) => Ok(Arc::new(hosts)),
                (None, None) => {
                    Err(PublicError::new(ErrorCode::RequestFailed, "The server named no usable media host."))
                }
            },
        };
        let known = &mut self.media.known;
        known.asking = false;
        known.hosts = outcome.as_ref().ok().cloned();
        for answer in known.waiting.drain(..) {
            let _ = answer.send(outcome.clone());
        }
    }

    /// The connection ended: the question is asked again on the next one.
    pub(crate) fn hosts_unanswered(&mut self) {
        self.media.known.asking = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(hosts: &[(&'static str, &'static str)], attrs: &[(&'static str, &'static str)]) -> Node<'static> {
        let hosts = hosts.iter().map(|(name, kind)| Node::new("host").attr("hostname", *name).attr("type", *kind));
        let conn = attrs.iter().fold(Node::new("media_conn"), |conn, (name, value)| conn.attr(*name, *value));
        Node::new("iq").child(conn.children(hosts))
    }

    #[test]
    fn the_primary_host_comes_first_and_the_shorter_life_counts() {
        let now = Instant::now();
        let hosts = [("fallback.example", "fallback"), ("127.0.0.1:4433", "primary")];
        let found = read(&answer(&hosts, &[("auth", "a"), ("ttl", "300"), ("auth_ttl", "60")]), now).expect("hosts");
        assert_eq!(found.names, ["127.0.0.1:4433", "fallback.example"]);
        assert_eq!(found.until, now + Duration::from_secs(55));
        let absolute = read(&answer(&hosts, &[("auth", "a"), ("ttl", "1795000000")]), now).expect("hosts");
        assert!(absolute.until <= now + MAX_LIFE);
    }

    #[test]
    fn what_is_no_host_is_left_out_and_without_any_there_is_no_answer() {
        let now = Instant::now();
        let odd = [("evil.example/path", "primary"), ("user@host", "primary"), ("", "primary"), ("a b", "primary")];
        assert_eq!(read(&answer(&odd, &[("auth", "a")]), now), None);
        assert_eq!(read(&answer(&[("mmg.example", "primary")], &[]), now), None, "no auth");
        assert_eq!(read(&Node::new("iq"), now), None);
    }
}
