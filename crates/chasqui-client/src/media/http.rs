//! HTTPS to media hosts, and to the web for files that a program names by URL.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use chasqui_error::{ErrorCode, PublicError};
use reqwest::{Client, ClientBuilder, Url, dns, header, redirect::Policy};

use crate::{connection, options::Options};

/// How long a host may be silent.
const SILENCE: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;
const ORIGIN: &str = "https://web.whatsapp.com";

fn builder(options: &Options) -> Result<ClientBuilder, PublicError> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(connection::tls_config(&options.endpoint)?)
        .connect_timeout(options.connect_timeout)
        .read_timeout(SILENCE)
        .pool_max_idle_per_host(4)
        .no_proxy();
    if let Some(proxy) = &options.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.url().as_str()).map_err(internal)?);
    }
    Ok(builder)
}

/// For media hosts, which the service names.
pub(crate) fn media(options: &Options) -> Result<Client, PublicError> {
    let mut headers = header::HeaderMap::new();
    headers.insert(header::ORIGIN, header::HeaderValue::from_static(ORIGIN));
    builder(options)?.redirect(Policy::limited(MAX_REDIRECTS)).default_headers(headers).build().map_err(internal)
}

/// For URLs of the program. Unless `private` is allowed, nothing inside private networks is reached: neither by name, nor by
/// address, nor by redirect.
pub(crate) fn web(options: &Options, private: bool) -> Result<Client, PublicError> {
    let policy = Policy::custom(move |attempt| {
        if attempt.previous().len() > MAX_REDIRECTS {
            return attempt.error("too many redirects");
        }
        match check(attempt.url(), private) {
            Ok(()) => attempt.follow(),
            Err(error) => attempt.error(Refused(error.message)),
        }
    });
    let mut builder = builder(options)?.redirect(policy);
    if !private {
        builder = builder.dns_resolver(Arc::new(PublicNames));
    }
    builder.build().map_err(internal)
}

/// Why a redirect or a name was refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(String);

fn internal(error: reqwest::Error) -> PublicError {
    PublicError::new(ErrorCode::Internal, format!("No HTTP client could be made: {error}."))
}

/// What a failed request to the web comes to; the URL is in no message.
pub(super) fn refusal(error: reqwest::Error, failed: impl FnOnce(String) -> PublicError) -> PublicError {
    let mut source: Option<&dyn std::error::Error> = Some(&error);
    while let Some(inner) = source {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return PublicError::new(ErrorCode::UrlNotAllowed, format!("{}.", refused.0.trim_end_matches('.')));
        }
        source = inner.source();
    }
    failed(error.without_url().to_string())
}

/// Refuses what is no http(s) URL, and addresses of private networks.
pub(crate) fn check(url: &Url, private: bool) -> Result<(), PublicError> {
    let refused = |why: &str| {
        // The query may hold what gives access.
        let mut shown = url.clone();
        shown.set_query(None);
        let _ = shown.set_password(None);
        PublicError::new(ErrorCode::UrlNotAllowed, format!("{shown} {why}."))
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("is no http: or https: URL"));
    }
    let host = url.host_str().ok_or_else(|| refused("names no host"))?;
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let local = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    if !private && (local || address.is_ok_and(|address| !is_public(address))) {
        return Err(refused("is in a private network; allow it by the option \"allowPrivateUrls\" if that is meant"));
    }
    Ok(())
}

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && (18..20).contains(&b));
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || shared
        || special)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(address) = address.to_ipv4() {
        return is_public_v4(address);
    }
    let [first, second, ..] = address.segments();
    // Global unicast, but for what carries IPv4 addresses of any kind in it, and for documentation.
    (first & 0xe000) == 0x2000
        && first != 0x2002
        && (first, second) != (0x2001, 0)
        && (first, second) != (0x2001, 0xdb8)
}

/// Finds public addresses only.
struct PublicNames;

impl dns::Resolve for PublicNames {
    fn resolve(&self, name: dns::Name) -> dns::Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(Refused(format!("{} is in a private network", name.as_str())).into());
            }
            Ok(Box::new(public.into_iter()) as dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused_in_every_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://10.0.0.1:8080/",
            "https://172.16.9.9/",
            "https://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[2002:a00:1::]/",
            "http://localhost/",
            "http://db.localhost/",
            "ftp://example.com/",
            "file:///etc/passwd",
        ] {
            let url = Url::parse(url).expect("a URL");
            assert_eq!(check(&url, false).expect_err(url.as_str()).code, ErrorCode::UrlNotAllowed, "{url}");
        }
        for url in ["https://example.com/a.jpg", "http://93.184.215.14/", "https://[2606:2800:21f::1]/"] {
            assert_eq!(check(&Url::parse(url).expect("a URL"), false), Ok(()), "{url}");
        }
        assert_eq!(check(&Url::parse("http://127.0.0.1/").expect("a URL"), true), Ok(()));
        assert!(check(&Url::parse("file:///etc/passwd").expect("a URL"), true).is_err());
    }

    #[test]
    fn a_refusal_shows_no_password_and_no_query() {
        let url = Url::parse("http://user:hunter2@10.0.0.1/a?token=abc").expect("a URL");
        let message = check(&url, false).expect_err("private").message;
        assert!(!message.contains("hunter2") && !message.contains("abc"), "{message}");
    }
}
