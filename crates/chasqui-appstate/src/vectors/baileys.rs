//! Changes as npm Baileys makes them: we make the same bytes of the same change, and read theirs.
//!
//! `tests/vectors/baileys.json` is written by `__test__/interop/appstate-vectors.mjs`.

use std::collections::HashMap;

use chasqui_proto::sync_action_value::{ContactAction, LabelEditAction};
use chasqui_wire::Jid;
use serde::Deserialize;

use super::{hex, ring};
use crate::{
    Collection, LocalMutation, Operation, Patch, Replica, SnapshotCheck,
    build::{build_patch_with, stored_patch},
    change::{self, MessageRef, Mute},
    fields,
};

const NOW: i64 = 1_700_000_000_000;

#[derive(Deserialize)]
struct Vectors {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    collection: String,
    index: String,
    version: u64,
    upload: String,
    hash: String,
}

fn message(chat: &Jid, from_me: bool, participant: Option<Jid>, timestamp: i64) -> MessageRef {
    MessageRef { chat: chat.clone(), id: "3EB0C0FFEE".into(), from_me, participant, timestamp }
}

/// The change of a step, made with our builders.
fn ours(name: &str) -> LocalMutation {
    let person = &Jid::pn("15550101");
    let group = &"120363000000000000@g.us".parse().expect("a group");
    let lid = &Jid::lid("99000000000001");
    let author = Jid::pn("15550102").with_device(7);
    let range = || {
        let last = [message(group, true, None, 1_699_999_990), message(group, false, Some(author), 1_699_999_999)];
        let mut range = change::message_range(&last).expect("a range");
        // Baileys hands on `messageTimestamp`, which the schema does not have, and so leaves the time of a message out.
        range.messages.iter_mut().for_each(|message| message.timestamp = None);
        Some(range)
    };
    match name {
        "mute-until" => change::mute(person, Mute::Until(NOW + 3_600_000), NOW),
        "mute-off" => change::mute(person, Mute::Off, NOW),
        "archive" => change::archive(group, true, range(), NOW),
        "archive-off" => change::archive(lid, false, change::message_range(&[]).ok(), NOW),
        "read" => change::mark_read(group, true, range(), NOW),
        "unread" => change::mark_read(group, false, range(), NOW),
        "delete-for-me" => {
            change::delete_for_me(&message(person, false, None, 1_699_999_999), true, NOW).expect("a change")
        }
        "clear" => change::clear_chat(group, true, false, range(), NOW),
        "delete" => change::delete_chat(group, true, range(), NOW),
        "pin" => change::pin(lid, true, NOW),
        "pin-off" => change::pin(lid, false, NOW),
        "contact" => {
            let contact = ContactAction {
                full_name: Some("Inés \"la Nueva\" \\ 🦙\u{2028}\u{7f}".into()),
                first_name: Some("Inés".into()),
                lid_jid: Some(lid.to_string()),
                save_on_primary_addressbook: Some(true),
                ..Default::default()
            };
            change::contact(person, contact, NOW).expect("a change")
        }
        "contact-off" => change::remove_contact(person, NOW).expect("a change"),
        "link-previews" => change::disable_link_previews(true, NOW),
        "push-name" => change::push_name("Chaski ñ", NOW),
        "quick-reply" => change::quick_reply("1700000000", "hi", "Hello\nthere", NOW),
        "quick-reply-off" => change::delete_quick_reply("1700000000", NOW),
        "label" => {
            let label = LabelEditAction {
                name: Some("New".into()),
                color: Some(3),
                predefined_id: Some(2),
                deleted: Some(false),
                ..Default::default()
            };
            change::label("a\"\\\n\u{1}\u{1f}/é🦙", label, NOW)
        }
        "label-chat" => change::label_chat("7", person, true, NOW),
        "label-chat-off" => change::label_chat("7", person, false, NOW),
        "label-message" => change::label_message("7", person, "3EB0C0FFEE", true, NOW),
        "label-message-off" => change::label_message("7", person, "3EB0C0FFEE", false, NOW),
        // Baileys puts stars into another collection than the registry does.
        "star" => {
            let star = change::star(&message(person, true, None, 9), true, NOW).expect("a change");
            LocalMutation { collection: Collection::RegularLow, ..star }
        }
        other => panic!("no builder for {other}"),
    }
}

#[test]
fn every_change_has_the_bytes_that_baileys_makes() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../tests/vectors/baileys.json")).expect("the vectors");
    let ring = ring();
    let mut replicas: HashMap<Collection, Replica> = HashMap::new();
    assert_eq!(vectors.steps.len(), 23);
    for step in vectors.steps {
        let collection = Collection::from_name(&step.collection).expect("a collection");
        let replica = replicas.entry(collection).or_insert_with(|| Replica::new(collection));
        let upload = hex(&step.upload);
        let stored = stored_patch(&upload, step.version).expect("a patch");
        let patch = Patch::parse(&stored).expect("a patch");

        let mutation = ours(&step.name);
        assert_eq!(std::str::from_utf8(mutation.data.index()), Ok(step.index.as_str()), "{}", step.name);
        let record = patch.mutations()[0].1.to_bytes();
        let value = fields::bytes(&record, 2, "").expect("fields").expect("a value");
        let blob = fields::bytes(value, 1, "").expect("fields").expect("a blob");
        let iv = || *blob.first_chunk().expect("an IV");
        let built =
            build_patch_with(collection, replica.state(), &ring, std::slice::from_ref(&mutation), &*replica, iv);
        assert_eq!(built.expect("a patch").bytes, upload, "{}", step.name);

        let applied = replica.apply_patch(&patch, &ring).expect("applied");
        assert_eq!(applied.snapshot_check, SnapshotCheck::Matches, "{}", step.name);
        assert_eq!(applied.state.hash.to_bytes().to_vec(), hex(&step.hash), "{}", step.name);
        let [read] = &applied.mutations[..] else { panic!("{} mutations", applied.mutations.len()) };
        assert_eq!(read.data, mutation.data, "{}", step.name);
        let action = read.action().expect("an action of the catalogue");
        assert_eq!(action.local(read.operation, NOW).data, mutation.data, "{}", step.name);
        assert_eq!(read.operation == Operation::Remove, step.name == "contact-off");
    }
}
