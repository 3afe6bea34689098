//! Binary nodes: the tree that every stanza is.
//!
//! One type serves both directions: a decoded node borrows from its frame (`Node<'frame>`), a node that is built is
//! `Node<'static>`. Attribute values are text or typed JIDs; only a typed JID is written in a JID form, so human text
//! that happens to hold an `@` survives (01-connection §5.6).

use std::{borrow::Cow, fmt};

use compact_str::CompactString;

use crate::jid::Jid;

/// Text on the wire: borrowed from a frame, from a constant, or inline (ids, numbers).
#[derive(Clone)]
pub enum Text<'a> {
    /// Borrowed from the frame or from a token table.
    Borrowed(&'a str),
    /// Unpacked or built; up to 24 bytes without allocation.
    Owned(CompactString),
}

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }

    /// The same without the borrow.
    pub fn into_owned(self) -> Text<'static> {
        Text::Owned(self.into())
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
impl Eq for Text<'_> {}
impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}
impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Borrowed(text)
    }
}
impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text.into())
    }
}
impl From<CompactString> for Text<'_> {
    fn from(text: CompactString) -> Self {
        Self::Owned(text)
    }
}
impl From<Text<'_>> for CompactString {
    fn from(text: Text<'_>) -> Self {
        match text {
            Text::Borrowed(text) => text.into(),
            Text::Owned(text) => text,
        }
    }
}

/// The value of an attribute.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Anything but a JID.
    Text(Text<'a>),
    /// A JID, read from or written in one of the JID forms.
    Jid(Jid),
}

impl<'a> Value<'a> {
    /// Takes text from outside the engine: a JID only if it is one in exactly its canonical form, since human text
    /// may hold an `@` too (01-connection §5.6).
    pub fn from_user_text(text: &'a str) -> Self {
        match text.parse::<Jid>() {
            Ok(jid) if CompactString::from(&jid) == text => Self::Jid(jid),
            _ => Self::Text(text.into()),
        }
    }

    /// As text, a JID formatted.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text.as_str()),
            Self::Jid(jid) => Cow::Owned(jid.to_string()),
        }
    }

    /// As a JID; text is parsed. The plain text `s.whatsapp.net` is the server's JID too (01-connection §6.3).
    pub fn to_jid(&self) -> Option<Jid> {
        match self {
            Self::Jid(jid) => Some(jid.clone()),
            Self::Text(text) if text == "s.whatsapp.net" => Some(Jid::SERVER),
            Self::Text(text) => text.as_str().parse().ok(),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => fmt::Debug::fmt(text, f),
            Self::Jid(jid) => fmt::Display::fmt(jid, f),
        }
    }
}

macro_rules! value_from_text {
    ($($from:ty),*) => { $(
        impl<'a> From<$from> for Value<'a> {
            fn from(text: $from) -> Self { Self::Text(text.into()) }
        }
    )* };
}
value_from_text!(&'a str, String, CompactString, Text<'a>);

macro_rules! value_from_number {
    ($($from:ty),*) => { $(
        impl From<$from> for Value<'_> {
            fn from(number: $from) -> Self {
                Self::Text(Text::Owned(compact_str::format_compact!("{number}")))
            }
        }
    )* };
}
value_from_number!(u8, u16, u32, u64, usize, i32, i64);

impl From<Jid> for Value<'_> {
    fn from(jid: Jid) -> Self {
        Self::Jid(jid)
    }
}
impl From<&Jid> for Value<'_> {
    fn from(jid: &Jid) -> Self {
        Self::Jid(jid.clone())
    }
}

/// What a node holds besides its attributes.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Content<'a> {
    /// Nothing.
    #[default]
    None,
    /// Child nodes.
    Nodes(Vec<Node<'a>>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// Text in one of the string forms. The wire does not say whether bytes are text: accept both when reading.
    Text(Text<'a>),
}

/// An element of a stanza.
#[derive(Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// Its name.
    pub tag: Text<'a>,
    /// Its attributes in wire order; keys are unique, the order carries no meaning.
    pub attrs: Vec<(Text<'a>, Value<'a>)>,
    /// Its content.
    pub content: Content<'a>,
}

/// A stanza that lacks what its reader needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// A missing or malformed attribute.
    #[error("<{tag}> has no valid attribute \"{attr}\"")]
    Attr {
        /// The element.
        tag: CompactString,
        /// The attribute.
        attr: &'static str,
    },
    /// A missing child.
    #[error("<{tag}> has no child <{child}>")]
    Child {
        /// The element.
        tag: CompactString,
        /// The child.
        child: &'static str,
    },
    /// Content of another kind or length than needed.
    #[error("<{tag}> has no valid content")]
    Content {
        /// The element.
        tag: CompactString,
    },
}

impl<'a> Node<'a> {
    /// An empty node.
    pub fn new(tag: impl Into<Text<'a>>) -> Self {
        Self { tag: tag.into(), attrs: Vec::new(), content: Content::None }
    }

    /// Adds an attribute (the caller keeps keys unique).
    #[must_use]
    pub fn attr(mut self, key: impl Into<Text<'a>>, value: impl Into<Value<'a>>) -> Self {
        self.attrs.push((key.into(), value.into()));
        self
    }

    /// Adds an attribute if there is a value.
    #[must_use]
    pub fn attr_opt(self, key: impl Into<Text<'a>>, value: Option<impl Into<Value<'a>>>) -> Self {
        match value {
            Some(value) => self.attr(key, value),
            None => self,
        }
    }

    /// Sets the children.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Node<'a>>) -> Self {
        self.content = Content::Nodes(children.into_iter().collect());
        self
    }

    /// Adds one child.
    #[must_use]
    pub fn child(mut self, child: Node<'a>) -> Self {
        match &mut self.content {
            Content::Nodes(nodes) => nodes.push(child),
            content => *content = Content::Nodes(vec![child]),
        }
        self
    }

    /// Sets bytes as content.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        self.content = Content::Bytes(bytes.into());
        self
    }

    /// Sets text as content (written with the string rules: may become a token or packed).
    #[must_use]
    pub fn text(mut self, text: impl Into<Text<'a>>) -> Self {
        self.content = Content::Text(text.into());
        self
    }

    /// The value of an attribute. Empty text counts as absent.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        let (_, value) = self.attrs.iter().find(|(name, _)| name == key)?;
        match value {
            Value::Text(text) if text == "" => None,
            value => Some(value),
        }
    }

    /// An attribute as text.
    pub fn get_str(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).map(Value::to_text)
    }

    /// An attribute as a JID.
    pub fn get_jid(&self, key: &str) -> Option<Jid> {
        self.get(key).and_then(Value::to_jid)
    }

    /// An attribute as a decimal number.
    pub fn get_u64(&self, key: &str) -> Option<u64> {
        self.get_str(key)?.parse().ok()
    }

    /// Whether an attribute is there with exactly this text.
    pub fn is(&self, key: &str, text: &str) -> bool {
        self.get_str(key).is_some_and(|value| value == text)
    }

    /// An attribute as text, or an error that names it.
    pub fn need_str(&self, attr: &'static str) -> Result<Cow<'_, str>, NodeError> {
        self.get_str(attr).ok_or_else(|| self.lacks_attr(attr))
    }

    /// An attribute as a JID, or an error that names it.
    pub fn need_jid(&self, attr: &'static str) -> Result<Jid, NodeError> {
        self.get_jid(attr).ok_or_else(|| self.lacks_attr(attr))
    }

    /// An attribute as a number, or an error that names it.
    pub fn need_u64(&self, attr: &'static str) -> Result<u64, NodeError> {
        self.get_u64(attr).ok_or_else(|| self.lacks_attr(attr))
    }

    fn lacks_attr(&self, attr: &'static str) -> NodeError {
        NodeError::Attr { tag: self.tag.as_str().into(), attr }
    }

    /// The children, or an empty slice.
    pub fn nodes(&self) -> &[Node<'a>] {
        match &self.content {
            Content::Nodes(nodes) => nodes,
            _ => &[],
        }
    }

    /// The children with this tag.
    pub fn all<'n>(&'n self, tag: &'n str) -> impl Iterator<Item = &'n Node<'a>> {
        self.nodes().iter().filter(move |node| node.tag == tag)
    }

    /// The first child with this tag.
    pub fn find(&self, tag: &str) -> Option<&Node<'a>> {
        self.nodes().iter().find(|node| node.tag == tag)
    }

    /// The first child with this tag, or an error that names it.
    pub fn need(&self, child: &'static str) -> Result<&Node<'a>, NodeError> {
        self.find(child).ok_or_else(|| NodeError::Child { tag: self.tag.as_str().into(), child })
    }

    /// The content as bytes, also when it came as text.
    pub fn content_bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Text(text) => Some(text.as_str().as_bytes()),
            _ => None,
        }
    }

    /// The content as text, also when it came as bytes.
    pub fn content_str(&self) -> Option<&str> {
        match &self.content {
            Content::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            Content::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The content as exactly `N` bytes.
    pub fn need_bytes<const N: usize>(&self) -> Result<[u8; N], NodeError> {
        self.content_bytes()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| NodeError::Content { tag: self.tag.as_str().into() })
    }

    /// The same without any borrow.
    pub fn into_owned(self) -> Node<'static> {
        Node {
            tag: self.tag.into_owned(),
            attrs: self
                .attrs
                .into_iter()
                .map(|(key, value)| {
                    let value = match value {
                        Value::Text(text) => Value::Text(text.into_owned()),
                        Value::Jid(jid) => Value::Jid(jid),
                    };
                    (key.into_owned(), value)
                })
                .collect(),
            content: match self.content {
                Content::None => Content::None,
                Content::Nodes(nodes) => Content::Nodes(nodes.into_iter().map(Node::into_owned).collect()),
                Content::Bytes(bytes) => Content::Bytes(Cow::Owned(bytes.into_owned())),
                Content::Text(text) => Content::Text(text.into_owned()),
            },
        }
    }
}

/// Pseudo-XML. Contents are shown as their length only, since they may be ciphertexts or keys.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.tag.as_str())?;
        for (key, value) in &self.attrs {
            write!(f, " {}={}", key.as_str(), value.to_text())?;
        }
        match &self.content {
            Content::None => f.write_str("/>"),
            content => write!(f, ">{content:?}</{}>", self.tag.as_str()),
        }
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Nodes(nodes) => nodes.iter().try_for_each(|node| fmt::Debug::fmt(node, f)),
            Self::Bytes(bytes) => write!(f, "[{} bytes]", bytes.len()),
            Self::Text(text) => write!(f, "[{} chars]", text.as_str().len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stanza() -> Node<'static> {
        Node::new("message")
            .attr("from", Jid::pn("15551234567").with_device(5))
            .attr("to", "s.whatsapp.net")
            .attr("participant", "15551234567@lid")
            .attr("t", 1_700_000_000_u64)
            .attr("notify", "")
            .attr_opt("edit", None::<&str>)
            .child(Node::new("enc").attr("v", "2").bytes(vec![1, 2, 3]))
            .child(Node::new("note").text("hello"))
            .child(Node::new("enc"))
    }

    #[test]
    fn attributes_are_read_as_what_they_mean() {
        let node = stanza();
        assert_eq!(node.get_str("from").as_deref(), Some("15551234567:5@s.whatsapp.net"));
        assert_eq!(node.get_jid("to"), Some(Jid::SERVER));
        assert_eq!(node.get_jid("participant"), Some(Jid::lid("15551234567")));
        assert_eq!(node.get_jid("t"), None);
        assert_eq!(node.need_u64("t"), Ok(1_700_000_000));
        assert!(node.is("to", "s.whatsapp.net") && !node.is("edit", ""));
    }

    #[test]
    fn an_empty_attribute_counts_as_absent() {
        assert_eq!(stanza().get("notify"), None);
        let error = stanza().need_str("notify").unwrap_err();
        assert_eq!(error.to_string(), "<message> has no valid attribute \"notify\"");
    }

    #[test]
    fn children_are_found_by_tag() {
        let node = stanza();
        assert_eq!(node.all("enc").count(), 2);
        assert_eq!(node.need("enc").unwrap().content_bytes(), Some([1, 2, 3].as_slice()));
        assert_eq!(node.need("enc").unwrap().need_bytes(), Ok([1, 2, 3]));
        assert!(node.need("enc").unwrap().need_bytes::<4>().is_err());
        assert!(node.need("plaintext").is_err());
    }

    #[test]
    fn content_may_come_as_text_or_as_bytes() {
        for node in [Node::new("x").text("0"), Node::new("x").bytes(b"0".as_slice())] {
            assert_eq!(node.content_str(), Some("0"));
            assert_eq!(node.need_bytes(), Ok([b'0']));
        }
        assert_eq!(Node::new("x").bytes([0xff].as_slice()).content_str(), None);
    }

    #[test]
    fn debug_output_hides_content() {
        assert_eq!(
            format!("{:?}", stanza()),
            "<message from=15551234567:5@s.whatsapp.net to=s.whatsapp.net participant=15551234567@lid t=1700000000 \
             notify=><enc v=2>[3 bytes]</enc><note>[5 chars]</note><enc/></message>"
        );
    }

    #[test]
    fn an_owned_node_equals_the_borrowed_one() {
        let name = String::from("a name that is not inline because of its length");
        let node = Node::new("x").attr("notify", name.as_str()).bytes(name.as_bytes());
        let owned: Node<'static> = node.clone().into_owned();
        assert_eq!(owned, node);
    }
}
