//! A seeded pseudorandom number generator, so that a run can be repeated.

/// SplitMix64. Every seed, even a small one, gives a different sequence.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A sequence for part `number` of a run with `seed`, so that parallel parts have independent sequences.
    pub fn of_part(seed: u64, number: usize) -> Self {
        let number = u64::try_from(number).unwrap_or_default();
        Self::new(scrambled(seed.wrapping_add(scrambled(number))))
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(1);
        scrambled(self.state)
    }

    /// The next number, below `bound`.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let below = self.draw() % u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(below).unwrap_or(usize::MAX)
    }

    /// A number below `bound` that depends only on `seed` and `name`.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn of(seed: u64, name: &str, bound: usize) -> usize {
        let fold = |sum: u64, byte: u8| scrambled(sum.wrapping_add(u64::from(byte)));
        Self::new(name.bytes().fold(seed, fold)).below(bound)
    }
}

/// The output function of SplitMix64.
fn scrambled(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) >> 8
}
