//! The signature of a webhook: HMAC-SHA256 with a secret that sender and receiver share, over the time of sending and
//! the body, so that neither can be altered and an old message cannot be played again later.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header with the signature, `sha256=` and 64 hexadecimal digits.
pub const SIGNATURE: &str = "X-Gtmi-Signature";
/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP: &str = "X-Gtmi-Timestamp";

/// The value of the header [`SIGNATURE`]: of the timestamp in decimal digits, a full stop, and the body.
pub fn sign(secret: &[u8], timestamp: i64, body: &[u8]) -> String {
    let digest = mac(secret, timestamp, body).finalize().into_bytes();
    digest.iter().fold("sha256=".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a message is genuine and at most `most_seconds` old (or early): what a receiver does.
pub fn verify(
    secret: &[u8],
    timestamp: i64,
    body: &[u8],
    signature: &str,
    now: i64,
    most_seconds: u64,
) -> bool {
    let Some(digits) = signature.strip_prefix("sha256=").filter(|digits| digits.len() == 64) else {
        return false;
    };
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or(""), 16).ok();
    let Some(given) = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>() else {
        return false;
    };
    now.abs_diff(timestamp) <= most_seconds && mac(secret, timestamp, body).verify_slice(&given).is_ok()
}

fn mac(secret: &[u8], timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { unreachable!("HMAC takes any key") };
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // Computed with: printf '1669000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            sign(b"secret", 1_669_000_000, b"{}"),
            "sha256=c590895c7e007bacfa89ee1465c858379e27184c4410fa166ecffa7c61e667f7"
        );
    }

    #[test]
    fn what_was_altered_or_is_old_is_not_genuine() {
        let signature = sign(b"secret", 1_000, b"{\"a\": 1}");
        let verdict = |secret: &[u8], timestamp, body: &[u8], signature: &str, now| {
            verify(secret, timestamp, body, signature, now, 300)
        };
        assert!(verdict(b"secret", 1_000, b"{\"a\": 1}", &signature, 1_200));
        assert!(!verdict(b"secret", 1_000, b"{\"a\": 2}", &signature, 1_200));
        assert!(!verdict(b"secret", 1_001, b"{\"a\": 1}", &signature, 1_200));
        assert!(!verdict(b"other", 1_000, b"{\"a\": 1}", &signature, 1_200));
        assert!(!verdict(b"secret", 1_000, b"{\"a\": 1}", &signature, 1_301));
        assert!(!verdict(b"secret", 1_000, b"{\"a\": 1}", "sha256=zz", 1_000));
        assert!(!verdict(b"secret", 1_000, b"{\"a\": 1}", &signature.replace("sha256=", ""), 1_000));
    }
}
