//! The textual encoding of keys (RFC 7468).

use der::pem::Decoder;
use zeroize::Zeroizing;

use crate::error::ImportError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// The label and the DER of the first block of a text, which may have other text before and behind
/// it, and lines of whatever length.
pub(crate) fn first_block(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), ImportError> {
    let block = cut(text).ok_or(ImportError::NotPem(
        "a block begins with -----BEGIN …----- and ends with -----END …-----, on lines of their own",
    ))?;
    let broken = |_| ImportError::NotPem("the base64 between BEGIN and END is broken");
    let mut decoder = Decoder::new_detect_wrap(block.as_bytes()).map_err(broken)?;
    // A buffer of the exact length that is wiped whether or not all of it can be decoded.
    let mut der = Zeroizing::new(vec![0; decoder.remaining_len()]);
    decoder.decode(&mut der).map_err(broken)?;
    let label = decoder.type_label();
    Ok((label, der))
}

/// From the first BEGIN to the end of the END that follows.
fn cut(text: &str) -> Option<&str> {
    let start = text.match_indices(BEGIN).map(|(at, _)| at).find(|at| begins_line(text, *at))?;
    let block = text.get(start..)?;
    let end = block.find(END)?;
    let label_end = block.get(end + END.len()..)?.find("-----")?;
    block.get(..end + END.len() + label_end + "-----".len())
}

fn begins_line(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['\n', '\r']))
}

#[cfg(test)]
mod tests {
    use super::first_block;

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
