//! What is read and written: namespaces, keys, and batches that are applied whole or not at all.

use std::fmt;

use chasqui_archive as archive;
use zeroize::Zeroize;

/// The largest batch a store takes, in bytes as [`Batch::bytes`] counts: 64 MiB.
pub const MAX_BATCH_BYTES: usize = 64 << 20;

macro_rules! namespaces {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// The kinds of record of a session. The code is what is stored: never change or reuse one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Namespace { $($(#[$doc])* $name = $code,)* }

        impl Namespace {
            /// Every namespace, by ascending code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stored code.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// The namespace of a stored code; `None` for a code of a later version.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

namespaces! {
    /// The session's own single records: credentials, counters, account facts.
    Meta = 0,
    /// Signal sessions, by address.
    Session = 1,
    /// Peers' identity keys.
    Identity = 2,
    /// Our one-time prekeys.
    PreKey = 3,
    /// Our signed prekeys.
    SignedPreKey = 4,
    /// Users' device lists.
    DeviceList = 5,
    /// LID and phone number pairs.
    LidMapping = 6,
    /// Messages committed for sending and not yet acknowledged by the server.
    Outbox = 7,
    /// Messages received and not yet given to the program.
    Inbox = 8,
    /// Messages sent, kept for resend requests, by id.
    SentMessage = 9,
    /// Ids already handled.
    Dedup = 10,
    /// Sender keys of groups and broadcasts.
    SenderKey = 11,
    /// App-state collections: version and hash.
    AppState = 12,
    /// App-state sync keys.
    AppStateKey = 13,
    /// App-state value MACs, by index MAC.
    AppStateMac = 14,
    /// Which devices have our sender key of a group.
    SenderKeyShared = 15,
    /// Privacy tokens.
    PrivacyToken = 16,
    /// Contacts and their names.
    Contact = 17,
    /// Groups' metadata.
    Group = 18,
    /// Chats and their settings.
    Chat = 19,
    /// The archive of messages.
    Archive = 20,
    /// History notifications still to be fetched.
    History = 21,
    /// Messages awaited again from their sender or our phone.
    Retry = 22,
    /// Media connection and upload records.
    Media = 23,
    /// Ids of the messages kept for resend requests, in the order of sending.
    SentOrder = 24,
    /// Secrets of messages, for what is encrypted with them later.
    MessageSecret = 30,
    /// How often messages of the inbox were given again, by their row.
    Redelivery = 31,
    /// Files that show a session's records to another program, by name.
    File = 32,
    /// The mark of a sealed session.
    Seal = 254,
}

/// One record's place. Key bytes sort lexicographically in scans; they may be empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind of record.
    pub namespace: Namespace,
    /// The record's name in its namespace.
    pub bytes: Box<[u8]>,
}

impl Key {
    /// The key of these bytes (or characters) in this namespace.
    pub fn new(namespace: Namespace, bytes: impl AsRef<[u8]>) -> Self {
        Self { namespace, bytes: bytes.as_ref().into() }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}[{} bytes]", self.namespace, self.bytes.len())
    }
}

/// One change.
#[derive(Clone, PartialEq, Eq)]
pub enum Op {
    /// Writes a value, over the old one if there is any. Values may be empty.
    Put(Key, Vec<u8>),
    /// Removes a record; absent is fine.
    Delete(Key),
    /// Removes all records of a namespace.
    DeleteNamespace(Namespace),
    /// Removes everything of the session.
    DeleteAll,
    /// Writes to the session's archive, which must be open ([`crate::SessionStore::open_archive`]).
    Archive(Box<archive::Op>),
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put(key, value) => write!(f, "Put({key:?}, {} bytes)", value.len()),
            Self::Delete(key) => write!(f, "Delete({key:?})"),
            Self::DeleteNamespace(namespace) => write!(f, "DeleteNamespace({namespace:?})"),
            Self::DeleteAll => f.write_str("DeleteAll"),
            Self::Archive(op) => write!(f, "Archive({op:?})"),
        }
    }
}

/// Changes that are applied together, in their order, or not at all. Values are wiped from memory on drop.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    ops: Vec<Op>,
    bytes: usize,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write.
    pub fn put(&mut self, namespace: Namespace, key: impl AsRef<[u8]>, value: impl Into<Vec<u8>>) -> &mut Self {
        self.push(Op::Put(Key::new(namespace, key), value.into()))
    }

    /// Adds a removal.
    pub fn delete(&mut self, namespace: Namespace, key: impl AsRef<[u8]>) -> &mut Self {
        self.push(Op::Delete(Key::new(namespace, key)))
    }

    /// Adds the removal of a whole namespace.
    pub fn delete_namespace(&mut self, namespace: Namespace) -> &mut Self {
        self.push(Op::DeleteNamespace(namespace))
    }

    /// Adds the removal of everything of the session.
    pub fn delete_all(&mut self) -> &mut Self {
        self.push(Op::DeleteAll)
    }

    /// Adds an operation on the archive.
    pub fn archive(&mut self, op: archive::Op) -> &mut Self {
        self.push(Op::Archive(Box::new(op)))
    }

    /// Whether there are operations on the archive.
    pub(crate) fn has_archive(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::Archive(_)))
    }

    /// Adds an operation.
    pub fn push(&mut self, op: Op) -> &mut Self {
        self.bytes += match &op {
            Op::Put(key, value) => key.bytes.len() + value.len(),
            Op::Delete(key) => key.bytes.len(),
            Op::DeleteNamespace(_) | Op::DeleteAll => 0,
            Op::Archive(op) => op.bytes(),
        };
        self.ops.push(op);
        self
    }

    /// Moves another batch's operations behind ours.
    pub fn append(&mut self, mut other: Self) -> &mut Self {
        self.bytes += std::mem::take(&mut other.bytes);
        self.ops.append(&mut other.ops);
        self
    }

    /// The operations in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// What the batch makes of a key: the value, or `None` inside when it removes it; `None` when it leaves it alone.
    pub fn outcome(&self, key: &Key) -> Option<Option<&[u8]>> {
        self.ops.iter().rev().find_map(|op| match op {
            Op::Put(put, value) if put == key => Some(Some(value.as_slice())),
            Op::Delete(deleted) if deleted == key => Some(None),
            Op::DeleteNamespace(namespace) if *namespace == key.namespace => Some(None),
            Op::DeleteAll => Some(None),
            _ => None,
        })
    }

    /// The operations, leaving the batch empty: whoever keeps the values keeps them from being wiped.
    pub(crate) fn take_ops(&mut self) -> Vec<Op> {
        self.bytes = 0;
        std::mem::take(&mut self.ops)
    }

    /// The number of operations.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Bytes of all keys and values, and of what goes into the archive.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        for op in &mut self.ops {
            if let Op::Put(_, value) = op {
                value.zeroize();
            }
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} ops, {} bytes)", self.ops.len(), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_namespace_is_found_by_its_code() {
        for &namespace in Namespace::ALL {
            assert_eq!(Namespace::from_code(namespace.code()), Some(namespace));
        }
        assert_eq!(Namespace::from_code(255), None);
    }

    #[test]
    fn debug_shows_neither_key_nor_value() {
        let mut batch = Batch::new();
        batch.put(Namespace::Meta, "5550100", b"hidden".to_vec());
        let shown = format!("{batch:?} {:?}", batch.ops());
        assert!(!shown.contains("hidden") && !shown.contains("5550100") && !shown.contains("104"), "{shown}");
    }

    #[test]
    fn the_outcome_of_a_key_is_that_of_the_last_operation_on_it() {
        let key = |bytes: &str| Key::new(Namespace::Meta, bytes);
        let mut batch = Batch::new();
        batch.put(Namespace::Meta, "a", "1").put(Namespace::Meta, "a", "2").put(Namespace::Meta, "b", "1");
        batch.delete(Namespace::Meta, "b").delete_namespace(Namespace::Dedup);
        assert_eq!(batch.outcome(&key("a")), Some(Some(&b"2"[..])));
        assert_eq!(batch.outcome(&key("b")), Some(None));
        assert_eq!(batch.outcome(&key("c")), None);
        assert_eq!(batch.outcome(&Key::new(Namespace::Dedup, "a")), Some(None));
        batch.delete_all();
        assert_eq!(batch.outcome(&key("c")), Some(None));
    }

    #[test]
    fn a_batch_counts_the_bytes_of_what_it_holds() {
        let mut other = Batch::new();
        other.delete(Namespace::Meta, "abc").delete_namespace(Namespace::Dedup);
        let mut batch = Batch::new();
        batch.put(Namespace::Meta, "ab", vec![0; 10]).append(other);
        assert_eq!((batch.len(), batch.bytes()), (3, 15));
    }
}
