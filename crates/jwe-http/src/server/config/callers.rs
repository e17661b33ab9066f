//! Who may send requests.

use core::fmt;

use http::HeaderName;
use http::header::AUTHORIZATION;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server) struct CallersConfig {
    pub(in crate::server) header: TokenHeader,
    pub(in crate::server) tokens: Vec<TokenConfig>,
    /// Whether a certificate of `tls.client_authorities` is enough.
    pub(in crate::server) certificates: bool,
}

impl Default for CallersConfig {
    fn default() -> Self {
        Self { header: TokenHeader(AUTHORIZATION), tokens: Vec::new(), certificates: false }
    }
}

impl CallersConfig {
    /// Whether anybody has to show something.
    pub(in crate::server) fn any(&self) -> bool {
        self.certificates || !self.tokens.is_empty()
    }
}

/// In which header a token comes.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::server) struct TokenHeader(pub(in crate::server) HeaderName);

impl TryFrom<String> for TokenHeader {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        HeaderName::try_from(&name).map(Self).map_err(|_| {
            format!("{name:?} is not the name of a header: write one such as \"authorization\"")
        })
    }
}

/// A caller's token: only its hash is known here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct TokenConfig {
    /// By which the log names the caller.
    pub(in crate::server) name: String,
    pub(in crate::server) hash: TokenHash,
}

/// `sha256:` and the SHA-256 of a token's bytes in base64url without padding. It is not in `Debug`: a token that
/// people made up could be found by it.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::server) struct TokenHash(pub(in crate::server) [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

impl TryFrom<String> for TokenHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.strip_prefix("sha256:")
            .and_then(base64url)
            .map(Self)
            // The text may be a token that was written here by mistake.
            .ok_or_else(|| {
                "a hash is \"sha256:\" and 43 characters of base64url without padding: write what `printf %s TOKEN | \
                 openssl dgst -sha256 -binary | basenc --base64url | tr -d =` prints, never the token"
                    .to_owned()
            })
    }
}

/// 32 bytes in base64url (RFC 4648 §5) without padding, of which there is one text only.
fn base64url(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let mut into = bytes.iter_mut();
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            *into.next()? = u8::try_from((bits >> held) & 0xff).ok()?;
            bits &= (1 << held) - 1;
        }
    }
    (into.next().is_none() && bits == 0 && text.len() == 43).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64url;

    #[test]
    fn base64url_has_one_text_for_32_bytes() {
        let zeros = "A".repeat(43);
        assert_eq!(base64url(&zeros), Some([0; 32]));
        let ones = format!("{}8", "_".repeat(42));
        assert_eq!(base64url(&ones), Some([255; 32]));
        // Trailing bits, too short, too long, padding, the other alphabet.
        for bad in [
            format!("{}9", "_".repeat(42)),
            "A".repeat(42),
            "A".repeat(44),
            format!("{zeros}="),
            format!("+{}", "A".repeat(42)),
            String::new(),
        ] {
            assert_eq!(base64url(&bad), None, "{bad}");
        }
    }
}
