//! Links that lead to a person: the account's own, and whom somebody's link names (07 §10.3).

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use crate::{Result, Session, answer, args, methods, session::iq};

/// What public links have before their code.
const PATHS: [&str; 3] = ["/qr/", "/message/", "/contact/"];
/// Characters of a code; the service's have 14.
const MAX_CODE: usize = 64;

methods! {
    "own" => own,
    "resolve" => resolve,
}

fn is_code(text: &str) -> bool {
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The code in a link, or a code as it is.
fn code_in(text: &str) -> Result<String> {
    let text = text.trim();
    let code = PATHS.iter().find_map(|path| text.split_once(path)).map_or(text, |(_, code)| code);
    let code = code.split(['?', '#', '/']).next().unwrap_or_default();
    if is_code(code) {
        Ok(code.to_owned())
    } else {
        Err(args::invalid("link", "is neither a code nor a link to a person, such as https://wa.me/qr/CODE"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    /// Whether the present one ends.
    #[serde(default)]
    renew: bool,
}

/// A link that leads to the account.
#[derive(Debug, Serialize)]
struct Link {
    code: String,
    url: String,
}

async fn own(session: &Session, Own { renew }: Own) -> Result<Link> {
    let action = if renew { "revoke" } else { "get" };
    let asked = Node::new("qr").attr("type", "contact").attr("action", action);
    let answer = session.query(iq("set", "w:qr").child(asked)).await?;
    let code = answer.find("qr").and_then(|qr| qr.get_str("code")).filter(|code| is_code(code));
    let code = code.ok_or_else(|| answer::lacks("code"))?.into_owned();
    Ok(Link { url: format!("https://wa.me/qr/{code}"), code })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolve {
    link: String,
}

/// What the service says of a business behind a link.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Business {
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_name: Option<String>,
    /// The service's word for how well it knows the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_level: Option<String>,
    signed: bool,
}

/// Whom a link names.
#[derive(Debug, Serialize)]
struct Named {
    /// `contact`, or `message` for a link that brings a text along.
    r#type: &'static str,
    jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What is to be written to a business.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    business: Option<Business>,
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| answer::text(text))
}

/// What the service says of links that lead to nobody.
fn dead_link(error: PublicError) -> PublicError {
    match answer::code_of(&error) {
        Some(number @ (400 | 404 | 406 | 410)) => {
            let message = format!("This link leads to nobody, or was withdrawn (error {number}).");
            PublicError::new(ErrorCode::NotFound, message).with("error", number)
        }
        _ => error,
    }
}

async fn resolve(session: &Session, Resolve { link }: Resolve) -> Result<Named> {
    let asked = Node::new("qr").attr("code", code_in(&link)?);
    let answer = session.query(iq("get", "w:qr").child(asked)).await.map_err(dead_link)?;
    let told = answer.find("qr").ok_or_else(|| answer::lacks("link"))?;
    let jid = told.get_jid("jid").filter(Jid::is_user).ok_or_else(|| answer::lacks("person"))?;
    let business = told.find("business").map(|business| Business {
        verified_name: business.get_str("verified_name").and_then(|name| text(&name)),
        verified_level: business.get_str("verified_level").and_then(|level| text(&level)),
        signed: business.is("is_signed", "true"),
    });
    let message = told.find("message");
    Ok(Named {
        r#type: if message.is_some() { "message" } else { "contact" },
        jid: jid.to_bare().to_string(),
        name: told.get_str("notify").and_then(|name| text(&name)),
        message: message.and_then(Node::content_str).and_then(text),
        business,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Service, empty, error};

    #[tokio::test]
    async fn the_own_link_is_got_and_renewed() {
        let service = Service::new(|_| empty().child(Node::new("qr").attr("code", "ABCDEFGH234567")));
        let link = json!({ "code": "ABCDEFGH234567", "url": "https://wa.me/qr/ABCDEFGH234567" });
        assert_eq!(service.call("links.own", json!({})).await, Ok(link.clone()));
        assert_eq!(service.call("links.own", json!({ "renew": true })).await, Ok(link));
        for (asked, action) in service.asked().into_iter().zip(["get", "revoke"]) {
            assert!(asked.is("xmlns", "w:qr") && asked.is("type", "set"));
            let qr = asked.find("qr").expect("a <qr>");
            assert!(qr.is("type", "contact") && qr.is("action", action));
        }
        for answer in [empty(), empty().child(Node::new("qr")), empty().child(Node::new("qr").attr("code", "../x"))] {
            let broken = Service::new(move |_| answer.clone()).call("links.own", json!({})).await.expect_err("broken");
            assert_eq!(broken.code, ErrorCode::ProtocolError);
        }
        let refused = Service::new(|_| error(403)).call("links.own", json!({})).await.expect_err("refused");
        assert_eq!(refused.code, ErrorCode::NotAllowed);
    }

    #[tokio::test]
    async fn a_link_is_taken_however_it_is_written_and_names_a_person() {
        let contact =
            || Node::new("qr").attr("jid", Jid::pn("15550002222")).attr("notify", "Ana").attr("type", "contact");
        let service = Service::new(move |_| empty().child(contact()));
        let named = json!({ "type": "contact", "jid": "15550002222@s.whatsapp.net", "name": "Ana" });
        for link in ["CODE1", " https://wa.me/qr/CODE1?src=x ", "wa.me/qr/CODE1/", "https://wa.me/message/CODE1#x"] {
            assert_eq!(service.call("links.resolve", json!({ "link": link })).await, Ok(named.clone()), "{link}");
        }
        for asked in service.asked() {
            assert!(asked.is("type", "get") && asked.is("xmlns", "w:qr"));
            assert!(asked.find("qr").is_some_and(|qr| qr.is("code", "CODE1")));
        }
        let long = "x".repeat(65);
        for link in ["", "https://wa.me/573005550100", "a b", "https://wa.me/qr/", "ñ", &long] {
            let error = service.call("links.resolve", json!({ "link": link })).await.expect_err(link);
            assert_eq!(error.code, ErrorCode::InvalidArgument, "{link}");
        }
    }

    #[tokio::test]
    async fn a_business_brings_a_text_and_what_the_service_knows_of_it() {
        let business =
            |signed: &'static str| Node::new("business").attr("is_signed", signed).attr("verified_level", "high");
        let told = move |business: Node<'static>| {
            let qr = Node::new("qr").attr("jid", Jid::pn("15550002222")).attr("notify", "");
            empty().child(qr.child(Node::new("message").bytes(b"Hello!".to_vec())).child(business))
        };
        let service = Service::new(move |_| told(business("true").attr("verified_name", "Tienda")));
        let expected = json!({
            "type": "message", "jid": "15550002222@s.whatsapp.net", "message": "Hello!",
            "business": { "verifiedName": "Tienda", "verifiedLevel": "high", "signed": true },
        });
        assert_eq!(service.call("links.resolve", json!({ "link": "CODE1" })).await, Ok(expected));
        let bare = Service::new(move |_| told(business("false")));
        let named = bare.call("links.resolve", json!({ "link": "CODE1" })).await.expect("told");
        assert_eq!(named["business"], json!({ "verifiedLevel": "high", "signed": false }));
    }

    #[tokio::test]
    async fn a_dead_link_and_a_broken_answer_have_their_codes() {
        for (number, code) in [(404, ErrorCode::NotFound), (410, ErrorCode::NotFound), (403, ErrorCode::NotAllowed)] {
            let dead = Service::new(move |_| error(number)).call("links.resolve", json!({ "link": "CODE1" })).await;
            let dead = dead.expect_err("dead");
            assert_eq!((dead.code, answer::code_of(&dead)), (code, Some(number.into())));
        }
        let group: Jid = "120363000000000001@g.us".parse().expect("a JID");
        for qr in [None, Some(Node::new("qr")), Some(Node::new("qr").attr("jid", group))] {
            let answer = empty().children(qr);
            let broken = Service::new(move |_| answer.clone()).call("links.resolve", json!({ "link": "CODE1" })).await;
            assert_eq!(broken.expect_err("broken").code, ErrorCode::ProtocolError);
        }
    }
}
