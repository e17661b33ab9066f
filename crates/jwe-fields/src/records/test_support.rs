//! What the tests of this room share.

use super::error::FramingError;
use super::split::{Break, Piece, Split};

/// The pieces of a text that comes in bits of every length. It makes no difference how it comes.
pub(crate) fn pieces<S: Split>(
    new: impl Fn() -> S,
    text: &[u8],
) -> Result<Vec<Piece>, FramingError> {
    broken_pieces(new, text).map_err(|broken| broken.error)
}

/// As [`pieces`], with the byte of the text at which an error is.
pub(crate) fn broken_pieces<S: Split>(
    new: impl Fn() -> S,
    text: &[u8],
) -> Result<Vec<Piece>, Break> {
    let whole = pieces_in_bits(&mut new(), text, text.len().max(1));
    for bit in 1..text.len().min(12) {
        assert_eq!(pieces_in_bits(&mut new(), text, bit), whole, "in bits of {bit}");
    }
    whole
}

fn pieces_in_bits(split: &mut impl Split, text: &[u8], bit: usize) -> Result<Vec<Piece>, Break> {
    let mut found = Vec::new();
    let (mut start, mut end) = (0, 0);
    loop {
        let is_last = end == text.len();
        let next = split.next(&text[start..end], is_last);
        match next.map_err(|Break { at, error }| Break { at: start + at, error })? {
            Some(piece) => {
                assert_ne!(piece.len(), 0);
                start += piece.len();
                assert!(start <= end);
                found.push(piece);
            }
            None if is_last => break,
            None => end = (end + bit).min(text.len()),
        }
    }
    assert_eq!(start, text.len());
    Ok(found)
}

/// It makes no difference to where pieces end and what they are that the beginning of a long one is
/// forgotten, if it is longer than the line end of a blank line.
pub(crate) fn forgets_well<S: Split>(new: impl Fn() -> S, text: &[u8]) {
    let Ok(pieces) = pieces(&new, text) else { return };
    let mut end = 0;
    let wanted: Vec<_> = pieces
        .into_iter()
        .map(|piece| {
            end += piece.len();
            (end, matches!(piece, Piece::Record(_)))
        })
        .collect();
    for (bit, longest) in [(1, 2), (1, 3), (2, 2), (7, 10), (100, 64)] {
        let mut split = new();
        let mut found = Vec::new();
        let (mut start, mut end) = (0, 0);
        loop {
            let is_last = end == text.len();
            match split.next(&text[start..end], is_last).unwrap() {
                Some(piece) => {
                    start += piece.len();
                    found.push((start, matches!(piece, Piece::Record(_))));
                }
                None if is_last => break,
                None => {
                    if end - start > longest {
                        split.forget(end - start);
                        start = end;
                    }
                    end = (end + bit).min(text.len());
                }
            }
        }
        // A piece that ends where the text does may be forgotten as a whole.
        let wanted = if found.len() < wanted.len() { &wanted[..wanted.len() - 1] } else { &wanted };
        assert_eq!(found, wanted, "in bits of {bit}, forgotten beyond {longest}");
    }
}
