//! Numbers as long as an RSA modulus, so that a test can encrypt a block of its own making.

/// Words, the lowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number(Vec<u32>);

impl Number {
    /// From bytes, the highest first, as many as make whole words.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        assert_eq!(bytes.len() % 4, 0);
        let words = bytes.rchunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap()));
        Self(words.collect())
    }

    /// A small number with as many words as another one.
    pub(crate) fn small(number: u32, like: &Self) -> Self {
        let mut words = vec![0; like.0.len()];
        words[0] = number;
        Self(words)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
    }

    /// The sum, and whether it is longer than the numbers.
    pub(crate) fn plus(&self, other: &Self) -> (Self, bool) {
        let mut carry = 0;
        let words = self.0.iter().zip(&other.0).map(|(one, two)| {
            let sum = u64::from(*one) + u64::from(*two) + carry;
            carry = sum >> 32;
            sum as u32
        });
        (Self(words.collect()), carry == 1)
    }

    /// The difference, and whether it is below zero.
    pub(crate) fn minus(&self, other: &Self) -> (Self, bool) {
        let mut borrow = 0;
        let words = self.0.iter().zip(&other.0).map(|(one, two)| {
            let difference = i64::from(*one) - i64::from(*two) - borrow;
            borrow = i64::from(difference < 0);
            difference as u32
        });
        (Self(words.collect()), borrow == 1)
    }

    fn sum_modulo(&self, other: &Self, modulus: &Self) -> Self {
        let (sum, is_long) = self.plus(other);
        let (reduced, is_below) = sum.minus(modulus);
        if is_long || !is_below { reduced } else { sum }
    }

    /// The product of two numbers below the modulus, by doubling and adding.
    fn product_modulo(&self, other: &Self, modulus: &Self) -> Self {
        let mut product = Self::small(0, modulus);
        for word in other.0.iter().rev() {
            for bit in (0..32).rev() {
                product = product.sum_modulo(&product, modulus);
                if word >> bit & 1 == 1 {
                    product = product.sum_modulo(self, modulus);
                }
            }
        }
        product
    }

    /// What the RSA operation with the public exponent 65537 makes of it.
    pub(crate) fn encrypted(&self, modulus: &Self) -> Self {
        let mut power = self.clone();
        for _ in 0..16 {
            power = power.product_modulo(&power, modulus);
        }
        power.product_modulo(self, modulus)
    }
}

#[test]
fn is_arithmetic() {
    let number = |number: u64| Number::of(&number.to_be_bytes());
    let modulus = number(0xffff_ffff_0000_0001);
    // 3^65537 by another way of counting.
    let mut expected = 1_u128;
    for _ in 0..65_537 {
        expected = expected * 3 % 0xffff_ffff_0000_0001;
    }
    assert_eq!(number(3).encrypted(&modulus), number(expected as u64));
    assert!(number(5).minus(&number(7)).1);
    assert_eq!(number(u64::MAX).plus(&number(2)), (number(1), true));
    assert_eq!(Number::small(7, &modulus).to_bytes(), [0, 0, 0, 0, 0, 0, 0, 7]);
}
