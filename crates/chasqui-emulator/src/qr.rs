//! The text of a pairing QR code, as the phone's camera reads it (02-pairing §2.2).

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::curve::PublicKey;

use crate::error::EmulatorError;

/// Longest text that can be a QR code (version 40, binary).
const MAX_LEN: usize = 2953;

/// A QR code: `[prefix#]ref,noise,identity,secret[,platform…]`.
pub(crate) struct QrCode {
    pub reference: String,
    pub noise: PublicKey,
    pub identity: PublicKey,
    pub adv_secret: [u8; 32],
}

impl QrCode {
    /// Reads the text. The three keys are the only consecutive fields of 32 bytes each; what is before them is the
    /// ref, even if it holds commas.
    pub fn parse(text: &str) -> Result<Self, EmulatorError> {
        let text = text.trim();
        if text.len() > MAX_LEN {
            return Err(EmulatorError::InvalidQr("it is too long"));
        }
        let text = text.rsplit_once('#').map_or(text, |(_, code)| code);
        let fields: Vec<&str> = text.split(',').collect();
        let keys: Vec<Option<[u8; 32]>> =
            fields.iter().map(|field| BASE64.decode(field).ok()?.try_into().ok()).collect();
        let at = (1..keys.len())
            .find(|at| keys.get(*at..*at + 3).is_some_and(|three| three.iter().all(Option::is_some)))
            .ok_or(EmulatorError::InvalidQr("it does not hold three keys of 32 bytes"))?;
        let reference = fields.get(..at).unwrap_or_default().join(",");
        match keys.get(at..at + 3) {
            Some([Some(noise), Some(identity), Some(adv_secret)]) if !reference.is_empty() => Ok(Self {
                reference,
                noise: PublicKey::new(*noise),
                identity: PublicKey::new(*identity),
                adv_secret: *adv_secret,
            }),
            _ => Err(EmulatorError::InvalidQr("it has no ref")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYS: &str = "5ob+XdMte9+Tpdta2Kyz0fbvheWLBn7hIeu4cq1dGhE=,i5Sbl1mKAQWlCr3evdHZRVwjKEfAmS9YM3qlXaWXwBw=,DzWdSyXAkHX2vgqzSwMh/2SH2iM3d+0nBpiFKiw4U0s=";

    #[test]
    fn every_form_that_clients_show_is_read() {
        for (text, reference) in [
            (format!("https://wa.me/settings/linked_devices#2@ref,{KEYS},1"), "2@ref"),
            (format!("2@ref,{KEYS},1"), "2@ref"),
            (format!("2@ref,{KEYS}"), "2@ref"),
            (format!("2@a,b,{KEYS},1,https://help"), "2@a,b"),
            (format!(" 2@ref,{KEYS},1\n"), "2@ref"),
        ] {
            let code = QrCode::parse(&text).unwrap();
            assert_eq!(code.reference, reference);
            assert_eq!(code.adv_secret[..2], [0x0f, 0x35]);
        }
    }

    #[test]
    fn what_is_not_a_qr_code_is_refused() {
        for text in ["", "hello", "a,b,c,d,e", &format!(",{KEYS},1"), KEYS, &"x".repeat(5000)] {
            assert!(matches!(QrCode::parse(text), Err(EmulatorError::InvalidQr(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,400}") {
            let _ = QrCode::parse(&text);
        }

        #[test]
        fn a_code_survives_being_written_and_read(reference in "[ -+\\--~]{1,60}", keys: [[u8; 32]; 3]) {
            prop_assume!(!reference.contains('#') && !reference.trim().is_empty() && reference.trim() == reference);
            let text = format!("{reference},{}", keys.map(|key| BASE64.encode(key)).join(","));
            let code = QrCode::parse(&text).unwrap();
            prop_assert_eq!(code.reference, reference);
            prop_assert_eq!(code.adv_secret, keys[2]);
        }
    }
}
