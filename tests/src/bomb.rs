//! DEFLATE streams (RFC 1951) that unfold to a thousand times their length.

/// One literal byte and `repeats` copies of 258 bytes, all of them zero, as raw DEFLATE.
///
/// One block with a code of its own (§3.2.7), in which each copy takes two bits, the fewest that
/// there can be.
#[must_use]
pub fn zeros(repeats: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, of type 2; 286 literal and length codes, one distance code, and the lengths
    // of 18 codes of code lengths.
    bits.number(1, 1);
    bits.number(2, 2);
    bits.number(286 - 257, 5);
    bits.number(0, 5);
    bits.number(18 - 4, 4);
    // In the order 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1.
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        bits.number(length, 3);
    }
    // So 18 is `0`, 1 is `10` and 2 is `11`.
    let no_codes = |bits: &mut Bits, count: u32| {
        bits.code("0");
        bits.number(count - 11, 7);
    };
    bits.code("11"); // Literal 0 has two bits,
    no_codes(&mut bits, 138);
    no_codes(&mut bits, 117);
    bits.code("11"); // the end of the block too,
    no_codes(&mut bits, 28);
    bits.code("10"); // length 258 has one,
    bits.code("10"); // and so has distance 1.
    bits.code("10");
    for _ in 0..repeats {
        bits.code("00");
    }
    bits.code("11");
    bits.bytes
}

/// The length that [`zeros`] unfolds to.
#[must_use]
pub fn zeros_len(repeats: usize) -> usize {
    1 + 258 * repeats
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn bit(&mut self, bit: bool) {
        if self.used == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << self.used;
        }
        self.used = (self.used + 1) % 8;
    }

    /// A number, its lowest bit first.
    fn number(&mut self, number: u32, bits: u32) {
        (0..bits).for_each(|at| self.bit(number >> at & 1 == 1));
    }

    /// The bits of a code, as they stand there.
    fn code(&mut self, code: &str) {
        code.bytes().for_each(|bit| self.bit(bit == b'1'));
    }
}
