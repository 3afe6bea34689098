//! The loudness of a voice note in 64 points from 0 to 100, computed as its samples pass by.

/// Points of a waveform.
const POINTS: usize = 64;
/// Sums that are kept while the length is not known. When they are full, each two become one of twice as many samples.
const SUMS: usize = 64 * POINTS;

/// Takes samples of 16 bits, little-endian, one channel.
pub(super) struct Waveform {
    /// Sums of absolute values, each of `width` samples.
    sums: Vec<u64>,
    width: u64,
    /// Samples in the sum that is being added to.
    filled: u64,
    current: u64,
    samples: u64,
    /// The first byte of a sample whose second has not come yet.
    half: Option<u8>,
}

impl Default for Waveform {
    fn default() -> Self {
        Self { sums: Vec::new(), width: 1, filled: 0, current: 0, samples: 0, half: None }
    }
}

impl Waveform {
    pub fn update(&mut self, mut bytes: &[u8]) {
        if let (Some(low), Some((high, rest))) = (self.half, bytes.split_first()) {
            self.sample([low, *high]);
            self.half = None;
            bytes = rest;
        }
        let (pairs, rest) = bytes.as_chunks::<2>();
        pairs.iter().for_each(|pair| self.sample(*pair));
        self.half = rest.first().copied().or(self.half);
    }

    fn sample(&mut self, bytes: [u8; 2]) {
        self.samples += 1;
        self.current += u64::from(i16::from_le_bytes(bytes).unsigned_abs());
        self.filled += 1;
        if self.filled < self.width {
            return;
        }
        self.sums.push(std::mem::take(&mut self.current));
        self.filled = 0;
        if self.sums.len() == SUMS {
            self.sums = self.sums.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.width *= 2;
        }
    }

    /// Samples so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The points; silence is all 0.
    pub fn finish(mut self) -> [u8; POINTS] {
        if self.sums.is_empty() {
            self.sums.push(self.current);
        }
        let count = self.sums.len();
        // Of fewer sums than points, one stands for several.
        let mean = |point: usize| {
            let from = point * count / POINTS;
            let to = ((point + 1) * count / POINTS).max(from + 1);
            let sums = self.sums.get(from..to).unwrap_or_default();
            sums.iter().sum::<u64>() / sums.len().max(1) as u64
        };
        let means: [u64; POINTS] = std::array::from_fn(mean);
        let loudest = means.iter().copied().max().unwrap_or(0).max(1);
        means.map(|mean| u8::try_from(mean.saturating_mul(100) / loudest).unwrap_or(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: impl Iterator<Item = i16>, piece: usize) -> [u8; POINTS] {
        let bytes: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
        let mut waveform = Waveform::default();
        bytes.chunks(piece).for_each(|piece| waveform.update(piece));
        assert_eq!(waveform.samples() as usize, bytes.len() / 2);
        assert!(waveform.sums.len() < SUMS);
        waveform.finish()
    }

    #[test]
    fn a_sound_that_grows_is_a_line_that_rises() {
        let line = of((0..1_000_000).map(|at| (at / 40) as i16 * if at % 2 == 0 { 1 } else { -1 }), 4096);
        assert!(line.is_sorted(), "{line:?}");
        assert!(line[0] <= 1 && line[31].abs_diff(49) <= 1 && line[63] == 100, "{line:?}");
    }

    #[test]
    fn pieces_may_end_anywhere() {
        let samples = || (0..30_011).map(|at| ((at * 7919) % 20_000) as i16);
        let whole = of(samples(), usize::MAX);
        for piece in [1, 3, 4097] {
            assert_eq!(of(samples(), piece), whole, "{piece}");
        }
    }

    #[test]
    fn silence_and_very_short_sounds_have_a_line_too() {
        assert_eq!(of(std::iter::empty(), 1), [0; POINTS]);
        assert_eq!(of([0; 5000].into_iter(), 64), [0; POINTS]);
        assert_eq!(of([i16::MIN].into_iter(), 64), [100; POINTS]);
    }
}
