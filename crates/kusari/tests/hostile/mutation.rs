//! Changes to a file: the same for the same number.

/// Bytes and numbers that programs stumble over.
const BYTES: [u8; 10] = [0, 1, 0x7f, 0x80, 0xff, b'"', b',', b'{', b'\n', b'9'];
const NUMBERS: [u64; 9] = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX, 0x1_0000_0000];

/// A sequence of random numbers (SplitMix64).
pub struct Mutator(u64);

impl Mutator {
    pub fn new(number: u64) -> Mutator {
        Mutator(number.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9)
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
    /// Below `n`, which is not 0.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A few changes, most often one.
    pub fn mutate(&mut self, file: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = file.to_vec();
        for _ in 0..1 + self.below(8).saturating_sub(4) {
            self.change(&mut bytes, others);
        }
        bytes
    }
    fn change(&mut self, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
        if bytes.is_empty() {
            return bytes.push(BYTES[self.below(BYTES.len())]);
        }
        // Headers lie at the beginning, and in archives at the end.
        let at = match self.below(4) {
            0 => self.below(bytes.len().min(64)),
            1 => bytes.len() - 1 - self.below(bytes.len().min(64)),
            _ => self.below(bytes.len()),
        };
        let length = 1 + self.below(16).min(bytes.len() - at - 1);
        match self.below(9) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = BYTES[self.below(BYTES.len())],
            2 => bytes[at] = self.next() as u8,
            3 => {
                let (number, size) =
                    (NUMBERS[self.below(NUMBERS.len())], [2, 4, 8][self.below(3)].min(bytes.len() - at));
                let all = if self.below(2) == 0 { number.to_le_bytes() } else { number.to_be_bytes() };
                let part = if self.below(2) == 0 { &all[..size] } else { &all[8 - size..] };
                bytes[at..at + size].copy_from_slice(part);
            }
            4 => bytes.truncate(at),
            5 => drop(bytes.drain(at..at + length)),
            6 => {
                let copy = bytes[at..at + length].to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            7 => {
                let other = &others[self.below(others.len())];
                let from = self.below(other.len().max(1)).min(other.len());
                let n = self.below(64).min(other.len() - from);
                let end = (at + n).min(bytes.len());
                bytes.splice(at..end, other[from..from + n].iter().copied());
            }
            _ => {
                let digits = ["-1", "999999999999", "0", "1e308", "NaN", "18446744073709551615", "\u{fffd}"];
                bytes.splice(at..at + length, digits[self.below(digits.len())].bytes());
            }
        }
    }
}
