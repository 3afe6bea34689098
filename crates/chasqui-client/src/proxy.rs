//! Proxies: HTTP CONNECT and SOCKS5, with and without credentials.
//!
//! Names are resolved by the proxy. Credentials are in no message and no log line.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_socks::{Error as SocksError, tcp::Socks5Stream};
use tokio_tungstenite::tungstenite::http::Uri;
use zeroize::Zeroizing;

use crate::{
    options::invalid,
    reason::{End, Next},
};

/// Longest answer of a proxy to CONNECT.
const MAX_HEAD: usize = 8 << 10;
/// Longest user name and password, as SOCKS5 has it.
const MAX_CREDENTIAL: usize = 255;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Http,
    Socks5,
}

#[derive(Clone)]
struct Login {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// A proxy, from its URL.
#[derive(Clone)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    login: Option<Login>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({:?}, {})", self.kind, self.place())
    }
}

impl Proxy {
    /// Reads `http://user:password@host:port` or `socks5://…`; user and password are percent-encoded and may be left
    /// out, as may the ports 8080 and 1080.
    ///
    /// # Errors
    /// `INVALID_OPTION`, never with the credentials.
    pub fn parse(url: &str) -> Result<Self, PublicError> {
        let uri: Uri = url.parse().map_err(|_| invalid("proxy", "is not a URL"))?;
        let (kind, default_port) = match uri.scheme_str() {
            Some("http") => (Kind::Http, 8080),
            Some("socks5" | "socks5h") => (Kind::Socks5, 1080),
            _ => return Err(invalid("proxy", "must be an http: or socks5: URL")),
        };
        let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        let login = match authority.rsplit_once('@') {
            Some((login, _)) => Some(Login::parse(login)?),
            None => None,
        };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if host.is_empty() {
            return Err(invalid("proxy", "names no host"));
        }
        Ok(Self { kind, host: host.to_owned(), port: uri.port_u16().unwrap_or(default_port), login })
    }

    /// As a URL, with the credentials.
    pub(crate) fn url(&self) -> Zeroizing<String> {
        let scheme = match self.kind {
            Kind::Http => "http",
            Kind::Socks5 => "socks5h",
        };
        let encoded = |text: &str| percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string();
        let login = self
            .login
            .as_ref()
            .map_or_else(String::new, |login| format!("{}:{}@", encoded(&login.user), encoded(&login.password)));
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        Zeroizing::new(format!("{scheme}://{login}{host}:{}", self.port))
    }

    /// Opens a connection to `host` through the proxy.
    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, End> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| {
            self.failed(format!("The proxy {} cannot be reached: {error}.", self.place()), Next::Backoff)
        })?;
        match self.kind {
            Kind::Http => self.tunnel(tcp, host, port).await,
            Kind::Socks5 => self.relay(tcp, host, port).await,
        }
    }

    async fn tunnel(&self, mut tcp: TcpStream, host: &str, port: u16) -> Result<TcpStream, End> {
        let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut request = Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"));
        if let Some(Login { user, password }) = &self.login {
            let login = Zeroizing::new([user.as_str(), ":", password.as_str()].concat());
            let encoded = Zeroizing::new(BASE64_STANDARD.encode(login.as_bytes()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&encoded);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        let broken = |error: std::io::Error| {
            self.failed(format!("The connection to the proxy {} broke: {error}.", self.place()), Next::Backoff)
        };
        tcp.write_all(request.as_bytes()).await.map_err(broken)?;
        let mut head = Vec::with_capacity(256);
        // Byte by byte: what follows the head is not ours to read.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= MAX_HEAD {
                return Err(self.failed(format!("The proxy {} answers without end.", self.place()), Next::Backoff));
            }
            head.push(tcp.read_u8().await.map_err(broken)?);
        }
        match status(&head) {
            Some(200..=299) => Ok(tcp),
            Some(status) => {
                // Wrong credentials do not get better by themselves.
                let next = if status == 407 { Next::Stop } else { Next::Backoff };
                let mut end =
                    self.failed(format!("The proxy {} refused the connection with {status}.", self.place()), next);
                end.reason = end.reason.with("status", status);
                Err(end)
            }
            None => Err(self.failed(format!("The proxy {} does not answer with HTTP.", self.place()), Next::Backoff)),
        }
    }

    async fn relay(&self, tcp: TcpStream, host: &str, port: u16) -> Result<TcpStream, End> {
        let connected = match &self.login {
            Some(Login { user, password }) => {
                Socks5Stream::connect_with_password_and_socket(tcp, (host, port), user, password).await
            }
            None => Socks5Stream::connect_with_socket(tcp, (host, port)).await,
        };
        connected.map(Socks5Stream::into_inner).map_err(|error| {
            let login = matches!(
                error,
                SocksError::PasswordAuthFailure(_)
                    | SocksError::AuthorizationRequired
                    | SocksError::NoAcceptableAuthMethods
            );
            let next = if login { Next::Stop } else { Next::Backoff };
            self.failed(format!("The proxy {} refused the connection: {error}.", self.place()), next)
        })
    }

    fn failed(&self, message: String, next: Next) -> End {
        let mut end = End::new(ErrorCode::ProxyFailed, message, next);
        end.reason = end.reason.with("proxy", self.place());
        end
    }

    fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl Login {
    fn parse(text: &str) -> Result<Self, PublicError> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let decode = |part: &str| {
            let decoded = percent_decode_str(part).decode_utf8();
            decoded.ok().filter(|text| text.len() <= MAX_CREDENTIAL).map(|text| Zeroizing::new(text.into_owned()))
        };
        let (Some(user), Some(password)) = (decode(user), decode(password)) else {
            return Err(invalid("proxy", "has credentials that are too long or no UTF-8"));
        };
        Ok(Self { user, password })
    }
}

/// The number of an HTTP answer.
fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut parts = line.split(' ');
    parts.next().filter(|version| version.starts_with("HTTP/1."))?;
    parts.next()?.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_url_is_read_whole() {
        let proxy = Proxy::parse("http://maria:s%40fe%3A@proxy.example:3128").expect("a proxy");
        assert_eq!((proxy.kind, proxy.place()), (Kind::Http, "proxy.example:3128".into()));
        let login = proxy.login.expect("a login");
        assert_eq!((login.user.as_str(), login.password.as_str()), ("maria", "s@fe:"));
        let proxy = Proxy::parse("socks5://[::1]").expect("a proxy");
        assert_eq!((proxy.kind, proxy.host.as_str(), proxy.port), (Kind::Socks5, "::1", 1080));
        assert!(proxy.login.is_none());
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_credentials() {
        let long = format!("http://{}:secret@proxy.example", "u".repeat(256));
        for url in ["", "proxy.example:80", "https://proxy.example", "ftp://u:secret@proxy.example", &long] {
            let error = Proxy::parse(url).expect_err(url);
            assert_eq!((error.code, error.data["option"].as_str()), (ErrorCode::InvalidOption, Some("proxy")));
            assert!(!error.message.contains("secret"));
        }
        let proxy = Proxy::parse("http://user:secret@proxy.example").expect("a proxy");
        assert!(!format!("{proxy:?}").contains("secret"));
    }

    #[test]
    fn the_number_of_an_answer_is_found() {
        for (head, number) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
            ("HTTP/1.0 407 Proxy Authentication Required\r\nX: 1\r\n\r\n", Some(407)),
            ("HTTP/1.1 200\r\n\r\n", Some(200)),
            ("HTTP/2 200\r\n\r\n", None),
            ("SSH-2.0-x\r\n\r\n", None),
            ("\r\n\r\n", None),
        ] {
            assert_eq!(status(head.as_bytes()), number, "{head}");
        }
    }

    /// A proxy that reads one request and answers with these bytes.
    async fn answering(bytes: &'static [u8]) -> (u16, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.expect("a connection");
            let mut heard = vec![0; 1024];
            let length = tcp.read(&mut heard).await.expect("a request");
            tcp.write_all(bytes).await.expect("answered");
            heard.truncate(length);
            heard
        });
        (port, heard)
    }

    #[tokio::test]
    async fn a_tunnel_is_asked_for_with_the_credentials() {
        let (port, heard) = answering(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let proxy = Proxy::parse(&format!("http://maria:secret@127.0.0.1:{port}")).expect("a proxy");
        proxy.connect("web.example", 443).await.expect("connected");
        let heard = String::from_utf8(heard.await.expect("heard")).expect("text");
        assert_eq!(
            heard,
            "CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\nProxy-Authorization: Basic bWFyaWE6c2VjcmV0\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_refusal_has_its_number_and_a_refused_login_is_final() {
        for (answer, number, next) in
            [(&b"HTTP/1.1 407 No\r\n\r\n"[..], 407, Next::Stop), (b"HTTP/1.1 502 No\r\n\r\n", 502, Next::Backoff)]
        {
            let (port, _) = answering(answer).await;
            let proxy = Proxy::parse(&format!("http://maria:secret@127.0.0.1:{port}")).expect("a proxy");
            let end = proxy.connect("web.example", 443).await.expect_err("refused");
            assert_eq!((end.reason.code, end.next), (ErrorCode::ProxyFailed, next));
            assert_eq!(end.reason.data["status"], number);
            assert!(!format!("{:?}", end.reason).contains("secret"));
        }
    }

    #[tokio::test]
    async fn a_proxy_that_talks_nonsense_or_hangs_up_fails_typed() {
        for answer in [&b"SSH-2.0-x\r\n\r\n"[..], b"HTT", &[b'x'; MAX_HEAD + 1]] {
            for scheme in ["http", "socks5"] {
                let (port, _) = answering(answer).await;
                let proxy = Proxy::parse(&format!("{scheme}://127.0.0.1:{port}")).expect("a proxy");
                let end = proxy.connect("web.example", 443).await.expect_err("refused");
                assert_eq!(end.reason.code, ErrorCode::ProxyFailed);
            }
        }
    }
}
