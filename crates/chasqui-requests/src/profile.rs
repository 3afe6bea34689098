//! `client.profile`: what others see of the account. (Its name is a change of the account's settings.)
//!
//! Source: 07-requests-and-notifications §5.1 and §5.2.

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Node;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Session, answer,
    args::{self, invalid},
    methods,
    session::iq,
};

/// Characters of an about.
const MAX_ABOUT: usize = 139;
/// Bytes of a picture; ours have some tens of thousands.
const MAX_PICTURE: usize = 1 << 20;

methods! {
    "setAbout" => set_about,
    "setPicture" => set_picture,
    "removePicture" => remove_picture,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetAbout {
    text: String,
}

async fn set_about(session: &Session, SetAbout { text }: SetAbout) -> Result<()> {
    args::short("about", &text, MAX_ABOUT)?;
    session.query(iq("set", "status").child(Node::new("status").bytes(text.into_bytes()))).await?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetPicture {
    /// JPEGs in base64.
    image: String,
    preview: Option<String>,
    group: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovePicture {
    group: Option<String>,
}

#[derive(Serialize)]
struct Set {
    id: String,
}

fn request(group: Option<String>) -> Result<Node<'static>> {
    let target = group.map(|group| args::group(&group)).transpose()?;
    Ok(iq("set", "w:profile:picture").attr_opt("target", target))
}

/// What a refused picture was refused for.
fn about_picture(error: PublicError) -> PublicError {
    match answer::code_of(&error) {
        Some(406) => {
            PublicError::new(ErrorCode::InvalidArgument, "The service does not take this picture (error 406).")
                .with("argument", "picture")
                .with("error", 406)
        }
        _ => error,
    }
}

async fn set_picture(session: &Session, SetPicture { image, preview, group }: SetPicture) -> Result<Set> {
    let jpeg = |kind: &'static str, text: &str| {
        let bytes = STANDARD.decode(text).ok().filter(|bytes| (1..=MAX_PICTURE).contains(&bytes.len()));
        let bytes = bytes.ok_or_else(|| invalid("picture", "is no picture of at most 1 MiB"))?;
        Ok::<_, PublicError>(Node::new("picture").attr("type", kind).bytes(bytes))
    };
    let mut pictures = vec![jpeg("image", &image)?];
    if let Some(preview) = preview {
        pictures.push(jpeg("preview", &preview)?);
    }
    let answer = session.query(request(group)?.children(pictures)).await.map_err(about_picture)?;
    let id = answer.find("picture").and_then(|picture| picture.get_str("id"));
    Ok(Set { id: id.map(|id| id.chars().take(128).collect()).unwrap_or_default() })
}

async fn remove_picture(session: &Session, RemovePicture { group }: RemovePicture) -> Result<()> {
    match session.query(request(group)?).await {
        // There is none: that is what was wanted.
        Err(error) if answer::code_of(&error) == Some(404) => Ok(()),
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Service, empty, error};

    #[tokio::test]
    async fn an_about_and_a_picture_are_set_and_removed() {
        let service = Service::new(|_| empty().child(Node::new("picture").attr("id", "17")));
        service.call("profile.setAbout", json!({ "text": "Abierto" })).await.expect("set");
        let group = "120363000000000001@g.us";
        let set =
            service.call("profile.setPicture", json!({ "image": "AQI=", "preview": "Aw==", "group": group })).await;
        assert_eq!(set, Ok(json!({ "id": "17" })));
        service.call("profile.removePicture", json!({})).await.expect("removed");
        let asked = service.asked();
        assert!(asked[0].is("xmlns", "status"));
        assert_eq!(asked[0].find("status").and_then(Node::content_str), Some("Abierto"));
        assert!(asked[1].is("target", group) && asked[1].is("xmlns", "w:profile:picture"));
        let kinds: Vec<_> = asked[1].nodes().iter().map(|node| (node.get_str("type"), node.content_bytes())).collect();
        assert_eq!(kinds, [(Some("image".into()), Some(&[1, 2][..])), (Some("preview".into()), Some(&[3][..]))]);
        assert!(asked[2].nodes().is_empty() && asked[2].get("target").is_none());
        for args in [json!({ "image": "" }), json!({ "image": "?" }), json!({ "image": "AQ==", "group": "x" })] {
            assert!(service.call("profile.setPicture", args).await.is_err());
        }
        let long = service.call("profile.setAbout", json!({ "text": "ñ".repeat(140) })).await.expect_err("too long");
        assert_eq!((long.code, &long.data["limit"]), (ErrorCode::InvalidArgument, &139.into()));
    }

    #[tokio::test]
    async fn a_refused_picture_has_a_code_and_the_removal_of_none_is_none() {
        for (number, code) in [(406, ErrorCode::InvalidArgument), (403, ErrorCode::NotAllowed)] {
            let service = Service::new(move |_| error(number));
            let refused = service.call("profile.setPicture", json!({ "image": "AQ==" })).await.expect_err("refused");
            assert_eq!((refused.code, answer::code_of(&refused)), (code, Some(number.into())));
        }
        let service = Service::new(|_| error(404));
        assert!(service.call("profile.removePicture", json!({})).await.is_ok());
    }
}
