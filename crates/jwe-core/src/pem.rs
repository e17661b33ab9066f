//! The textual encoding of keys (RFC 7468). Public for crates that read further formats.

use der::pem::{Decoder, LineEnding};
use zeroize::Zeroizing;

use crate::error::ImportError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The label and the DER of the first block of a text, which may have other text before and behind
/// it, and lines of whatever length. A block `EC PARAMETERS`, which OpenSSL writes before an EC key
/// and which says nothing that the key does not, is passed over.
///
/// # Errors
/// [`ImportError::NotPem`]: no such block, or its base64 is broken; [`ImportError::Unsupported`]
/// for a block that is encrypted in the way of RFC 1421 §4.6.
pub fn first_block(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), ImportError> {
    let mut rest = text;
    loop {
        let (block, behind) = cut(rest).ok_or(ImportError::NotPem(
            "a block begins with -----BEGIN …----- and ends with -----END …-----, on lines of their own",
        ))?;
        if !block.starts_with("-----BEGIN EC PARAMETERS-----") {
            return decode(block);
        }
        rest = behind;
    }
}

fn decode(block: &str) -> Result<(&str, Zeroizing<Vec<u8>>), ImportError> {
    if block.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")) {
        return Err(ImportError::Unsupported(
            "the private key is encrypted in an old way that protects it badly: make an encrypted PKCS #8 \
             of it with `openssl pkcs8 -topk8 -in FILE -out NEW`",
        ));
    }
    let broken = |_| ImportError::NotPem("the base64 between BEGIN and END is broken");
    let mut decoder = Decoder::new_detect_wrap(block.as_bytes()).map_err(broken)?;
    // A buffer of the exact length that is wiped whether or not all of it can be decoded.
    let mut der = Zeroizing::new(vec![0; decoder.remaining_len()]);
    decoder.decode(&mut der).map_err(broken)?;
    let label = decoder.type_label();
    Ok((label, der))
}

/// A block with this label, with lines that end in LF, in a buffer that never grows; `None` when
/// the label can't be one (RFC 7468 §3) or `der` is longer than memory can hold.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> Option<Zeroizing<String>> {
    let len = der::pem::encoded_len(label, LineEnding::LF, der).ok()?;
    let mut pem = Zeroizing::new(vec![0; len]);
    let written = der::pem::encode(label, LineEnding::LF, der, &mut pem).ok()?.len();
    // Base64 is ASCII, so that the text moves and is not copied.
    pem.truncate(written);
    String::from_utf8(core::mem::take(&mut *pem)).ok().map(Zeroizing::new)
}

/// From the first BEGIN to the end of the END that follows, and what is behind.
fn cut(text: &str) -> Option<(&str, &str)> {
    let start = text.match_indices(BEGIN).map(|(at, _)| at).find(|at| begins_line(text, *at))?;
    let block = text.get(start..)?;
    let label = block.find(END)?.checked_add(END.len())?;
    let end = label.checked_add(block.get(label..)?.find(DASHES)?)?;
    block.split_at_checked(end.checked_add(DASHES.len())?)
}

fn begins_line(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['\n', '\r']))
}

#[cfg(test)]
mod tests {
    use super::{encode, first_block};

    const DER: [u8; 75] = [0x5a; 75];

    fn pem(width: usize, line_end: &str) -> String {
        let base64 = base64_simd::STANDARD.encode_to_string(DER);
        let lines: Vec<&str> = (0..base64.len())
            .step_by(width)
            .map(|at| &base64[at..base64.len().min(at + width)])
            .collect();
        format!(
            "-----BEGIN X Y-----{line_end}{}{line_end}-----END X Y-----{line_end}",
            lines.join(line_end)
        )
    }

    #[test]
    fn the_first_block_is_read_however_it_is_wrapped_and_surrounded() {
        for width in [20, 64, 76, 100] {
            for line_end in ["\n", "\r\n"] {
                let good = pem(width, line_end);
                for text in [
                    good.clone(),
                    good.trim_end().to_owned(),
                    format!("{good}\n\n  \n"),
                    format!("Subject: 0 -----BEGIN no\n{good}"),
                    format!("{good}{}", good.replace("X Y", "Z")),
                    format!("{good}-----BEGIN broken"),
                ] {
                    let (label, der) =
                        first_block(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                    assert_eq!((label, der.as_slice()), ("X Y", &DER[..]), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for len in 0..200 {
            let der = vec![0x5a; len];
            let text = encode("X Y", &der).unwrap();
            assert_eq!(text.capacity(), text.len());
            assert!(text.lines().all(|line| line.len() <= 64) && text.ends_with("Y-----\n"));
            if len > 0 {
                let (label, read) = first_block(&text).unwrap();
                assert_eq!((label, read.as_slice()), ("X Y", der.as_slice()));
            }
        }
        assert!(encode("-", &DER).is_none());
    }

    #[test]
    fn parameters_before_a_key_are_passed_over() {
        let parameters =
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        let text = format!("{parameters}{}", pem(64, "\n"));
        assert_eq!(first_block(&text).unwrap().0, "X Y");
        assert_eq!(first_block(parameters).unwrap_err().code(), "key_not_pem");
    }

    #[test]
    fn what_is_broken_is_refused() {
        let good = pem(64, "\n");
        for broken in [
            String::new(),
            "-----BEGIN X Y-----".to_owned(),
            good.replace("-----END X Y-----", ""),
            good.replace("END X Y", "END X"),
            good.replacen("WlpaWlpa", "WlpaWl!a", 1),
            good.replacen("WlpaWlpa", "WlpaWlp", 1),
            good.replace("-----BEGIN X Y-----\n", "-----BEGIN X Y----\n"),
            format!(" {good}"),
        ] {
            assert_eq!(first_block(&broken).unwrap_err().code(), "key_not_pem", "{broken}");
        }
    }
}
