//! The preview of a link: its page is fetched, and what that says about itself is shown below the text that has the link
//! (05-media §7.1). The page's picture comes small within the message, and larger from the media hosts.

use std::{io::Cursor, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::MediaKind;
use chasqui_thumbnail::{Limits, thumbnail};
use reqwest::{Response, Url, header};
use serde_json::{Value, json};

use super::{
    file::{About, Bytes, File},
    http, page,
    source::{Opened, Web},
    transfer::Line,
    upload,
};

/// How long page and picture may take together, and the picture's way to the hosts.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read of a page: its head; and the longest picture.
const MAX_PAGE: usize = 512 << 10;
const MAX_PICTURE: usize = 5 << 20;
/// Longest edges in pixels: within the message, and at the hosts.
const SMALL: (u16, u8) = (100, 60);
const LARGE: (u16, u8) = (1000, 80);
/// Some pages say something about themselves only to programs that say what they are.
const AGENT: &str = "Mozilla/5.0 (compatible; chasqui; link preview)";

/// Fetches it. Done with `{ title, description?, thumbnail?, large? }`.
pub(crate) async fn run(url: String, web: Web, job: upload::Hosts, line: Line) -> Result<Value, PublicError> {
    let url = Url::parse(&url).map_err(|_| PublicError::new(ErrorCode::UrlNotAllowed, "The link is no URL."))?;
    http::check(&url, web.private)?;
    let fetched = tokio::time::timeout(PATIENCE, fetch(url, &web)).await;
    let (page, picture) =
        fetched.map_err(|_| PublicError::new(ErrorCode::Timeout, "The page of the link did not come in time."))??;
    let title = page.title.ok_or_else(|| failed("it says nothing about itself"))?;
    let mut shown = json!({ "title": title, "description": page.description });
    let Some(picture) = picture else { return Ok(shown) };
    let small = thumbnail(Cursor::new(&picture), SMALL.0, SMALL.1, Limits::default());
    let large = thumbnail(Cursor::new(&picture), LARGE.0, LARGE.1, Limits::default());
    let (Ok((_, small)), Ok((_, large))) = (small, large) else {
        tracing::debug!("the picture of a link is no picture");
        return Ok(shown);
    };
    shown["thumbnail"] = json!(Bytes(small.jpeg));
    let about = About {
        mimetype: Some("image/jpeg".to_owned()),
        width: Some(large.width),
        height: Some(large.height),
        ..About::default()
    };
    let opened = Opened::Bytes(Cursor::new(large.jpeg));
    let put = upload::put(opened, MediaKind::LinkThumbnail, about, true, &job, &line);
    match tokio::time::timeout(PATIENCE, put).await {
        Ok(Ok(file)) => shown["large"] = serde_json::to_value::<File>(file).unwrap_or_default(),
        Ok(Err(error)) => tracing::debug!("the picture of a link stays small: {error}"),
        Err(_) => tracing::debug!("the picture of a link stays small: its upload takes too long"),
    }
    Ok(shown)
}

fn failed(why: impl std::fmt::Display) -> PublicError {
    PublicError::new(ErrorCode::MediaFailed, format!("The page of the link could not be shown: {why}."))
}

async fn fetch(url: Url, web: &Web) -> Result<(page::Page, Option<Vec<u8>>), PublicError> {
    let response = get(url, "text/html,application/xhtml+xml", web).await?;
    if !is_of(&response, &["text/html", "application/xhtml+xml"]) {
        return Err(failed("it is no page"));
    }
    // That of the last redirect.
    let base = response.url().clone();
    let html = body(response, MAX_PAGE).await?.0;
    let page = page::read(&html, &base);
    let picture = match &page.image {
        Some(url) => {
            picture(url.clone(), web).await.inspect_err(|error| tracing::debug!("a link has no picture: {error}"))
        }
        None => return Ok((page, None)),
    };
    Ok((page, picture.ok()))
}

async fn picture(url: Url, web: &Web) -> Result<Vec<u8>, PublicError> {
    http::check(&url, web.private)?;
    let (bytes, whole) = body(get(url, "image/*", web).await?, MAX_PICTURE).await?;
    if whole { Ok(bytes) } else { Err(failed("its picture is too large")) }
}

async fn get(url: Url, accept: &'static str, web: &Web) -> Result<Response, PublicError> {
    let request = web.client.get(url).header(header::USER_AGENT, AGENT).header(header::ACCEPT, accept);
    let response = request.send().await.map_err(|error| http::refusal(error, failed))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().as_u16();
    Err(failed(format!("its host answered with {status}")).with("status", status))
}

/// Whether an answer says to be of one of these types, or nothing.
fn is_of(response: &Response, types: &[&str]) -> bool {
    let said = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = said.map(|said| said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    said.is_none_or(|said| types.contains(&said.as_str()))
}

/// At most `limit` bytes, and whether that is all of it.
async fn body(mut response: Response, limit: usize) -> Result<(Vec<u8>, bool), PublicError> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| http::refusal(error, failed))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > limit {
            bytes.truncate(limit);
            return Ok((bytes, false));
        }
    }
    Ok((bytes, true))
}
