//! What hostile bytes can make the decoders hold at once. One test, since the count is of the whole process.

use chasqui_wire::{
    codec::{DecodeError, MAX_INFLATED, compress, decode, unpack},
    frame::{FrameDecoder, IntroParser},
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Bytes held at the worst moment of `work`, above what was held before it.
fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let result = work();
    (ALLOCATOR.peak_usage() - before, result)
}

#[test]
fn hostile_bytes_cannot_make_the_decoders_hold_much() {
    // 256 MiB of zeros: inflation stops at the limit.
    let bomb = compress(&vec![0; 256 << 20]);
    let (held, result) = peak(|| unpack(&bomb, MAX_INFLATED).map(|_| ()));
    assert_eq!(result, Err(DecodeError::TooLong(MAX_INFLATED)));
    assert!(held < 2 * MAX_INFLATED + (1 << 20), "{held}");

    // 127 nested lists that each announce 8,000 nodes, and bytes enough to make that possible.
    let mut lists = [0xf8, 2, 3, 0xf9, 0x1f, 0x40].repeat(127);
    lists.resize(lists.len() + 3 * 8000, 0);
    let (held, result) = peak(|| decode(&lists).map(|_| ()));
    assert_eq!(result, Err(DecodeError::EmptyTag));
    assert!(held < 4 << 20, "{held}");

    // The same with attributes: 32,767 for each node, the first of which is broken.
    let (held, result) = peak(|| decode(&[&[0xf9, 0xff, 0xff, 3, 0xf0], [0; 0xffff].as_slice()].concat()).map(|_| ()));
    assert_eq!(result, Err(DecodeError::Tag(0xf0)));
    assert!(held < 1 << 20, "{held}");

    // As many of the smallest nodes as fit: memory follows what has arrived, up to the limit of items.
    let mut many = vec![0xf8, 2, 3, 0xf8, 20];
    for _ in 0..20 {
        many.extend([0xf8, 2, 3, 0xf9, 0xff, 0xff]);
        many.extend([0xf8, 1, 3].repeat(0xffff));
    }
    let (held, result) = peak(|| decode(&many).map(|_| ()));
    assert_eq!(result, Err(DecodeError::TooMany));
    assert!(held < 256 << 20, "{held}");

    // Frames and routing information that are only announced.
    let (held, _) = peak(|| {
        let mut decoder = FrameDecoder::default();
        decoder.push(&[0xff; 64]);
        assert_eq!(decoder.next_frame(), Ok(None));
        assert_eq!(IntroParser::new().push(b"ED\0\x01\0\xff\xff"), Ok(None));
    });
    assert!(held < 1 << 10, "{held}");
}
