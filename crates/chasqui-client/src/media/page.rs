//! What a web page says about itself, for the preview of a link: Open Graph's names, else those of HTML.

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};
use reqwest::Url;

/// Longest title and description that are shown, in characters.
const MAX_TITLE: usize = 256;
const MAX_DESCRIPTION: usize = 1024;
/// Longest address of a picture.
const MAX_ADDRESS: usize = 4096;

/// What it says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub title: Option<String>,
    pub description: Option<String>,
    pub image: Option<Url>,
}

/// Candidates; a lower number is the better one.
#[derive(Default)]
struct Found(Option<(u8, String)>);

impl Found {
    fn offer(&mut self, rank: u8, text: &str, most: usize) {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: String = words.chars().filter(|char| !char.is_control()).take(most).collect();
        if !shown.is_empty() && self.0.as_ref().is_none_or(|(known, _)| rank < *known) {
            self.0 = Some((rank, shown));
        }
    }

    fn text(self) -> Option<String> {
        self.0.map(|(_, text)| text)
    }
}

/// Reads a page, or as much of it as was fetched, that came from `base`.
pub(super) fn read(html: &[u8], base: &Url) -> Page {
    let (mut title, mut description, mut image) = (Found::default(), Found::default(), Found::default());
    let mut emitter = DefaultEmitter::<()>::default();
    // Or what scripts hold would be taken for elements.
    emitter.naively_switch_states(true);
    let mut inside_title: Option<String> = None;
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if tag.name.as_slice() == b"meta" => {
                meta(&tag, &mut title, &mut description, &mut image);
            }
            Token::StartTag(tag) if tag.name.as_slice() == b"link" => {
                let rel = attribute(&tag, b"rel").unwrap_or_default().to_ascii_lowercase();
                if let Some(address) = attribute(&tag, b"href").filter(|_| rel == "image_src") {
                    image.offer(2, &address, MAX_ADDRESS);
                }
            }
            Token::StartTag(StartTag { name, .. }) if name.as_slice() == b"title" && inside_title.is_none() => {
                inside_title = Some(String::new());
            }
            // All of it stands in the head.
            Token::StartTag(tag) if tag.name.as_slice() == b"body" => break,
            Token::EndTag(EndTag { name, .. }) if name.as_slice() == b"title" => {
                title.offer(2, &inside_title.take().unwrap_or_default(), MAX_TITLE);
            }
            Token::String(text) => {
                if let Some(inside) = inside_title.as_mut().filter(|inside| inside.len() < 8 * MAX_TITLE) {
                    inside.push_str(&String::from_utf8_lossy(&text));
                }
            }
            _ => {}
        }
    }
    let image = image.text().and_then(|address| base.join(&address).ok());
    Page { title: title.text(), description: description.text(), image }
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
}

fn meta(tag: &StartTag<()>, title: &mut Found, description: &mut Found, image: &mut Found) {
    let name = attribute(tag, b"property").or_else(|| attribute(tag, b"name")).unwrap_or_default();
    let Some(content) = attribute(tag, b"content") else { return };
    match name.trim().to_ascii_lowercase().as_str() {
        "og:title" => title.offer(0, &content, MAX_TITLE),
        "twitter:title" => title.offer(1, &content, MAX_TITLE),
        "og:description" => description.offer(0, &content, MAX_DESCRIPTION),
        "twitter:description" => description.offer(1, &content, MAX_DESCRIPTION),
        "description" => description.offer(2, &content, MAX_DESCRIPTION),
        "og:image" | "og:image:url" | "og:image:secure_url" => image.offer(0, &content, MAX_ADDRESS),
        "twitter:image" | "twitter:image:src" => image.offer(1, &content, MAX_ADDRESS),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(html: &str) -> Page {
        read(html.as_bytes(), &Url::parse("https://shop.example/a/b").expect("a URL"))
    }

    fn page(title: &str, description: Option<&str>, image: Option<&str>) -> Page {
        let image = image.map(|image| Url::parse(image).expect("a URL"));
        Page { title: Some(title.into()), description: description.map(Into::into), image }
    }

    #[test]
    fn open_graph_comes_before_html_wherever_it_stands() {
        let html = "<!DOCTYPE html><html><head><title>A &amp; B\n  shop</title><meta name=description content='plain'>\
            <meta property=\"og:title\" content=\"Cakes &quot;fine&quot;\"><meta content='Best' property='og:description'>\
            <meta property=og:image content=../cake.jpg></head><body><title>no</title></body>";
        assert_eq!(of(html), page("Cakes \"fine\"", Some("Best"), Some("https://shop.example/cake.jpg")));
        let plain = "<title>A &amp; B\n  shop</title><meta name=Description content='plain'><link rel=image_src href=//cdn.example/x.png>";
        assert_eq!(of(plain), page("A & B shop", Some("plain"), Some("https://cdn.example/x.png")));
    }

    #[test]
    fn what_only_looks_like_a_title_is_none() {
        for html in [
            "<script>var x = '<title>evil</title>'</script>",
            "<!-- <title>evil</title> -->",
            "<body><title>evil</title>",
            "<title>   </title>",
            "{\"title\": \"json\"}",
            "",
        ] {
            assert_eq!(of(html), Page::default(), "{html}");
        }
        assert_eq!(of("<title>cut off").title, None);
    }

    #[test]
    fn long_texts_are_cut_and_odd_addresses_left_out() {
        let html = format!("<title>{}</title><meta property=og:image content='http://['>", "é".repeat(9000));
        let page = of(&html);
        assert_eq!((page.title.map(|title| title.chars().count()), page.image), (Some(MAX_TITLE), None));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..2000), html in "(<|>|meta|title|script|=|'|\"|/|!--|og:title| |content|a){0,200}") {
            read(&bytes, &Url::parse("https://shop.example/").expect("a URL"));
            of(&html);
        }
    }
}
