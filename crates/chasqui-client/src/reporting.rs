//! The reporting token beside a message: with it the service can check a report without having read the message.
//!
//! Source: 03-messages §4.7.

use chasqui_wire::{Jid, Node};
use hkdf::Hkdf;
use ring::hmac;
use sha2::Sha256;

use crate::{
    addon::MessageSecret,
    content::secret_of,
    raw::{self, push_field},
};

/// What of a field goes into the token.
enum Kept {
    Whole,
    /// These fields within it.
    Fields(&'static [(u64, Kept)]),
    /// It holds a message.
    Message,
}

use Kept::{Fields, Message, Whole};

/// Of a `ContextInfo`: `forwardingScore` and `isForwarded`.
const FORWARDING: Kept = Fields(&[(21, Whole), (22, Whole)]);
const VIDEO: Kept = Fields(&[(2, Whole), (6, Whole), (7, Whole), (13, Whole), (17, FORWARDING), (20, Whole)]);
const POLL: Kept = Fields(&[
    (2, Whole),
    (3, Fields(&[(1, Whole), (2, Whole)])),
    (5, FORWARDING),
    (8, Fields(&[(1, Whole), (2, Whole)])),
]);
const WRAPPER: Kept = Fields(&[(1, Message)]);

/// Fields of `Message`.
const MESSAGE: &[(u64, Kept)] = &[
    (1, Whole),
    (3, Fields(&[(2, Whole), (3, Whole), (8, Whole), (11, Whole), (17, FORWARDING), (25, Whole)])),
    (4, Fields(&[(1, Whole), (16, Whole), (17, FORWARDING)])),
    (5, Fields(&[(3, Whole), (4, Whole), (5, Whole), (16, Whole), (17, FORWARDING)])),
    (6, Fields(&[(1, Whole), (17, FORWARDING), (30, Whole)])),
    (7, Fields(&[(2, Whole), (7, Whole), (10, Whole), (17, FORWARDING), (20, Whole)])),
    (8, Fields(&[(2, Whole), (7, Whole), (9, Whole), (17, FORWARDING), (21, Whole)])),
    (9, VIDEO),
    (12, Fields(&[(1, Whole), (2, Whole), (14, Message), (15, Whole)])),
    (18, Fields(&[(6, Whole), (16, Whole), (17, FORWARDING)])),
    (26, Fields(&[(4, Whole), (5, Whole), (8, Whole), (13, Whole), (17, FORWARDING)])),
    (28, Fields(&[(1, Whole), (2, Whole), (4, Whole), (5, Whole), (6, Whole), (7, FORWARDING)])),
    (37, WRAPPER),
    (49, POLL),
    (53, WRAPPER),
    (55, WRAPPER),
    (58, WRAPPER),
    (59, WRAPPER),
    (60, POLL),
    (64, POLL),
    (66, VIDEO),
    (74, WRAPPER),
    (87, WRAPPER),
    (88, Fields(&[(1, Whole), (2, Fields(&[(1, Whole)])), (3, FORWARDING)])),
    (92, WRAPPER),
    (93, WRAPPER),
    (94, WRAPPER),
];

/// Messages within messages that are followed.
const MAX_DEPTH: usize = 8;

/// `<reporting>` for a message from `own` to `chat`; `None` for kinds without one.
pub(crate) fn reporting(id: &str, own: &Jid, chat: &Jid, message: &[u8]) -> Option<Node<'static>> {
    let secret = secret_of(message)?;
    let content = kept(message, MESSAGE, MAX_DEPTH);
    if content.is_empty() {
        return None;
    }
    let token = token(&secret, id, &own.to_bare().to_string(), &chat.to_bare().to_string(), &content);
    let token = Node::new("reporting_token").attr("v", "2").bytes(token.to_vec());
    Some(Node::new("reporting").child(token).into_owned())
}

fn token(secret: &MessageSecret, id: &str, sender: &str, chat: &str, content: &[u8]) -> [u8; 16] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, secret.as_bytes())
        .expand_multi_info(&[id.as_bytes(), sender.as_bytes(), chat.as_bytes(), b"Report Token"], &mut key)
        .expect("32 bytes are a valid length");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), content);
    let mut token = [0; 16];
    token.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    token
}

/// The fields that are kept, in the order of their numbers, what they lost left out of their lengths.
fn kept(bytes: &[u8], table: &'static [(u64, Kept)], depth: usize) -> Vec<u8> {
    let mut fields: Vec<_> = raw::fields(bytes).collect();
    fields.sort_by_key(|field| field.number);
    let mut out = Vec::new();
    for field in fields {
        let Ok(at) = table.binary_search_by_key(&field.number, |(number, _)| *number) else { continue };
        let inner = match (&table[at].1, field.content) {
            (Whole, _) => {
                out.extend_from_slice(field.whole);
                continue;
            }
            (Fields(table), Some(content)) => kept(content, table, depth),
            (Message, Some(content)) if depth > 0 => kept(content, MESSAGE, depth - 1),
            _ => continue,
        };
        if !inner.is_empty() {
            push_field(&mut out, field.number, &inner);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3EB0AABBCCDDEEFF001122";
    const SECRET: &str = "9a02221a205a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

    fn of(message: &str) -> Vec<u8> {
        let text = format!("{message}{SECRET}");
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn shown(sender: &str, message: &[u8]) -> String {
        let secret = secret_of(message).expect("a secret");
        hex(&token(&secret, ID, sender, "15550002222@s.whatsapp.net", &kept(message, MESSAGE, MAX_DEPTH)))
    }

    #[test]
    fn the_tables_are_in_order() {
        fn check(table: &[(u64, Kept)]) {
            assert!(table.is_sorted_by(|(a, _), (b, _)| a < b));
            for (_, kept) in table {
                if let Fields(table) = kept {
                    check(table);
                }
            }
        }
        check(MESSAGE);
    }

    #[test]
    fn tokens_are_those_of_the_vectors() {
        let text = of("0a0568656c6c6f");
        assert_eq!(shown("15550001111@s.whatsapp.net", &text), "5c29915944166da9ff16b10a9c452f5a");
        assert_eq!(shown("15550002222@s.whatsapp.net", &text), "527faf0902395d3766745a4f3de775da");
        let extended = of("321a0a0268691208687474703a2f2f618a01090a0158a80101b00101");
        assert_eq!(hex(&kept(&extended, MESSAGE, MAX_DEPTH)), "320d0a0268698a0106a80101b00101");
        assert_eq!(shown("15550002222@s.whatsapp.net", &extended), "0132dbaf049401e62ff8cc429ef220b9");
        let wrapped = of("ba03090a070a0568656c6c6f");
        assert_eq!(hex(&kept(&wrapped, MESSAGE, MAX_DEPTH)), "ba03090a070a0568656c6c6f");
    }

    #[test]
    fn what_has_no_secret_or_nothing_to_report_has_no_token() {
        let (own, chat) = (Jid::pn("15550001111"), Jid::pn("15550002222"));
        assert!(reporting(ID, &own, &chat, &of("0a0568656c6c6f")).is_some());
        assert!(reporting(ID, &own, &chat, b"\x0a\x05hello").is_none());
        assert!(reporting(ID, &own, &chat, &of("ea020412001a00")).is_none());
        // However deep it is nested.
        let mut deep = b"\x0a\x05hello".to_vec();
        for _ in 0..10_000 {
            deep = raw::one_field(37, &raw::one_field(1, &deep));
        }
        assert_eq!(kept(&deep, MESSAGE, MAX_DEPTH), b"");
    }
}
