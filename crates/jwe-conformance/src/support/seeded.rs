//! Bytes that look random and are the same in every run with the same seed.

/// The variable that sets another seed, as a decimal number.
const VARIABLE: &str = "JWE_CONFORMANCE_SEED";
const DEFAULT_SEED: u64 = 7516;

/// `SplitMix64` (Steele, Lea and Flood 2014): good enough to make inputs, no secret comes from it.
pub(crate) struct Seeded(u64);

impl Seeded {
    /// Starts from the seed of this run, made different for each `purpose`, and prints it: the
    /// test harness shows it when the test fails.
    pub(crate) fn new(purpose: &str) -> Self {
        let seed =
            std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SEED);
        println!("{purpose}: {VARIABLE}={seed}");
        Self::start(seed, purpose)
    }

    /// The same in every run: for keys.
    pub(crate) fn fixed(purpose: &str) -> Self {
        Self::start(DEFAULT_SEED, purpose)
    }

    fn start(seed: u64, purpose: &str) -> Self {
        let mut state = seed;
        for byte in purpose.bytes() {
            state = state.wrapping_mul(0x0000_0100_0000_01b3) ^ u64::from(byte);
        }
        Self(state)
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a length");
        usize::try_from(self.word() % limit).expect("below a length")
    }

    /// So many bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len.div_ceil(8)).flat_map(|_| self.word().to_le_bytes()).take(len).collect()
    }
}
