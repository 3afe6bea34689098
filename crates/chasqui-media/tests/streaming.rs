//! Whole files and parts of them: however they are cut the bytes are the same, and nothing altered passes.

use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use chasqui_media::{
    Check, Decryptor, Encrypted, Encryptor, Expected, MAC_LEN, MediaError, MediaKey, MediaKeys, MediaKind,
    PlainVerifier, RangeDecryptor, RangePlan, Sidecar, Verified, encrypted_length,
};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn keys() -> MediaKeys {
    MediaKey::new([9; 32]).derive(MediaKind::Video)
}

fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i.wrapping_mul(2_654_435_761) >> 7) as u8).collect()
}

fn mac(parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(keys().mac_key()).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes()[..MAC_LEN].to_vec()
}

/// The formulas of the document in one go, with nothing of the crate but its keys.
fn by_the_book(plain: &[u8], first_frame: usize) -> (Vec<u8>, Encrypted) {
    let keys = keys();
    let ct = cbc::Encryptor::<aes::Aes256>::new(keys.cipher_key().into(), keys.iv().into())
        .encrypt_padded_vec::<Pkcs7>(plain);
    let file = [&ct[..], &mac(&[keys.iv(), &ct])].concat();
    let stream = [keys.iv(), &file[..]].concat();
    let windows = (0..stream.len()).step_by(65536);
    let sidecar = windows.flat_map(|at| mac(&[&stream[at..stream.len().min(at + 65552)]])).collect();
    let first = ct.get(..first_frame.next_multiple_of(16)).map(|ct| mac(&[keys.iv(), ct]).try_into().unwrap());
    let encrypted = Encrypted {
        file_sha256: Sha256::digest(plain).into(),
        file_enc_sha256: Sha256::digest(&file).into(),
        file_length: plain.len() as u64,
        encrypted_length: file.len() as u64,
        streaming_sidecar: Some(sidecar),
        first_frame_sidecar: first,
    };
    (file, encrypted)
}

/// Cuts bytes into pieces of the given lengths, over and over.
fn cut<'a>(bytes: &'a [u8], lengths: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = bytes;
    lengths.iter().cycle().map_while(move |&length| {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        rest = after;
        (!piece.is_empty() || length == 0 && !rest.is_empty()).then_some(piece)
    })
}

fn encrypt(plain: &[u8], first_frame: usize, lengths: &[usize]) -> (Vec<u8>, Encrypted) {
    let keys = keys();
    let mut file = Vec::new();
    let mut encryptor = Encryptor::new(&keys).with_sidecar(&keys).with_first_frame(&keys, first_frame as u32);
    cut(plain, lengths).for_each(|piece| encryptor.update(piece, &mut file));
    let encrypted = encryptor.finish(&mut file);
    (file, encrypted)
}

fn decrypt(file: &[u8], expected: Expected, lengths: &[usize]) -> Result<(Vec<u8>, Verified), MediaError> {
    let mut decryptor = Decryptor::new(&keys(), expected);
    let mut plain = Vec::new();
    for piece in cut(file, lengths) {
        decryptor.update(piece, &mut plain)?;
    }
    let verified = decryptor.finish(&mut plain)?;
    Ok((plain, verified))
}

fn expected(encrypted: &Encrypted) -> Expected {
    Expected {
        file_sha256: Some(encrypted.file_sha256),
        file_enc_sha256: Some(encrypted.file_enc_sha256),
        file_length: Some(encrypted.file_length),
        max_length: encrypted.file_length,
    }
}

fn fetch(file: &[u8], plan: RangePlan, sidecar: Option<Sidecar>, lengths: &[usize]) -> Result<Vec<u8>, MediaError> {
    let range = plan.fetch();
    let mut decryptor = match sidecar {
        Some(sidecar) => RangeDecryptor::verified(&keys(), plan, sidecar),
        None => RangeDecryptor::new(&keys(), plan),
    };
    let mut part = Vec::new();
    for piece in cut(&file[range.start as usize..range.end as usize], lengths) {
        decryptor.update(piece, &mut part)?;
    }
    decryptor.finish()?;
    assert_eq!(part.len() as u64, plan.length());
    Ok(part)
}

#[test]
fn every_length_at_a_border_gives_the_file_of_the_document() {
    const MIB5: usize = 5 << 20;
    let around = |length: usize| length.saturating_sub(1)..=length + 1;
    let borders = [0, 15, 26, 48, 64, 74, 90, 128, 65520, 65536, 131_040, 131_056, 131_072, MIB5];
    for length in borders.into_iter().flat_map(around) {
        let plain = plaintext(length);
        let (file, encrypted) = by_the_book(&plain, 100);
        assert_eq!(encrypt(&plain, 100, &[4093, 65536, 1, 64, 130]), (file.clone(), encrypted.clone()), "{length}");
        assert_eq!(encrypted_length(length as u64), Some(file.len() as u64));
        let (out, verified) = decrypt(&file, expected(&encrypted), &[1460, 16384, 25, 1, 63]).unwrap();
        assert_eq!((out, verified.file_length), (plain, length as u64));
        Sidecar::new(&encrypted.streaming_sidecar.unwrap(), length as u64).unwrap();
    }
}

#[test]
fn a_part_without_an_end_goes_to_the_end() {
    let plain = plaintext(200_000);
    let (file, encrypted) = by_the_book(&plain, 0);
    let sidecar = Sidecar::new(&encrypted.streaming_sidecar.unwrap(), 200_000).unwrap();
    for start in [0, 1, 15, 16, 17, 65535, 65536, 131_072, 199_983, 199_984, 199_999] {
        let wanted = &plain[start as usize..];
        let plan = RangePlan::new(start, None, 200_000).unwrap();
        assert_eq!(fetch(&file, plan, None, &[1000]).unwrap(), wanted);
        let plan = RangePlan::windows(start, Some(u64::MAX), 200_000).unwrap();
        assert_eq!(fetch(&file, plan, Some(sidecar.clone()), &[1000]).unwrap(), wanted);
    }
    for (start, end) in [(200_000, None), (5, Some(5)), (6, Some(5)), (u64::MAX, None)] {
        assert_eq!(RangePlan::new(start, end, 200_000), None);
        assert_eq!(RangePlan::windows(start, end, 200_000), None);
    }
    assert_eq!(RangePlan::new(0, None, u64::MAX), None);
}

#[test]
fn a_host_that_sends_other_bytes_than_asked_for_is_noticed() {
    let (file, _) = by_the_book(&plaintext(1000), 0);
    let plan = RangePlan::new(100, Some(200), 1000).unwrap();
    let mut decryptor = RangeDecryptor::new(&keys(), plan);
    assert!(matches!(decryptor.update(&file, &mut Vec::new()), Err(MediaError::TooLong { limit: 129 })));
    let mut decryptor = RangeDecryptor::new(&keys(), plan);
    decryptor.update(&file[80..200], &mut Vec::new()).unwrap();
    assert!(matches!(decryptor.finish(), Err(MediaError::Truncated { received: 120, expected: Some(129) })));
}

#[test]
fn a_sidecar_lets_nothing_altered_out() {
    let plain = plaintext(200_000);
    let (mut file, encrypted) = by_the_book(&plain, 0);
    let bytes = encrypted.streaming_sidecar.unwrap();
    for wrong in [&bytes[..39], &bytes[..30], &[&bytes[..], &[0; 10]].concat()] {
        assert!(matches!(Sidecar::new(wrong, 200_000), Err(MediaError::Corrupt(Check::Sidecar))));
    }
    let sidecar = Sidecar::new(&bytes, 200_000).unwrap();
    file[70_000] ^= 1;
    let plan = RangePlan::windows(0, None, 200_000).unwrap();
    let mut decryptor = RangeDecryptor::verified(&keys(), plan, sidecar.clone());
    let mut part = Vec::new();
    let result = cut(&file, &[999]).try_for_each(|piece| decryptor.update(piece, &mut part));
    assert!(matches!(result, Err(MediaError::Corrupt(Check::Sidecar))));
    assert_eq!(part, plain[..65536]);
    let plan = RangePlan::windows(140_000, Some(150_000), 200_000).unwrap();
    assert_eq!(fetch(&file, plan, Some(sidecar), &[999]).unwrap(), plain[140_000..150_000]);
}

#[test]
fn each_check_has_its_name() {
    let plain = plaintext(1000);
    let (file, encrypted) = by_the_book(&plain, 0);
    let good = expected(&encrypted);
    let check = |expected: Expected, file: &[u8]| match decrypt(file, expected, &[100]) {
        Err(MediaError::Corrupt(check)) => Some(check),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(check(good.clone(), &file), None);
    let mut bad = file.clone();
    bad[500] ^= 0x80;
    assert_eq!(check(good.clone(), &bad), Some(Check::EncryptedHash));
    assert_eq!(check(Expected { file_enc_sha256: None, ..good.clone() }, &bad), Some(Check::Mac));
    assert_eq!(check(Expected { file_sha256: Some([0; 32]), ..good.clone() }, &file), Some(Check::PlainHash));
    assert_eq!(check(Expected { file_length: Some(999), ..good.clone() }, &file), Some(Check::Length));

    // A sender that pads wrongly and signs it.
    let keys = keys();
    let mut block = [[0; 16].into()];
    let mut cbc = cbc::Encryptor::<aes::Aes256>::new(keys.cipher_key().into(), keys.iv().into());
    cbc.encrypt_blocks(&mut block);
    let signed = [&block[0][..], &mac(&[keys.iv(), &block[0]])].concat();
    assert_eq!(check(Expected::at_most(100), &signed), Some(Check::Padding));
}

#[test]
fn an_endless_file_ends_at_the_limit() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.0 += out.len() as u64;
            Ok(out.len())
        }
    }
    let mut source = Endless(0);
    let result = Decryptor::new(&keys(), Expected::at_most(1_000_000)).copy(&mut source, std::io::sink());
    assert!(matches!(result, Err(MediaError::TooLong { limit: 1_000_026 })));
    assert!(source.0 < 1_200_000);
    let named = Expected { file_length: Some(10), ..Expected::at_most(1_000_000) };
    let result = Decryptor::new(&keys(), named.clone()).copy(Endless(0), std::io::sink());
    assert!(matches!(result, Err(MediaError::TooLong { limit: 26 })));
    let result = PlainVerifier::new(named).copy(Endless(0), std::io::sink());
    assert!(matches!(result, Err(MediaError::TooLong { limit: 10 })));
    // The limit is one of plaintext, also where the padding would leave room for a few bytes more.
    let (file, _) = by_the_book(&plaintext(1001), 0);
    assert!(matches!(decrypt(&file, Expected::at_most(1000), &[100]), Err(MediaError::TooLong { .. })));
}

#[test]
fn a_source_or_target_that_fails_is_told_apart() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let read = Encryptor::new(&keys()).copy(Broken, std::io::sink());
    assert!(matches!(read, Err(MediaError::Read(error)) if error.kind() == std::io::ErrorKind::ConnectionReset));
    let write = Encryptor::new(&keys()).copy(&b"text"[..], Broken);
    assert!(matches!(write, Err(MediaError::Write(error)) if error.kind() == std::io::ErrorKind::StorageFull));
}

#[test]
fn a_file_in_the_clear_is_held_against_its_hash() {
    let plain = plaintext(100_000);
    let hash: [u8; 32] = Sha256::digest(&plain).into();
    let expected = Expected { file_sha256: Some(hash), file_length: Some(100_000), ..Expected::at_most(1 << 20) };
    let mut out = Vec::new();
    let verified = PlainVerifier::new(expected.clone()).copy(&plain[..], &mut out).unwrap();
    assert_eq!((out, verified.file_sha256, verified.file_length), (plain.clone(), hash, 100_000));
    let short = PlainVerifier::new(expected.clone()).copy(&plain[1..], std::io::sink());
    assert!(matches!(short, Err(MediaError::Truncated { received: 99_999, expected: Some(100_000) })));
    let mut bad = plain;
    bad[1] ^= 1;
    let bad = PlainVerifier::new(expected).copy(&bad[..], std::io::sink());
    assert!(matches!(bad, Err(MediaError::Corrupt(Check::PlainHash))));
}

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![0..40usize, 0..300usize, 0..70_000usize], 1..8)
        .prop_filter("no progress", |lengths| lengths.iter().any(|length| *length > 0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_gives_the_same_bytes(
        length in prop_oneof![0..200usize, 0..200_000usize],
        first_frame in 0..3000usize,
        ways in (lengths(), lengths()),
    ) {
        let plain = plaintext(length);
        let book = by_the_book(&plain, first_frame);
        prop_assert_eq!(&encrypt(&plain, first_frame, &ways.0), &book);
        let (out, verified) = decrypt(&book.0, expected(&book.1), &ways.1).unwrap();
        prop_assert_eq!(out, plain);
        prop_assert_eq!(verified.file_enc_sha256, book.1.file_enc_sha256);
    }

    #[test]
    fn any_altered_bit_is_found_without_any_hash(length in 0..2000usize, at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let (mut file, _) = by_the_book(&plaintext(length), 0);
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        let result = decrypt(&file, Expected::at_most(2000), &[333]);
        prop_assert!(matches!(result, Err(MediaError::Corrupt(Check::Mac))));
    }

    #[test]
    fn any_cut_off_end_is_found(length in 0..2000usize, keep in any::<prop::sample::Index>(), known: bool) {
        let (file, encrypted) = by_the_book(&plaintext(length), 0);
        let short = &file[..keep.index(file.len())];
        let expected = Expected { file_length: known.then_some(encrypted.file_length), ..Expected::at_most(2000) };
        match decrypt(short, expected, &[333]) {
            Err(MediaError::Truncated { received, .. }) => prop_assert_eq!(received, short.len() as u64),
            Err(MediaError::Corrupt(Check::Mac)) => prop_assert!(!known),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_part_is_that_of_the_plaintext(
        length in prop_oneof![1..300usize, 1..200_000usize],
        range in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        way in lengths(),
    ) {
        let plain = plaintext(length);
        let (file, encrypted) = by_the_book(&plain, 0);
        let (start, end) = (range.0.index(length), range.1.index(length + 1));
        let plan = RangePlan::new(start as u64, Some(end as u64), length as u64);
        prop_assert_eq!(plan.is_none(), start >= end);
        if let Some(plan) = plan {
            prop_assert_eq!(fetch(&file, plan, None, &way).unwrap(), &plain[start..end]);
            let sidecar = Sidecar::new(&encrypted.streaming_sidecar.unwrap(), length as u64).unwrap();
            let plan = RangePlan::windows(start as u64, Some(end as u64), length as u64).unwrap();
            prop_assert_eq!(fetch(&file, plan, Some(sidecar), &way).unwrap(), &plain[start..end]);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read_but_never_panic(file in prop::collection::vec(any::<u8>(), 0..500), way in lengths(), start: u64, end: Option<u64>, length: u64) {
        prop_assert!(decrypt(&file, Expected::at_most(1000), &way).is_err());
        for plan in [RangePlan::new(start, end, length), RangePlan::windows(start, end, length)].into_iter().flatten() {
            prop_assert!(plan.length() > 0 && plan.fetch().start < plan.fetch().end);
            let _ = RangeDecryptor::new(&keys(), plan).update(&file, &mut Vec::new());
        }
        let _ = chasqui_media::sticker::first_frame_length(&file);
        let _ = chasqui_media::retry::open_answer(&MediaKey::new([1; 32]), "3EB0", &file, &file[..file.len().min(12)]);
    }
}
