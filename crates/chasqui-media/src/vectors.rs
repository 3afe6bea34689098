//! The vectors of the document (05-media, "Test vectors"), and what other tests need of them.

use crate::{
    Check, Decryptor, Encrypted, Encryptor, Expected, MediaError, MediaKey, MediaKind, RangeDecryptor, RangePlan,
    Sidecar,
};

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}

/// The media key of all vectors.
pub(crate) fn media_key() -> MediaKey {
    MediaKey::from_slice(&unhex("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f")).unwrap()
}

fn encrypt(kind: MediaKind, plain: &[u8]) -> (Vec<u8>, Encrypted) {
    let keys = media_key().derive(kind);
    let mut file = Vec::new();
    let encryptor = Encryptor::new(&keys).with_sidecar(&keys);
    let encrypted = encryptor.copy(plain, &mut file).unwrap();
    (file, encrypted)
}

/// The video of the document.
fn video() -> Vec<u8> {
    (0..200_000usize).map(|i| (7 * i + (i >> 8)) as u8).collect()
}

#[test]
fn every_kind_has_the_keys_of_the_document() {
    use MediaKind::*;
    #[rustfmt::skip]
    let table = [
        (vec![Image, Sticker, Product, BusinessCover], "533b8ac2f44ea75e6275c36a2c149461", "58d55588b3de45723039c56fe913e8ee525698c6d575a4106a9f5e349caf0aee", "90f865f07f1a6807c9b8b9b28f902760819018a25ddd98e982d1279f5bce74b2"),
        (vec![Video, Gif, Ptv], "9b0760b38af837631b1a831af0ced516", "7ee6cb87725f2486fde610de776d2384f58c170328f0cd125906688d865f5ba8", "a05d1b3e3134b3851b06f08a24be8a06835796c3cb540d1d191fa4d8d75dbe50"),
        (vec![Audio, Ptt], "0ad49eb75c7302581fc40a0d345abc8e", "306d493085d5747ea035b5ac62dde5a86aaedabedb633b8cb0b1c4020ac3894f", "1e7962a54667d8e0bcb5e06b9f7f277552b719caceba9d58c6f61b9e20e5ab40"),
        (vec![Document], "54d446908ec4509baa374ce9d9932efa", "0a8c5ec1213ac5206a9e96874d105a15d47436faba24b3b0dc699bd90ece63f1", "9b25e27fce3e4da64e93d3947be40035596a7b5344589effa172ee72de2a9689"),
        (vec![History], "97d2cfd7c06aef43dc6e05dec680f7ca", "26942b0effda009e287a959ae09b93ded65c41584b580f1a6cb8dec4842bb409", "02833466b1726629813eefba6c05bc9161b2a48fac3a01ec945f3f0e2375f93f"),
        (vec![AppState], "9fc7c1c102b358dea57b66c2b11fa063", "4879b0817e06794470663a0e3eae1c7ab576ea6cd9e0e0c441dfdb096351ca70", "7fc47ae2e27a969b39d2b37afcdf2ab1a883fedd22b83fd1bdc586f4a7046034"),
        (vec![LinkThumbnail], "fb491654873143dff715418d0624bb3b", "8c782daeddef2bcb70427d1d40101a840d888be54ac4596c618c7ca2beb6e762", "971a2e7cd7094a1f4f4156da27fa126b43274758ef7246c8271a78cb2600be09"),
        (vec![StickerPack], "063543753786e74a24cb2b38f9b9e3fb", "2cb44e68fcf79b815ba58fe72c07dae544c4ec2cc46757b78c90e42523bf211e", "4fd8a1d2842c4c2005965a6d4c41cdc00d810983c43c07da0454cd149bbff4b9"),
        (vec![StickerPackThumbnail], "82c92cc68382fe9cb79cc7f7f5e7364c", "2f8ed24600afbae29ad8258cd4d810939b75f273b070e43e94708cc22c70c8cf", "bc1a3a4978f51e5f44b07f1e19473af3bb015b98ddc3f08edab84864827079fb"),
        (vec![ImageThumbnail], "281db1466bee9acc2d076ddfe3150957", "3168c03555a71e1263fbea185b1031023023a6019d779019d04629636c1e0530", "20887f8c70d9fe50b0365d2c92f4ca52eb6429289d7669ccaf18f430915292b7"),
        (vec![VideoThumbnail], "868711a613015dee94e69bcc614127cc", "f09e82bdd61803f63f07a3e67f87594b3765f7f2a65ffb67b9d67e6be2be5fc8", "b2450dfa140290914f161c2972b673c05e457f5ef93d7aa539e876174b331a02"),
        (vec![DocumentThumbnail], "805c9fdc5f958f3a2dfa3369aca0902f", "4f8ac6bd53f5eda3e20b7138e5da3625933631ab9fdb67ab9a2fc6bfc41674aa", "0bc907052101aaf177217c52acd3fa57448b5d611b8349d3272fc46c90347b32"),
    ];
    for (kinds, iv, cipher_key, mac_key) in table {
        for kind in kinds {
            let keys = media_key().derive(kind);
            assert_eq!(keys.iv().to_vec(), unhex(iv), "{kind:?}");
            assert_eq!(keys.cipher_key().to_vec(), unhex(cipher_key), "{kind:?}");
            assert_eq!(keys.mac_key().to_vec(), unhex(mac_key), "{kind:?}");
        }
    }
    let ref_key = unhex("ec40540905059d911db685bfd53b6d64bf73f1d968a81aae8969681e2a2be055");
    assert_eq!(media_key().derive(Image).ref_key().to_vec(), ref_key);
}

#[test]
fn small_files_are_those_of_the_document() {
    let (file, encrypted) = encrypt(MediaKind::Image, b"Chasqui media vector #1\n");
    assert_eq!(file, unhex("740572f1ef12cbe74c7c8cee16123ef58c87a6f0a45618fe3ced00fd1d5917b64cca2935bc118b84f6ad"));
    assert_eq!(
        encrypted.file_sha256.to_vec(),
        unhex("b49b63ef8da052fc12ae4b5ed290161b5fb5fad9754519cb128184cb3bcff6c7")
    );
    assert_eq!(
        encrypted.file_enc_sha256.to_vec(),
        unhex("e944cf22ed94831dcf3b956e12b501ae408d38ada278a3a9895b9e43eadb6cd7")
    );
    assert_eq!((encrypted.file_length, encrypted.encrypted_length), (24, 42));

    let (file, encrypted) = encrypt(MediaKind::Image, b"");
    assert_eq!(file, unhex("4d24280b57321f3f99391de297b62a482df9d3c071e71f71eae4"));
    assert_eq!(
        encrypted.file_enc_sha256.to_vec(),
        unhex("3795f3d6721bd0c789a85d51242653f8ef8ff6105f69f51d114a67f9755d6f1e")
    );
    assert_eq!((encrypted.file_length, encrypted.encrypted_length), (0, 26));

    let (file, encrypted) = encrypt(MediaKind::Image, &[0x61; 16]);
    assert_eq!(file[32..], unhex("8959b9db48df32526f8c"));
    assert_eq!(
        encrypted.file_enc_sha256.to_vec(),
        unhex("e5d3fd60cd4c2fa8189041227e04e7a90fe9c8493cf0b7741cdf593f391dec13")
    );
    assert_eq!((encrypted.file_length, encrypted.encrypted_length), (16, 42));
}

#[test]
fn the_video_and_its_sidecar_are_those_of_the_document() {
    let (file, encrypted) = encrypt(MediaKind::Video, &video());
    assert_eq!(file.len(), 200_026);
    assert_eq!(file[200_016..], unhex("ae30fe2241a4d10db77d"));
    assert_eq!(
        encrypted.file_sha256.to_vec(),
        unhex("df0f6306fcfb22cadc19e9868af0728ea9444c363c55ac205c4782a827176d9e")
    );
    assert_eq!(
        encrypted.file_enc_sha256.to_vec(),
        unhex("b668060db1063baeacc0f79c52a76d3eb0428e607aaf5dcaf7992582fd16b21a")
    );
    let sidecar = encrypted.streaming_sidecar.unwrap();
    assert_eq!(sidecar, unhex("870d82de6290a99f179f49103ddf65aea3516247ddba7c3ebe125643c31c1880c2f73c894da66126"));
    Sidecar::new(&sidecar, 200_000).unwrap();

    let expected = Expected {
        file_sha256: Some(encrypted.file_sha256),
        file_enc_sha256: Some(encrypted.file_enc_sha256),
        file_length: Some(200_000),
        max_length: 200_000,
    };
    let mut plain = Vec::new();
    Decryptor::new(&media_key().derive(MediaKind::Video), expected).copy(&file[..], &mut plain).unwrap();
    assert_eq!(plain, video());
}

#[test]
fn ranges_ask_for_the_bytes_of_the_document() {
    let keys = media_key().derive(MediaKind::Video);
    let (file, _) = encrypt(MediaKind::Video, &video());
    for (start, end, header) in [
        (0, 100, "bytes=0-112"),
        (17, 33, "bytes=0-48"),
        (1000, 2000, "bytes=976-2016"),
        (65536, 65537, "bytes=65520-65552"),
        (199_990, 200_000, "bytes=199968-200016"),
    ] {
        let plan = RangePlan::new(start, Some(end), 200_000).unwrap();
        assert_eq!(plan.header(), header);
        let fetch = plan.fetch();
        let mut part = Vec::new();
        let mut decryptor = RangeDecryptor::new(&keys, plan);
        decryptor.update(&file[fetch.start as usize..fetch.end as usize], &mut part).unwrap();
        decryptor.finish().unwrap();
        assert_eq!(part, video()[start as usize..end as usize]);
    }
}

#[test]
fn the_keys_of_another_kind_fail_at_the_mac() {
    let (file, _) = encrypt(MediaKind::Ptt, b"a voice");
    let keys = media_key().derive(MediaKind::Document);
    let result = Decryptor::new(&keys, Expected::at_most(1000)).copy(&file[..], std::io::sink());
    assert!(matches!(result, Err(MediaError::Corrupt(Check::Mac))));
}
