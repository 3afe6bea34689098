//! Making, changing and following channels.

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_thumbnail::Limits;
use chasqui_wire::Node;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    One, id,
    info::{Channel, MAX_DESCRIPTION, MAX_NAME, needed},
};
use crate::{Result, Session, args, mex, session::iq};

/// The terms that the owner of a channel has agreed to.
const TERMS: (&str, &str) = ("20601218", "5");
/// Largest picture that is scaled, in bytes, and the edge that it gets.
const MAX_PICTURE: usize = 16 << 20;
const PICTURE_EDGE: u16 = 640;
const QUALITY: u8 = 80;

/// A square JPEG of what the program gave, in base64; an empty text takes the picture away.
async fn scaled(given: &str) -> Result<String> {
    if given.is_empty() {
        return Ok(String::new());
    }
    let wrong = |why: &str| args::invalid("picture", why);
    let bytes = STANDARD.decode(given).map_err(|_| wrong("must be bytes"))?;
    if bytes.len() > MAX_PICTURE {
        return Err(wrong("has more than 16 MiB").with("limit", MAX_PICTURE));
    }
    // Decoding takes long: not on the thread of the sessions.
    let jpeg = tokio::task::spawn_blocking(move || {
        chasqui_thumbnail::square(std::io::Cursor::new(bytes), PICTURE_EDGE, QUALITY, Limits::default())
    });
    match jpeg.await {
        Ok(Ok(square)) => Ok(STANDARD.encode(square.jpeg)),
        Ok(Err(error)) => Err(wrong(&format!("cannot be used: {error}"))),
        Err(_) => Err(wrong("cannot be used")),
    }
}

fn named(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(args::invalid("name", "must not be empty"));
    }
    args::short("name", name, MAX_NAME)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    name: String,
    description: Option<String>,
    picture: Option<String>,
}

pub(super) async fn create(session: &Session, Create { name, description, picture }: Create) -> Result<Channel> {
    named(&name)?;
    args::short("description", description.as_deref().unwrap_or_default(), MAX_DESCRIPTION)?;
    let mut input = json!({ "name": name, "description": description });
    if let Some(picture) = picture.filter(|picture| !picture.is_empty()) {
        input["picture"] = scaled(&picture).await?.into();
    }
    // Who has agreed before does so again; a refusal shows with the channel itself.
    let notice = Node::new("notice").attr("id", TERMS.0).attr("stage", TERMS.1);
    session.ask(iq("set", "tos").child(notice)).await?;
    needed(&mex::query(session, id::CREATE, json!({ "input": input }), &["xwa2_newsletter_create"]).await?)
}

pub(super) async fn follow(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::FOLLOW, one.variables()?, &["xwa2_newsletter_join_v2"]).await.map(drop)
}

pub(super) async fn unfollow(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::UNFOLLOW, one.variables()?, &["xwa2_newsletter_leave_v2"]).await.map(drop)
}

pub(super) async fn mute(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::MUTE, one.variables()?, &["xwa2_newsletter_mute_v2"]).await.map(drop)
}

pub(super) async fn unmute(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::UNMUTE, one.variables()?, &["xwa2_newsletter_unmute_v2"]).await.map(drop)
}

pub(super) async fn delete(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::DELETE, one.variables()?, &["xwa2_newsletter_delete_v2"]).await.map(drop)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    channel: String,
    name: Option<String>,
    description: Option<String>,
    /// Bytes in base64; an empty text takes it away.
    picture: Option<String>,
    /// Which reactions may be given.
    reactions: Option<String>,
}

pub(super) async fn update(session: &Session, update: Update) -> Result<Channel> {
    let jid = args::channel(&update.channel)?;
    let mut updates = Map::new();
    if let Some(name) = update.name {
        named(&name)?;
        updates.insert("name".into(), name.into());
    }
    if let Some(description) = update.description {
        args::short("description", &description, MAX_DESCRIPTION)?;
        updates.insert("description".into(), description.into());
    }
    if let Some(picture) = update.picture {
        updates.insert("picture".into(), scaled(&picture).await?.into());
    }
    let settings = match update.reactions.as_deref() {
        None => Value::Null,
        Some(which @ ("all" | "basic" | "none")) => json!({ "reaction_codes": { "value": which.to_uppercase() } }),
        Some(_) => return Err(args::invalid("reactions", "must be \"all\", \"basic\" or \"none\"")),
    };
    if updates.is_empty() && settings.is_null() {
        return Err(args::invalid("what", "names nothing to be changed"));
    }
    updates.insert("settings".into(), settings);
    let variables = json!({ "newsletter_id": jid.to_string(), "updates": updates });
    needed(&mex::query(session, id::UPDATE, variables, &["xwa2_newsletter_update"]).await?)
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;

    use super::{
        super::testing::{JID, asked, graph, object},
        *,
    };

    #[tokio::test]
    async fn whoever_makes_a_channel_agrees_to_the_terms_first() {
        let service = graph("xwa2_newsletter_create", object());
        crate::call(&service.session, "channels.create", json!({ "name": "News" })).await.expect("made");
        let sent = service.asked();
        assert!(sent[0].is("xmlns", "tos") && sent[0].find("notice").is_some_and(|notice| notice.is("id", TERMS.0)));
        let (id, variables) = asked(&service);
        assert_eq!(id, id::CREATE);
        assert_eq!(variables, json!({ "variables": { "input": { "name": "News", "description": null } } }));
        for wrong in [
            json!({ "name": " " }),
            json!({ "name": "x".repeat(101) }),
            json!({}),
            json!({ "name": "x", "picture": "?" }),
        ] {
            let error = crate::call(&service.session, "channels.create", wrong.clone()).await.expect_err("refused");
            assert_eq!(error.code, ErrorCode::InvalidArgument, "{wrong}");
        }
    }

    #[tokio::test]
    async fn an_update_names_what_changes_and_nothing_else() {
        let service = graph("xwa2_newsletter_update", object());
        let what = json!({ "channel": JID, "description": "", "reactions": "none", "picture": "" });
        crate::call(&service.session, "channels.update", what).await.expect("changed");
        let settings = json!({ "reaction_codes": { "value": "NONE" } });
        let updates = json!({ "description": "", "picture": "", "settings": settings });
        assert_eq!(asked(&service).1["variables"], json!({ "newsletter_id": JID, "updates": updates }));
        let error =
            crate::call(&service.session, "channels.update", json!({ "channel": JID })).await.expect_err("nothing");
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }
}
