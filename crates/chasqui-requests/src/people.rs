//! `client.people`: who has an account, and what the service tells of somebody.
//!
//! Source: 07-requests-and-notifications §5.1 and §6.

use std::collections::{HashMap, HashSet};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::{ProtoMessage, VerifiedNameCertificate, verified_name_certificate::Details};
use chasqui_wire::{Jid, Node};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Session, answer,
    args::{self, invalid},
    methods, number,
    session::iq,
    usync::{self, Query},
};

/// Numbers of one call, and of one request.
const MAX_NUMBERS: usize = 10_000;
const NUMBERS_AT_ONCE: usize = 500;
/// People of one call, and of one request.
const MAX_PEOPLE: usize = 1000;
const PEOPLE_AT_ONCE: usize = 100;
/// Devices of one person that are told.
const MAX_DEVICES: usize = 128;

methods! {
    "exists" => exists,
    "info" => info,
    "about" => about,
    "devices" => devices,
    "picture" => picture,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exists {
    numbers: Vec<String>,
}

/// Whether a number has an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Found {
    input: String,
    /// `None` when that could not be asked.
    exists: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Found {
    fn failed(input: String, exists: Option<bool>, why: &PublicError) -> Self {
        Self { input, exists, jid: None, code: Some(why.code), error: Some(why.message.clone()) }
    }
}

/// The digits of a number however it is written: with a JID's server behind it, too.
fn digits_of(input: &str) -> Option<CompactString> {
    let (number, rest) = input.split_once('@').unwrap_or((input, ""));
    let is_number = matches!(rest, "" | "s.whatsapp.net" | "c.us");
    // A JID may name a device.
    let number = if rest.is_empty() { number } else { number.split(':').next().unwrap_or_default() };
    number::digits(number).filter(|_| is_number)
}

async fn exists(session: &Session, Exists { numbers }: Exists) -> Result<Vec<Found>> {
    if numbers.len() > MAX_NUMBERS {
        let why = format!("has {} numbers, and at most {MAX_NUMBERS} are taken", numbers.len());
        return Err(invalid("numbers", &why).with("limit", MAX_NUMBERS));
    }
    let mut asked = Vec::new();
    let mut seen = HashSet::new();
    for digits in numbers.iter().filter_map(|input| digits_of(input)) {
        if seen.insert(digits.clone()) {
            asked.push(digits);
        }
    }
    let query =
        Query { mode: "query", context: "interactive", protocols: vec![Node::new("contact"), Node::new("lid")] };
    let users = asked.iter().map(|digits| {
        let contact = Node::new("contact").bytes(format!("+{digits}").into_bytes());
        Node::new("user").child(contact)
    });
    let mut known: HashMap<CompactString, Result<Option<Jid>>> = HashMap::with_capacity(asked.len());
    let mut first_failure = None;
    let mut answered = false;
    let mut from = 0;
    for (count, batch) in query.ask(session, users.collect(), NUMBERS_AT_ONCE).await {
        let numbers = asked.iter().skip(from).take(count);
        from += count;
        match batch {
            Ok(users) => {
                answered = true;
                let mut found = registered(&users);
                known.extend(numbers.map(|digits| (digits.clone(), Ok(found.remove(digits)))));
            }
            Err(error) => {
                known.extend(numbers.map(|digits| (digits.clone(), Err(error.clone()))));
                first_failure.get_or_insert(error);
            }
        }
    }
    if let Some(error) = first_failure.filter(|_| !answered) {
        return Err(error);
    }
    let malformed = PublicError::new(ErrorCode::InvalidRecipient, "This is not an international phone number.");
    Ok(numbers
        .into_iter()
        .map(|input| match digits_of(&input).map(|digits| known.get(&digits)) {
            None => Found::failed(input, Some(false), &malformed),
            Some(Some(Err(error))) => Found::failed(input, None, error),
            Some(Some(Ok(Some(jid)))) => {
                Found { input, exists: Some(true), jid: Some(jid.to_string()), code: None, error: None }
            }
            Some(_) => Found { input, exists: Some(false), jid: None, code: None, error: None },
        })
        .collect())
}

/// Who of an answer has an account, by the digits that were asked for. The service may answer with another number: it
/// knows how numbers of a country were written before.
fn registered(users: &[Node<'static>]) -> HashMap<CompactString, Jid> {
    let one = |user: &Node<'static>| {
        let contact = user.find("contact").filter(|contact| contact.is("type", "in"))?;
        let jid = user.get_jid("jid").filter(Jid::is_user)?.to_bare();
        let echo = contact.content_str().and_then(digits_of);
        let by_number = [user.get_jid("pn_jid"), Some(jid.clone())].into_iter().flatten().find(Jid::is_pn);
        Some((echo.or_else(|| by_number.map(|pn| pn.user))?, jid))
    };
    users.iter().filter_map(one).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    people: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    pub device: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_index: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hosted: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct About {
    /// Empty when there is none, or it is not shown.
    text: String,
    hidden: bool,
    /// When it was set, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Disappearing {
    seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
}

/// What the service tells of somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    jid: String,
    exists: bool,
    business: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<About>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disappearing: Option<Disappearing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    devices: Vec<Device>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Seconds of an attribute as milliseconds; nothing for 0.
fn millis(node: &Node<'_>, attr: &str) -> Option<u64> {
    node.get_u64(attr).filter(|seconds| *seconds > 0)?.checked_mul(1000)
}

fn about_of(user: &Node<'_>) -> Option<About> {
    let status = user.find("status")?;
    let code = status.get_u64("code").or_else(|| status.find("error")?.get_u64("code"));
    let hidden = matches!(code, Some(401 | 403));
    if code.is_some() && !hidden {
        return None;
    }
    let text = status.content_str().map(answer::text).unwrap_or_default();
    Some(About { text, hidden, timestamp: millis(status, "t") })
}

fn devices_of(user: &Node<'_>) -> Vec<Device> {
    let list = user.find("devices").and_then(|devices| devices.find("device-list"));
    let one = |device: &Node<'_>| {
        Some(Device {
            device: u16::try_from(device.get_u64("id")?).ok()?,
            key_index: device.get_u64("key-index"),
            hosted: device.is("is_hosted", "true"),
        })
    };
    list.into_iter().flat_map(|list| list.all("device")).take(MAX_DEVICES).filter_map(one).collect()
}

/// The name that the service vouches for.
pub(crate) fn verified_name(certificate: &Node<'_>) -> Option<String> {
    let certificate = VerifiedNameCertificate::decode(certificate.content_bytes()?).ok()?;
    let details = Details::decode(&*certificate.details?).ok()?;
    details.verified_name.map(|name| answer::text(&name))
}

impl Info {
    fn of(jid: Jid, user: Option<&Node<'_>>) -> Self {
        let business = user.and_then(|user| user.find("business"));
        let name = business.and_then(|business| business.find("verified_name"));
        let devices = user.map(devices_of).unwrap_or_default();
        let timer = user.and_then(|user| user.find("disappearing_mode")).filter(|timer| timer.find("error").is_none());
        Self {
            exists: !devices.is_empty() || user.is_some_and(|user| user.find("lid").is_some()),
            jid: jid.to_string(),
            business: name.is_some(),
            verified_name: name.and_then(verified_name),
            about: user.and_then(about_of),
            picture: user
                .and_then(|user| user.find("picture"))
                .and_then(|picture| picture.get_str("id"))
                .map(|id| answer::text(&id)),
            disappearing: timer.and_then(|timer| {
                Some(Disappearing { seconds: timer.get_u64("duration")?, timestamp: millis(timer, "t") })
            }),
            username: user.and_then(|user| user.find("username")).and_then(Node::content_str).map(answer::text),
            devices,
            code: None,
            error: None,
        }
    }
}

/// The people of a call, each once.
fn people_of(people: &[String]) -> Result<Vec<Jid>> {
    if people.len() > MAX_PEOPLE {
        let why = format!("has {} people, and at most {MAX_PEOPLE} are taken", people.len());
        return Err(invalid("people", &why).with("limit", MAX_PEOPLE));
    }
    people.iter().map(|person| args::person(person)).collect()
}

/// Asks about people: each with its `<user>` of the answer, or why there is none.
async fn look_up(
    session: &Session,
    query: &Query,
    people: Vec<Jid>,
    inside: impl Fn(usize) -> Vec<Node<'static>>,
) -> Vec<(Jid, Result<Option<Node<'static>>>)> {
    let users = people.iter().enumerate().map(|(at, jid)| usync::user(jid).children(inside(at))).collect();
    let mut people = people.into_iter();
    let mut answers = Vec::with_capacity(people.len());
    for (count, batch) in query.ask(session, users, PEOPLE_AT_ONCE).await {
        let asked = people.by_ref().take(count);
        match batch {
            Ok(users) => {
                let names = |user: &Node<'_>, jid: &Jid| {
                    let named = ["jid", "pn_jid"].into_iter().filter_map(|attr| user.get_jid(attr));
                    named.into_iter().any(|named| named.same_user(jid))
                };
                answers.extend(asked.map(|jid| {
                    let user = users.iter().find(|user| names(user, &jid)).cloned();
                    (jid, Ok(user))
                }));
            }
            Err(error) => answers.extend(asked.map(|jid| (jid, Err(error.clone())))),
        }
    }
    answers
}

async fn info(session: &Session, People { people }: People) -> Result<Vec<Info>> {
    let people = people_of(&people)?;
    let tokens = session.tokens(people.clone()).await?;
    let business = Node::new("business").child(Node::new("verified_name"));
    let query = Query {
        mode: "full",
        context: "background",
        protocols: vec![
            business,
            Node::new("status"),
            Node::new("picture"),
            Node::new("devices").attr("version", "2"),
            Node::new("disappearing_mode"),
            Node::new("lid"),
        ],
    };
    // What entitles to read somebody's about goes where it is asked for.
    let inside = |at: usize| {
        let token = tokens.get(at).cloned().flatten();
        let status = token.map(|token| Node::new("status").child(Node::new("tctoken").bytes(token)));
        status.into_iter().collect()
    };
    let found = look_up(session, &query, people, inside).await;
    if let Some((_, Err(error))) = found.first().filter(|_| found.iter().all(|(_, found)| found.is_err())) {
        return Err(error.clone());
    }
    Ok(found
        .into_iter()
        .map(|(jid, found)| match found {
            Ok(user) => Info::of(jid, user.as_ref()),
            Err(error) => Info { code: Some(error.code), error: Some(error.message), ..Info::of(jid, None) },
        })
        .collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Somebody {
    person: String,
}

/// The `<user>` of one person.
async fn one(session: &Session, query: &Query, person: Jid, inside: Vec<Node<'static>>) -> Result<Node<'static>> {
    let found = look_up(session, query, vec![person], |_| inside.clone()).await.pop();
    let (jid, found) = found.ok_or_else(|| answer::lacks("<user>"))?;
    found?.ok_or_else(|| {
        PublicError::new(ErrorCode::NotOnWhatsApp, "This person has no account.").with("jid", jid.to_string())
    })
}

async fn about(session: &Session, Somebody { person }: Somebody) -> Result<About> {
    let person = args::person(&person)?;
    let token = session.tokens(vec![person.clone()]).await?.pop().flatten();
    let status = token.map(|token| Node::new("status").child(Node::new("tctoken").bytes(token)));
    let query = Query { mode: "query", context: "interactive", protocols: vec![Node::new("status")] };
    let user = one(session, &query, person, status.into_iter().collect()).await?;
    Ok(about_of(&user).unwrap_or(About { text: String::new(), hidden: false, timestamp: None }))
}

async fn devices(session: &Session, Somebody { person }: Somebody) -> Result<Vec<Device>> {
    devices_by(session, args::person(&person)?).await
}

/// The LID of a phone number; the pair is known from then on.
pub(crate) async fn lid_of(session: &Session, pn: &Jid) -> Result<Option<Jid>> {
    let query = Query { mode: "query", context: "background", protocols: vec![Node::new("lid")] };
    let user = one(session, &query, pn.clone(), Vec::new()).await?;
    Ok(user.find("lid").and_then(|lid| lid.get_jid("val")).filter(Jid::is_lid).map(|lid| lid.to_bare()))
}

/// Asks for the LID of a phone number, unless it is known.
pub(crate) async fn find_lid(session: &Session, jid: &Jid) -> Result<()> {
    let is_known = !jid.is_pn() || session.counterparts(vec![jid.clone()]).await?.pop().flatten().is_some();
    if !is_known {
        lid_of(session, jid).await?;
    }
    Ok(())
}

/// Asks for the LIDs of those whose phone number alone is known.
pub(crate) async fn find_lids(session: &Session, people: Vec<Jid>) -> Result<()> {
    let known = session.counterparts(people.clone()).await?;
    let unknown = people.into_iter().zip(known).filter(|(jid, other)| jid.is_pn() && other.is_none());
    let users: Vec<_> = unknown.map(|(jid, _)| usync::user(&jid)).collect();
    let query = Query { mode: "query", context: "background", protocols: vec![Node::new("lid")] };
    query.ask(session, users, PEOPLE_AT_ONCE).await.into_iter().try_for_each(|(_, batch)| batch.map(drop))
}

pub(crate) async fn devices_by(session: &Session, person: Jid) -> Result<Vec<Device>> {
    let protocols = vec![Node::new("devices").attr("version", "2"), Node::new("lid")];
    let query = Query { mode: "query", context: "message", protocols };
    let devices = devices_of(&one(session, &query, person.clone(), Vec::new()).await?);
    if devices.is_empty() {
        let error = PublicError::new(ErrorCode::NotOnWhatsApp, "This person has no account.");
        return Err(error.with("jid", person.to_string()));
    }
    Ok(devices)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Picture {
    of: String,
    #[serde(default)]
    preview: bool,
    /// The id of the picture that the program has.
    known: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    preview: bool,
    /// It is the one that the program has: no URL is given.
    unchanged: bool,
}

/// The number of an answer that has no picture.
fn without(answer: &Node<'_>) -> Option<u64> {
    if let Some(code) = answer::error_code(answer) {
        return Some(code);
    }
    let picture = answer.find("picture")?;
    let inner = picture.find("error").map(|error| error.get_u64("code").unwrap_or(500));
    inner.or_else(|| picture.get_u64("status").filter(|status| !(200..204).contains(status)))
}

async fn picture(session: &Session, Picture { of, preview, known }: Picture) -> Result<Option<Shown>> {
    let who = if of.ends_with("@g.us") { args::group(&of)? } else { args::person(&of)? };
    if let Some(known) = &known {
        args::short("known", known, 128)?;
    }
    let token = if who.is_user() && !session.is_me(&who) {
        // A picture may be asked for of anybody: who is unknown has given no token.
        let _ = find_lid(session, &who).await;
        session.tokens(vec![who.clone()]).await?.pop().flatten()
    } else {
        None
    };
    let wanted = Node::new("picture")
        .attr("type", if preview { "preview" } else { "image" })
        .attr("query", "url")
        .attr_opt("id", known.clone())
        .children(token.map(|token| Node::new("tctoken").bytes(token)));
    let node = iq("get", "w:profile:picture").attr("target", who.clone()).child(wanted);
    let answer = session.ask(node).await?;
    let unchanged = |id: String| Shown { id, url: None, direct_path: None, hash: None, preview, unchanged: true };
    match without(&answer) {
        None => {}
        Some(204 | 404) => return Ok(None),
        Some(304) => return Ok(known.map(unchanged)),
        Some(code @ (401 | 403)) => {
            let hidden = PublicError::new(ErrorCode::NotAllowed, "The picture is not shown to this account.");
            return Err(hidden.with("error", code).with("jid", who.to_string()));
        }
        Some(code) => return Err(answer::refusal(code, None)),
    }
    let Some(found) = answer.find("picture") else { return Ok(known.map(unchanged)) };
    let text = |attr: &str| found.get_str(attr).map(|text| answer::text(&text)).filter(|text| !text.is_empty());
    let Some(id) = text("id") else { return Ok(known.map(unchanged)) };
    let url = text("url");
    if url.is_none() && known.as_ref() == Some(&id) {
        return Ok(Some(unchanged(id)));
    }
    Ok(Some(Shown { id, url, direct_path: text("direct_path"), hash: text("hash"), preview, unchanged: false }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Service, error};

    fn user(children: Vec<Node<'static>>) -> Node<'static> {
        Node::new("user").children(children)
    }

    /// Registers even numbers, by LID.
    fn directory(asked: &Node<'static>) -> Node<'static> {
        let usync = asked.find("usync").expect("a usync");
        let users = usync.find("list").expect("a list").nodes().iter().map(|user| {
            let text = user.find("contact").and_then(Node::content_str).expect("a number").to_owned();
            let even = text.ends_with(['0', '2', '4', '6', '8']);
            let contact = Node::new("contact").attr("type", if even { "in" } else { "out" });
            let answer = Node::new("user").child(contact.bytes(text.clone().into_bytes()));
            let pn = Jid::pn(text.trim_start_matches('+').to_owned());
            if even { answer.attr("jid", pn) } else { answer }
        });
        let list = Node::new("list").children(users.collect::<Vec<_>>());
        Node::new("iq").attr("type", "result").child(Node::new("usync").child(list))
    }

    #[tokio::test]
    async fn ten_thousand_numbers_are_asked_for_in_parts_each_once_and_answered_in_their_order() {
        let service = Service::new(directory);
        let mut numbers: Vec<String> = (0..9_998).map(|n| format!("+1 (555) {:03}-{:04}", n / 10_000, n)).collect();
        numbers.push("call me".into());
        numbers.push("15550000000@c.us".into());
        let found = service.call("people.exists", json!({ "numbers": numbers.clone() })).await.expect("found");
        let found = found.as_array().expect("a list");
        assert_eq!(found.len(), 10_000);
        for (input, found) in numbers.iter().zip(found) {
            assert_eq!(found["input"], **input);
        }
        assert_eq!(found[1], json!({ "input": "+1 (555) 000-0001", "exists": false }));
        assert_eq!(found[2]["jid"], "15550000002@s.whatsapp.net");
        assert_eq!(found[9_998]["code"], "INVALID_RECIPIENT");
        assert_eq!(found[9_998]["exists"], false);
        assert_eq!(found[9_999]["exists"], true);
        let asked = service.asked();
        assert_eq!(asked.len(), 20);
        let one = asked[0].find("usync").expect("a usync");
        assert!(one.is("mode", "query") && one.is("context", "interactive"));
        let users = one.find("list").expect("a list").nodes();
        assert_eq!((users.len(), users[0].find("contact").and_then(Node::content_str)), (500, Some("+15550000000")));
        let too_many = vec!["15550000000"; 10_001];
        let refused = service.call("people.exists", json!({ "numbers": too_many })).await.expect_err("too many");
        assert_eq!(refused.code, ErrorCode::InvalidArgument);
        assert_eq!(service.call("people.exists", json!({ "numbers": [] })).await, Ok(json!([])));
    }

    #[tokio::test]
    async fn what_could_not_be_asked_for_is_neither_there_nor_not_and_if_nothing_could_the_call_fails() {
        let service = Service::new(|asked| {
            let usync = asked.find("usync").expect("a usync").find("list").expect("a list");
            if usync.nodes().len() == 500 { directory(asked) } else { error(429) }
        });
        let numbers: Vec<String> = (0..501).map(|n| format!("1555{n:07}")).collect();
        let found = service.call("people.exists", json!({ "numbers": numbers })).await.expect("some");
        assert_eq!(found[0]["exists"], true);
        assert_eq!((&found[500]["exists"], &found[500]["code"]), (&Value::Null, &json!("RATE_LIMITED")));
        let refused = service.call("people.exists", json!({ "numbers": ["15550000000"] })).await.expect_err("refused");
        assert_eq!(refused.code, ErrorCode::RateLimited);
    }

    #[test]
    fn an_answer_counts_for_the_number_that_it_repeats() {
        let entry = |echo: &'static str| {
            let contact = Node::new("contact").attr("type", "in").bytes(echo.as_bytes());
            Node::new("user")
                .attr("jid", Jid::lid("100000000000002"))
                .attr("pn_jid", Jid::pn("15550002222"))
                .child(contact)
        };
        let lid = Jid::lid("100000000000002");
        assert_eq!(registered(&[entry("+1555000222")]), HashMap::from([("1555000222".into(), lid.clone())]));
        assert_eq!(registered(&[entry("")]), HashMap::from([("15550002222".into(), lid)]));
        assert_eq!(registered(&[user(vec![]), user(vec![Node::new("contact").attr("type", "in")])]), HashMap::new());
    }

    #[tokio::test]
    async fn what_is_told_of_somebody_is_read_and_what_is_not_told_is_absent() {
        let details = Details { verified_name: Some("Tienda".into()), ..Default::default() }.encode_to_vec();
        let certificate = VerifiedNameCertificate { details: Some(details), ..Default::default() }.encode_to_vec();
        let service = Service::new(move |_| {
            let list = Node::new("device-list").children([
                Node::new("device").attr("id", "0"),
                Node::new("device").attr("id", "3").attr("key-index", "1").attr("is_hosted", "true"),
                Node::new("device").attr("id", "x"),
            ]);
            let known = user(vec![
                Node::new("status").attr("t", "1700000000").bytes("busy".as_bytes()),
                Node::new("picture").attr("id", "77"),
                Node::new("business").child(Node::new("verified_name").bytes(certificate.clone())),
                Node::new("disappearing_mode").attr("duration", "86400").attr("t", "0"),
                Node::new("devices").child(list),
                Node::new("lid").attr("val", Jid::lid("100000000000002")),
            ])
            .attr("jid", Jid::pn("15550002222"));
            let hidden = user(vec![Node::new("status").attr("code", "401")]).attr("jid", Jid::pn("15550003333"));
            let list = Node::new("list").children([known, hidden]);
            Node::new("iq").attr("type", "result").child(Node::new("usync").child(list))
        });
        let people = ["15550002222", "15550003333@s.whatsapp.net", "15550004444"];
        let found = service.call("people.info", json!({ "people": people })).await.expect("found");
        assert_eq!(
            found[0],
            json!({
                "jid": "15550002222@s.whatsapp.net", "exists": true, "business": true, "verifiedName": "Tienda",
                "about": { "text": "busy", "hidden": false, "timestamp": 1_700_000_000_000u64 }, "picture": "77",
                "disappearing": { "seconds": 86400 },
                "devices": [{ "device": 0 }, { "device": 3, "keyIndex": 1, "hosted": true }],
            })
        );
        assert_eq!(found[1]["about"], json!({ "text": "", "hidden": true }));
        assert_eq!(
            found[2],
            json!({ "jid": "15550004444@s.whatsapp.net", "exists": false, "business": false, "devices": [] })
        );
        let pairs = service.learnt();
        assert_eq!(pairs, [(Jid::pn("15550002222"), Jid::lid("100000000000002"))]);
        let about = service.call("people.about", json!({ "person": "15550003333" })).await.expect("read");
        assert_eq!(about, json!({ "text": "", "hidden": true }));
        let nobody = service.call("people.devices", json!({ "person": "15550009999" })).await.expect_err("nobody");
        assert_eq!(nobody.code, ErrorCode::NotOnWhatsApp);
    }

    #[tokio::test]
    async fn a_picture_is_there_or_not_or_the_same_or_not_shown() {
        let result = |child: Option<Node<'static>>| Node::new("iq").attr("type", "result").children(child);
        let status = |status: &'static str| Node::new("picture").attr("status", status);
        let there = Node::new("picture").attr("id", "5").attr("url", "https://x.test/p").attr("type", "image");
        let cases = [
            (result(Some(there)), None, Ok(json!("https://x.test/p"))),
            (error(404), None, Ok(Value::Null)),
            (result(Some(status("204"))), None, Ok(Value::Null)),
            (result(Some(Node::new("picture").child(Node::new("error").attr("code", "404")))), None, Ok(Value::Null)),
            (result(None), None, Ok(Value::Null)),
            (result(None), Some("5"), Ok(json!(true))),
            (result(Some(status("304"))), Some("5"), Ok(json!(true))),
            (result(Some(Node::new("picture"))), Some("5"), Ok(json!(true))),
            (error(401), None, Err(ErrorCode::NotAllowed)),
            (error(777), None, Err(ErrorCode::RequestFailed)),
        ];
        for (answer, known, expected) in cases {
            let shown = answer.clone();
            let service = Service::new(move |_| answer.clone());
            let mut args = json!({ "of": "15550002222", "preview": true });
            if let Some(known) = known {
                args["known"] = known.into();
            }
            let found = service.call("people.picture", args).await;
            let told = found.map(|found| if found["unchanged"] == true { json!(true) } else { found["url"].clone() });
            assert_eq!(told.map_err(|error| error.code), expected, "{shown:?}");
            let asked = service.asked();
            let last = asked.last().expect("a request");
            assert!(last.find("picture").is_some_and(|node| node.is("type", "preview") && node.is("query", "url")));
            assert_eq!(last.get_jid("target"), Some(Jid::pn("15550002222")));
        }
    }
}
