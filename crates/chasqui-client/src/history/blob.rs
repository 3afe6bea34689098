//! A blob on its way to the session: kept encrypted, verified as a whole before a byte of it is believed, then decrypted,
//! inflated and read piece by piece.
//!
//! It is read three times: pairs of addresses, chats and people, messages ([`Stage`]), whatever the order in which they
//! stand. Of a blob of up to 8 MiB the first reading keeps the inflated bytes for the others; of a larger one each reading
//! keeps a window of them and one record. What comes out is cut into parts ([`Part`]) of a bounded size.
//! Source: 06-history-sync §2.1 and §5.

use std::io::{self, Read, Seek, SeekFrom};

use chasqui_media::{Decryptor, Expected, MediaKey, MediaKind};
use flate2::{Decompress, FlushDecompress, Status};
use tempfile::SpooledTempFile;

use super::{
    part::{Part, Reading, Stage},
    walk::{Malformed, Walker, Wanted},
};

/// Bytes read at a time, and bytes inflated at a time.
const PIECE: usize = 64 << 10;
const WINDOW: usize = 16 << 10;
/// Inflated bytes that are kept for the next readings.
const MAX_KEPT: usize = 8 << 20;
/// What may be inflated in any case, how many times as much as the blob has, and the most.
const FREE: u64 = 16 << 20;
const RATIO: u64 = 200;
const MAX_INFLATED: u64 = 1 << 30;

/// Why a blob cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("it inflates to more than is taken")]
    Bomb,
    #[error("its compressed bytes are damaged")]
    Zlib,
    #[error("it ends early")]
    Truncated,
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("it could not be read again: {0}")]
    File(#[from] io::Error),
}

/// Where a blob's bytes are.
pub(crate) enum Bytes {
    /// In its notification.
    Inline(Vec<u8>),
    /// Verified, and as it was on the media hosts: what is on the disk is encrypted.
    Sealed(SpooledTempFile, MediaKey),
}

/// Reads a blob, part by part.
pub(crate) struct Blob {
    bytes: Bytes,
    compressed: u64,
    /// The inflated bytes of the first reading, while they are few enough to be kept for the others.
    kept: Option<Vec<u8>>,
    pass: Option<Pass>,
    reading: Reading,
    /// The last reading gives everything as it stands.
    whole: bool,
    done: bool,
}

/// One reading of the whole blob.
struct Pass {
    walker: Walker,
    source: Source,
}

/// Where a reading gets the inflated bytes from.
enum Source {
    Inflater(Box<Inflater>),
    /// What the first reading kept; how much of it is read.
    Kept(usize),
}

/// Decrypts and inflates the blob.
struct Inflater {
    decryptor: Option<Decryptor>,
    at_end: bool,
    inflate: Decompress,
    /// Compressed bytes, and how many of them are used up.
    plain: Vec<u8>,
    used: usize,
    /// Read of inline bytes so far.
    position: usize,
    ended: bool,
}

impl Blob {
    /// `skip` records were told before.
    pub fn new(bytes: Bytes, compressed: u64, skip: u64, whole: bool) -> Self {
        let (reading, kept) = (Reading::new(skip), Some(Vec::new()));
        Self { bytes, compressed, kept, pass: None, reading, whole, done: false }
    }

    /// The next part; `None` after the last.
    pub fn next_part(&mut self) -> Result<Option<Part>, BlobError> {
        if self.done {
            return Ok(None);
        }
        let mut window = vec![0; WINDOW];
        loop {
            let pass = match &mut self.pass {
                Some(pass) => pass,
                None => self.pass.insert(Pass::begin(self.reading.stage, &mut self.bytes, self.kept.as_ref())?),
            };
            let (walker, reading) = (&mut pass.walker, &mut self.reading);
            let mut push = |piece: &[u8]| walker.push(piece, &mut |record| reading.take(record));
            let more = match (&mut pass.source, &mut self.kept) {
                (Source::Kept(position), Some(kept)) => {
                    let rest = kept.get(*position..).unwrap_or_default();
                    let piece = rest.get(..WINDOW).unwrap_or(rest);
                    push(piece)?;
                    *position += piece.len();
                    *position < kept.len()
                }
                (Source::Inflater(inflater), kept) => {
                    let (more, count) = inflater.fill(&mut self.bytes, &mut window, self.compressed)?;
                    let piece = window.get(..count).unwrap_or_default();
                    if kept.as_ref().is_some_and(|kept| kept.len() + count > MAX_KEPT) {
                        *kept = None;
                    }
                    if let Some(kept) = kept {
                        kept.extend_from_slice(piece);
                    }
                    push(piece)?;
                    more
                }
                (Source::Kept(_), None) => return Err(BlobError::Truncated),
            };
            if !more {
                let Some(Pass { walker, .. }) = self.pass.take() else { continue };
                // The first two readings look at the same records.
                let counts = self.reading.stage != Stage::Pairs;
                self.reading.unreadable += if counts { walker.passed_over } else { 0 };
                walker.finish()?;
                match self.reading.stage.next(self.whole) {
                    Some(stage) => self.reading.stage = stage,
                    None => {
                        self.done = true;
                        return Ok(Some(self.reading.cut(true)));
                    }
                }
            }
            if self.reading.is_full() {
                return Ok(Some(self.reading.cut(false)));
            }
        }
    }
}

impl Pass {
    fn begin(stage: Stage, bytes: &mut Bytes, kept: Option<&Vec<u8>>) -> io::Result<Self> {
        let wanted = match stage {
            Stage::Messages => Wanted::Messages,
            Stage::Whole => Wanted::Whole,
            Stage::Pairs | Stage::Heads => Wanted::Heads,
        };
        let first = stage == Stage::FIRST;
        let source = match kept {
            Some(_) if !first => Source::Kept(0),
            _ => Source::Inflater(Box::new(Inflater::begin(bytes)?)),
        };
        Ok(Self { walker: Walker::new(wanted), source })
    }
}

impl Inflater {
    fn begin(bytes: &mut Bytes) -> io::Result<Self> {
        let decryptor = match bytes {
            Bytes::Inline(_) => None,
            Bytes::Sealed(file, key) => {
                file.seek(SeekFrom::Start(0))?;
                Some(Decryptor::new(&key.derive(MediaKind::History), Expected::at_most(u64::MAX)))
            }
        };
        Ok(Self {
            decryptor,
            at_end: false,
            inflate: Decompress::new(true),
            plain: Vec::new(),
            used: 0,
            position: 0,
            ended: false,
        })
    }

    /// Fills the window as far as it goes; says whether there may be more, and how much there is.
    fn fill(&mut self, bytes: &mut Bytes, window: &mut [u8], compressed: u64) -> Result<(bool, usize), BlobError> {
        let mut count = 0;
        while !self.ended && count < window.len() {
            if self.used == self.plain.len() && !self.at_end {
                self.refill(bytes)?;
            }
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let input = self.plain.get(self.used..).unwrap_or_default();
            let output = window.get_mut(count..).unwrap_or_default();
            let status = self.inflate.decompress(input, output, FlushDecompress::None).map_err(|_| BlobError::Zlib)?;
            let taken = usize::try_from(self.inflate.total_in() - before_in).unwrap_or(0);
            let made = usize::try_from(self.inflate.total_out() - before_out).unwrap_or(0);
            (self.used, count) = (self.used + taken, count + made);
            if self.inflate.total_out() > FREE.max(compressed.saturating_mul(RATIO)).min(MAX_INFLATED) {
                return Err(BlobError::Bomb);
            }
            self.ended = status == Status::StreamEnd;
            if !self.ended && taken == 0 && made == 0 && self.at_end && self.used == self.plain.len() {
                return Err(BlobError::Truncated);
            }
        }
        Ok((!self.ended, count))
    }

    fn refill(&mut self, bytes: &mut Bytes) -> Result<(), BlobError> {
        self.plain.clear();
        self.used = 0;
        match bytes {
            Bytes::Inline(bytes) => {
                let rest = bytes.get(self.position..).unwrap_or_default();
                let piece = rest.get(..PIECE).unwrap_or(rest);
                self.plain.extend_from_slice(piece);
                self.position += piece.len();
                self.at_end = piece.is_empty();
            }
            Bytes::Sealed(file, _) => {
                let mut piece = vec![0; PIECE];
                while self.plain.is_empty() && !self.at_end {
                    let Some(decryptor) = &mut self.decryptor else { return Err(BlobError::Truncated) };
                    let damaged = |_| io::Error::from(io::ErrorKind::InvalidData);
                    match file.read(&mut piece)? {
                        0 => {
                            self.at_end = true;
                            if let Some(decryptor) = self.decryptor.take() {
                                decryptor.finish(&mut self.plain).map_err(damaged)?;
                            }
                        }
                        length => {
                            let sealed = piece.get(..length).unwrap_or_default();
                            decryptor.update(sealed, &mut self.plain).map_err(damaged)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Reads what would be in a blob after its inflation. Gives how many parts that is; nothing when it is refused.
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub fn read_deflated(bytes: &[u8]) -> Option<usize> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
    let zlib = zlib.write_all(bytes).and_then(|()| zlib.finish()).ok()?;
    read_blob(zlib).map(|(parts, _)| parts)
}

/// Reads a whole blob, for the fuzzer and for measuring. Gives how many parts and how many messages that is; nothing when
/// it is refused.
#[doc(hidden)]
pub fn read_blob(zlib: Vec<u8>) -> Option<(usize, usize)> {
    let length = zlib.len() as u64;
    let mut blob = Blob::new(Bytes::Inline(zlib), length, 0, false);
    let (mut parts, mut messages) = (0, 0);
    while let Some(part) = blob.next_part().ok()? {
        parts += 1;
        messages += part.messages.len();
    }
    Some((parts, messages))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use chasqui_media::Encryptor;
    use chasqui_proto::{
        Conversation, HistorySync, HistorySyncMsg, MessageKey, ProtoMessage, Pushname, WebMessageInfo,
    };
    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    /// Vectors of 06-history-sync: a bootstrap, and names as the media hosts have them.
    const BOOTSTRAP: &str = "080012ec010a1c3535313139393939393030303140732e77686174736170702e6e657412440a400a2a0a1c3535313139393939393030303140732e77686174736170702e6e657410001a08334542304141414112060a04686f6c6118e4e2cfaa069a0103416e611002123e0a3a0a2a0a1c3535313139393939393030303140732e77686174736170702e6e657410011a08334542304242424212040a026f691880e2cfaa062003100128e4e2cfaa0630014001580160e4e2cfaa066a03416e61800100aa0104746f6b31b001f093cfaa06c001b2e2cfaa06c80100d20213313030303030303030303030303031406c696412490a1731323033363330303030303030303030303140672e7573608ae2cfaa066a05477275706fa201200a1c3535313139393939393030303140732e77686174736170702e6e65741002280030643a230a1c3535313139393939393030303140732e77686174736170702e6e65741203416e6162410a1731323033363330303030303030303030303140672e757312260a1c3535313139393939393030303340732e77686174736170702e6e6574100118c0dd92aa067a330a1c3535313139393939393030303140732e77686174736170702e6e65741213313030303030303030303030303031406c6964";
    const NAMES: &str = "0fbc429a9106a8a526719af35f3ed3f38853e1f9b07b68ee59378af37da5cb009ca56eed0e316a444c9059f6cf7acfd90625fe4244a9c650107edac4c8449a84a20c8639d87ed531a15d";

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(bytes).and_then(|()| zlib.finish()).expect("memory")
    }

    fn inline(bytes: Vec<u8>, skip: u64) -> Blob {
        let length = bytes.len() as u64;
        Blob::new(Bytes::Inline(bytes), length, skip, false)
    }

    fn parts(mut blob: Blob) -> Result<Vec<Part>, BlobError> {
        let mut parts = Vec::new();
        while let Some(part) = blob.next_part()? {
            parts.push(part);
        }
        Ok(parts)
    }

    fn large(chats: usize, messages: usize) -> HistorySync {
        let message = |chat: usize, at: usize| WebMessageInfo {
            key: Box::new(MessageKey {
                remote_jid: Some(format!("1555000{chat:04}@s.whatsapp.net")),
                id: Some(format!("{chat}-{at}")),
                ..Default::default()
            }),
            message_timestamp: Some(1_700_000_000 - at as u64),
            ..Default::default()
        };
        let chat = |chat: usize| Conversation {
            id: format!("1555000{chat:04}@s.whatsapp.net"),
            lid_jid: Some(format!("{}@lid", 100_000_000_000_000 + chat)),
            messages: (0..messages)
                .map(|at| HistorySyncMsg { message: Some(Box::new(message(chat, at))), msg_order_id: None })
                .collect(),
            ..Default::default()
        };
        HistorySync {
            sync_type: 3,
            progress: Some(40),
            conversations: (0..chats).map(chat).collect(),
            pushnames: vec![Pushname { id: Some("15550000000@s.whatsapp.net".into()), pushname: Some("Ana".into()) }],
            ..Default::default()
        }
    }

    fn ids(parts: &[Part]) -> Vec<String> {
        parts.iter().flat_map(|part| &part.messages).filter_map(|read| read.key.id.clone()).collect()
    }

    #[test]
    fn the_bootstrap_of_the_vectors_is_read() {
        let parts = parts(inline(deflate(&hex(BOOTSTRAP)), 0)).expect("reads");
        let [part] = parts.as_slice() else { panic!("{} parts", parts.len()) };
        assert!(part.last);
        assert_eq!((part.progress, part.unreadable), (Some(100), 0));
        assert_eq!(ids(&parts), ["3EB0AAAA", "3EB0BBBB"]);
        let ana = "5511999990001@s.whatsapp.net".to_owned();
        let lid = "100000000000001@lid".to_owned();
        assert_eq!(part.pairs, [(ana.clone(), lid.clone()), (ana, lid)]);
        let chats: Vec<_> = part.chats.iter().map(|chat| (chat.name.as_deref(), chat.messages.len())).collect();
        assert_eq!(chats, [(Some("Ana"), 0), (Some("Grupo"), 0)]);
        assert_eq!((part.names.len(), part.past.len()), (1, 1));
        assert_eq!(part.messages[0].described.text.as_deref(), Some("hola"));
    }

    #[test]
    fn a_blob_that_is_wanted_as_it_stands_comes_whole_in_bounded_parts() {
        let history = large(90, 200);
        let zlib = deflate(&history.encode_to_vec());
        let blob = |skip| {
            let length = zlib.len() as u64;
            Blob::new(Bytes::Inline(zlib.clone()), length, skip, true)
        };
        let all = parts(blob(0)).expect("reads");
        assert!(all.len() >= 3 && all.iter().all(|part| part.messages.is_empty()));
        // Conversations stay together, and nothing is told twice.
        assert!(all.iter().all(|part| part.whole.len() < 256 << 10));
        let told: Vec<HistorySync> =
            all.iter().map(|part| HistorySync::decode(part.whole.as_slice()).expect("a history")).collect();
        let conversations: Vec<_> = told.iter().flat_map(|told| told.conversations.clone()).collect();
        assert_eq!(conversations, history.conversations);
        assert_eq!(told.iter().map(|told| told.pushnames.len()).sum::<usize>(), 1);
        // It goes on wherever it was left.
        for (at, part) in all.iter().enumerate().filter(|(_, part)| !part.whole.is_empty() && !part.last) {
            let rest = parts(blob(part.until)).expect("reads");
            let told = |parts: &[Part]| parts.iter().flat_map(|part| part.whole.clone()).collect::<Vec<_>>();
            assert_eq!(told(&rest), told(&all[at + 1..]));
        }
    }

    #[test]
    fn a_file_of_the_vectors_is_decrypted_as_it_is_read() {
        let mut file = SpooledTempFile::new(16);
        file.write_all(&hex(NAMES)).expect("written");
        let key: Vec<u8> = (0x40..0x60).collect();
        let bytes = Bytes::Sealed(file, MediaKey::from_slice(&key).expect("32 bytes"));
        let parts = parts(Blob::new(bytes, 50, 0, false)).expect("reads");
        assert_eq!(parts[0].names[0].pushname.as_deref(), Some("Ana"));
    }

    #[test]
    fn a_large_blob_comes_in_bounded_parts_and_goes_on_wherever_it_was_left() {
        let plain = large(7, 500).encode_to_vec();
        let key = MediaKey::generate();
        let mut sealed = Vec::new();
        Encryptor::new(&key.derive(MediaKind::History)).copy(&deflate(&plain)[..], &mut sealed).expect("encrypts");
        let blob = |skip| {
            let mut file = SpooledTempFile::new(1 << 10);
            file.write_all(&sealed).expect("written");
            Blob::new(Bytes::Sealed(file, key.clone()), sealed.len() as u64, skip, false)
        };
        let all = parts(blob(0)).expect("reads");
        assert!(all.len() >= 7, "{} parts", all.len());
        assert!(all.iter().all(|part| part.messages.len() <= 600));
        assert_eq!(all.iter().filter(|part| part.last).count(), 1);
        assert_eq!((all[0].pairs.len(), all[0].chats.len(), all[0].names.len()), (7, 7, 1));
        assert_eq!(ids(&all).len(), 3500);
        for done in 1..all.len() {
            let rest = parts(blob(all[done - 1].until)).expect("reads");
            assert_eq!(ids(&rest), ids(&all[done..]), "after part {done}");
            assert_eq!(rest.last().map(|part| part.until), all.last().map(|part| part.until));
        }
    }

    #[test]
    fn a_blob_that_is_too_large_to_be_kept_is_inflated_for_each_reading() {
        let mut whole = large(3, 40);
        for message in whole.conversations.iter_mut().flat_map(|chat| &mut chat.messages) {
            if let Some(info) = &mut message.message {
                info.push_name = Some("x".repeat(100_000));
            }
        }
        let plain = whole.encode_to_vec();
        assert!(plain.len() > MAX_KEPT, "{} bytes", plain.len());
        let mut blob = inline(deflate(&plain), 0);
        let first = blob.next_part().expect("reads").expect("a part");
        assert!(blob.kept.is_none());
        let mut all = vec![first];
        all.extend(parts(blob).expect("reads"));
        assert_eq!((all[0].pairs.len(), all[0].chats.len(), ids(&all).len()), (3, 3, 120));
    }

    proptest! {
        #[test]
        fn damaged_histories_are_refused_or_read_and_nothing_panics(
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = hex(BOOTSTRAP);
            for (at, value) in flips {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            read_deflated(&bytes);
            read_deflated(&bytes[..cut.index(bytes.len())]);
        }

        #[test]
        fn random_bytes_in_place_of_a_blob_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            read_deflated(&bytes);
            prop_assert!(parts(inline(bytes, 0)).is_err());
        }
    }

    #[test]
    fn a_bomb_a_damaged_and_a_cut_stream_are_refused() {
        let bomb = deflate(&vec![0; 17 << 20]);
        assert!(matches!(parts(inline(bomb, 0)), Err(BlobError::Bomb | BlobError::Malformed(_))));
        // Also one whose bytes could be read: a field that nobody wants.
        let mut field = vec![0x4a, 0x80, 0x80, 0x80, 0x20];
        field.resize(field.len() + (64 << 20), 0);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        let bomb = zlib.write_all(&field).and_then(|()| zlib.finish()).expect("memory");
        assert!(matches!(parts(inline(bomb, 0)), Err(BlobError::Bomb)));
        let good = deflate(&large(2, 300).encode_to_vec());
        for cut in [0, 1, 2, good.len() / 2, good.len() - 5] {
            let cut = good[..cut].to_vec();
            assert!(matches!(parts(inline(cut, 0)), Err(BlobError::Truncated)));
        }
        let mut damaged = good.clone();
        damaged[good.len() / 2] ^= 0x55;
        assert!(parts(inline(damaged, 0)).is_err());
        assert!(matches!(parts(inline(b"never deflated".to_vec(), 0)), Err(BlobError::Zlib)));
    }
}
