//! Plaintexts of few lengths, so that a short secret is not told by its length.

/// How the length of values is hidden, under [`PlaintextEncoding::Text`](crate::PlaintextEncoding).
/// By default it is not: a JWE is as long as its plaintext asks for, and a PIN of four digits looks
/// other than one of six.
///
/// With a bucket the plaintext is the text in UTF-8, the byte `0x80`, and zero bytes up to a length
/// that is one more than a multiple of the bucket, at least one bucket. All texts that the bucket holds
/// then have one length; a longer one tells how many buckets it fills. The recipient has to know: what
/// is padded is no UTF-8, so that a [`FieldDecrypter`](crate::FieldDecrypter) that does not know of it gives an error, and
/// not the padding. One that knows counts each text as the longest that the plaintext could hold against the
/// limit of a document, so that reaching the limit does not tell its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// In bytes; none if it is zero.
    bucket: usize,
}

/// What separates the text from the zero bytes: no text in UTF-8 has this byte behind a whole
/// character.
const END: u8 = 0x80;

impl Padding {
    /// The most bytes of a bucket.
    pub const LARGEST_BUCKET: usize = 4096;

    /// Padding to multiples of a bucket; `None` unless it has 1 to
    /// [`LARGEST_BUCKET`](Self::LARGEST_BUCKET) bytes.
    #[must_use]
    pub fn to_bucket(bytes: usize) -> Option<Self> {
        (1..=Self::LARGEST_BUCKET).contains(&bytes).then_some(Self { bucket: bytes })
    }

    /// Whether nothing is padded.
    pub(crate) fn is_none(self) -> bool {
        self.bucket == 0
    }

    /// The length of the plaintext of a text of `len` bytes.
    pub(crate) fn padded_len(self, len: usize) -> usize {
        if self.is_none() {
            return len;
        }
        len.div_ceil(self.bucket).max(1).saturating_mul(self.bucket).saturating_add(1)
    }

    /// The most bytes that the text of a padded plaintext takes where each of its bytes is written as
    /// `escape` of them at most; `None` if it is not padded. It tells nothing of the text.
    pub(crate) fn longest(self, plaintext: &[u8], escape: usize) -> Option<usize> {
        (!self.is_none()).then(|| plaintext.len().saturating_sub(1).saturating_mul(escape))
    }

    /// Pads a text.
    pub(crate) fn pad(self, text: &mut Vec<u8>) {
        if !self.is_none() {
            let padded_len = self.padded_len(text.len());
            text.push(END);
            text.resize(padded_len, 0);
        }
    }

    /// The text of a plaintext; `None` if it is not padded in just this way.
    pub(crate) fn text(self, plaintext: &[u8]) -> Option<&[u8]> {
        if self.is_none() {
            return Some(plaintext);
        }
        let end = plaintext.iter().rposition(|byte| *byte != 0)?;
        let (text, padding) = plaintext.split_at_checked(end)?;
        (padding.first() == Some(&END) && self.padded_len(text.len()) == plaintext.len())
            .then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Padding;
    use crate::test_support::runner;

    #[test]
    fn a_bucket_has_one_length() {
        for bucket in [1, 2, 7, 16, 64, 255, 4096] {
            let padding = Padding::to_bucket(bucket).unwrap();
            for len in 0..=bucket {
                let mut text = vec![b'x'; len];
                padding.pad(&mut text);
                assert_eq!(text.len(), bucket + 1);
                assert_eq!(text.len(), padding.padded_len(len));
                assert_eq!(padding.text(&text), Some(vec![b'x'; len].as_slice()));
                assert!(str::from_utf8(&text).is_err());
            }
            assert_eq!(padding.padded_len(bucket + 1), 2 * bucket + 1);
            assert_eq!(padding.padded_len(10 * bucket), 10 * bucket + 1);
        }
        for bucket in [0, 4097, usize::MAX] {
            assert_eq!(Padding::to_bucket(bucket), None);
        }
        assert_eq!(Padding::to_bucket(64).unwrap().padded_len(usize::MAX), usize::MAX);
    }

    #[test]
    fn nothing_else_is_taken_for_padded() {
        let padding = Padding::to_bucket(4).unwrap();
        for good in
            [&b"\x80\0\0\0\0"[..], b"abcd\x80", b"abc\x80\0", b"a\0\0\0\x80", b"abcde\x80\0\0\0"]
        {
            assert!(padding.text(good).is_some(), "{good:?}");
        }
        for wrong in [
            &b""[..],
            b"\0",
            b"\0\0\0\0\0",
            b"abcd",
            b"abcde",
            b"abcd\0",
            b"\x80",
            b"abcd\x81",
            b"abc\x80",
            b"abc\x80\0\0",
            b"abcd\x80\0\0\0\0",
            b"\x80\0\0\0\0\0\0\0\0",
            b"abc\x80\x01",
        ] {
            assert_eq!(padding.text(wrong), None, "{wrong:?}");
        }
        assert_eq!(Padding::default().text(b"\x80"), Some(&b"\x80"[..]));
    }

    #[test]
    fn any_text_comes_back() {
        let text = prop_oneof![
            any::<String>(),
            any::<String>().prop_map(|text| text + "\0"),
            any::<String>().prop_map(|text| text + "\u{80}"),
            any::<String>().prop_map(|text| text + "\u{80}\0\0"),
            "[\0\u{80}\u{7f}a]{0,40}",
        ];
        runner(2000)
            .run(&(text, 1..=70_usize), |(text, bucket)| {
                let padding = Padding::to_bucket(bucket).unwrap();
                let mut padded = text.clone().into_bytes();
                padding.pad(&mut padded);
                prop_assert_eq!(padded.len() % bucket, 1 % bucket);
                prop_assert!(padded.len() > bucket);
                prop_assert!(str::from_utf8(&padded).is_err());
                prop_assert_eq!(padding.text(&padded), Some(text.as_bytes()));
                Ok(())
            })
            .unwrap();
    }
}
