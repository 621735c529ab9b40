//! Counter-based random numbers (Philox).
//!
//! A value depends on seed and counter only, so it is the same on any number of threads, and the state that a snapshot
//! must hold is two integers. The counter is advanced when an operation is called: n values take ⌈n / 4⌉ (float64 takes
//! ⌈n / 2⌉). Every thread has a default [`Generator`], which the functions of this module draw from.

mod philox;

use crate::{Array, DType, parallel};
use std::{cell::RefCell, collections::hash_map::RandomState, hash::BuildHasher};

/// Blocks of four words that one piece of split work makes.
const PIECE: usize = 1 << 12;

/// A stream of random numbers: a seed, and how many blocks of four 32-bit words have been drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Generator {
    /// Which stream.
    pub seed: u64,
    /// How far it has been read.
    pub counter: u64,
}

impl Generator {
    /// The stream of `seed` from its start.
    pub fn new(seed: u64) -> Generator {
        Generator { seed, counter: 0 }
    }
    /// A stream of its own for `key`, such as an epoch or a sample's number; drawing from it does not advance `self`.
    pub fn keyed(&self, key: u64) -> Generator {
        // The finaliser of SplitMix64 (Steele, Lea and Flood 2014) spreads neighbouring keys over all seeds.
        let mut z = self.seed.wrapping_add(key.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Generator::new(z ^ (z >> 31))
    }
    /// Takes the next `blocks` blocks and says where they start.
    fn reserve(&mut self, blocks: usize) -> u64 {
        let start = self.counter;
        self.counter = start.wrapping_add(blocks as u64);
        start
    }
    /// `n` words, in parallel.
    fn words(&mut self, n: usize) -> Vec<u32> {
        let (seed, start) = (self.seed, self.reserve(n.div_ceil(4)));
        let mut words = vec![0; n];
        parallel::chunks_mut(&mut words, 4 * PIECE, n, |c, part| {
            philox::fill(seed, start.wrapping_add((c * PIECE) as u64), part);
        });
        words
    }
    /// An integer of 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let words = self.words(2);
        (words[0] as u64) << 32 | words[1] as u64
    }
    /// A double of `0 <= u < 1`.
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (-53f64).exp2()
    }
    /// An integer below `n`, all equally likely (but for 2⁻⁶⁴ n).
    ///
    /// # Panics
    /// When `n` is 0.
    #[track_caller]
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below: expected a bound above 0");
        (((self.next_u64() as u128) * n as u128) >> 64) as usize
    }

    /// Makes an array of floats piece by piece from words: one word for a float32, twice as many for a float64.
    fn fill(
        &mut self,
        shape: &[usize],
        dtype: DType,
        single: impl Fn(&[u32], &mut [f32]) + Sync,
        double: impl Fn(&[u32], &mut [f64]) + Sync,
    ) -> Array {
        let n: usize = shape.iter().product();
        let wide = dtype == DType::F64;
        let (seed, start) = (self.seed, self.reserve(n.div_ceil(if wide { 2 } else { 4 })));
        let each = |c: usize, words: &mut [u32]| philox::fill(seed, start.wrapping_add((c * PIECE) as u64), words);
        if wide {
            return Array::build::<f64>(shape, |out| {
                parallel::chunks_mut(out, 2 * PIECE, 10 * n, |c, part| {
                    let mut words = vec![0; 2 * part.len().next_multiple_of(2)];
                    each(c, &mut words);
                    double(&words, part);
                });
            });
        }
        let x = Array::build::<f32>(shape, |out| {
            parallel::chunks_mut(out, 4 * PIECE, 2 * n, |c, part| {
                let mut words = vec![0; part.len().next_multiple_of(4)];
                each(c, &mut words);
                single(&words, part);
            });
        });
        x.cast(dtype)
    }
    /// Numbers of the uniform distribution on `low <= x < high`.
    pub fn uniform(&mut self, shape: &[usize], low: f64, high: f64, dtype: DType) -> Array {
        let (low32, width32, width) = (low as f32, (high - low) as f32, high - low);
        self.fill(
            shape,
            dtype,
            |words, out| philox::uniform32(words, low32, width32, out),
            |words, out| {
                for (o, w) in out.iter_mut().zip(words.chunks_exact(2)) {
                    *o = low + width * philox::unit64(w);
                }
            },
        )
    }
    /// Numbers of the normal distribution with the given mean and standard deviation.
    pub fn normal(&mut self, shape: &[usize], mean: f64, deviation: f64, dtype: DType) -> Array {
        let (mean32, deviation32) = (mean as f32, deviation as f32);
        self.fill(
            shape,
            dtype,
            |words, out| philox::normal32(words, mean32, deviation32, out),
            |words, out| philox::normal64(words, mean, deviation, out),
        )
    }
    /// Integers of `low <= i < high`, int64.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn integers(&mut self, shape: &[usize], low: i64, high: i64) -> Array {
        assert!(low < high, "integers: expected low below high, got {low} and {high}");
        let n = shape.iter().product::<usize>();
        let (words, width) = (self.words(2 * n), high.wrapping_sub(low) as u64 as u128);
        Array::build::<i64>(shape, |out| {
            for (o, w) in out.iter_mut().zip(words.chunks_exact(2)) {
                let bits = (w[0] as u64) << 32 | w[1] as u64;
                *o = low.wrapping_add(((bits as u128 * width) >> 64) as i64);
            }
        })
    }
    /// bool, true with `probability`.
    pub fn bernoulli(&mut self, shape: &[usize], probability: f64) -> Array {
        let n: usize = shape.iter().product();
        let (seed, start) = (self.seed, self.reserve(n.div_ceil(4)));
        let bound = ((1.0 - probability) * 32f64.exp2()).round() as u64;
        Array::build::<bool>(shape, |out| {
            parallel::chunks_mut(out, 4 * PIECE, n, |c, part| {
                let mut words = vec![0; part.len()];
                philox::fill(seed, start.wrapping_add((c * PIECE) as u64), &mut words);
                part.iter_mut().zip(&words).for_each(|(o, &w)| *o = w as u64 >= bound);
            });
        })
    }
    /// The numbers below `n` in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
    /// Puts elements in random order (Fisher and Yates); the same for elements of any type.
    ///
    /// ```
    /// let mut letters = ['a', 'b', 'c', 'd'];
    /// kusari_array::random::Generator::new(1).shuffle(&mut letters);
    /// let order = kusari_array::random::Generator::new(1).permutation(4);
    /// assert_eq!(order.iter().map(|&i| ['a', 'b', 'c', 'd'][i]).collect::<Vec<_>>(), letters);
    /// ```
    pub fn shuffle<T>(&mut self, elements: &mut [T]) {
        /// Elements whose words are made at once, the last first.
        const BLOCK: usize = 1 << 16;
        let n = elements.len();
        let (seed, start) = (self.seed, self.reserve(n.div_ceil(2)));
        let mut words = vec![0; 2 * n.min(BLOCK)];
        for first in (0..n).step_by(BLOCK).rev() {
            let count = BLOCK.min(n - first);
            parallel::chunks_mut(&mut words[..2 * count], 4 * PIECE, 2 * count, |c, part| {
                philox::fill(seed, start.wrapping_add((first / 2 + c * PIECE) as u64), part);
            });
            for i in (first.max(1)..first + count).rev() {
                let bits = (words[2 * (i - first)] as u64) << 32 | words[2 * (i - first) + 1] as u64;
                elements.swap(i, ((bits as u128 * (i as u128 + 1)) >> 64) as usize);
            }
        }
    }
}

/// Another source of random numbers in place of a thread's default generator, such as NumPy's.
pub trait Source {
    /// `n` numbers of the uniform distribution on `0 <= u < 1`.
    fn uniform(&mut self, n: usize) -> Vec<f64>;
    /// `n` numbers of the standard normal distribution.
    fn normal(&mut self, n: usize) -> Vec<f64>;
    /// The numbers below `n` in random order.
    fn permutation(&mut self, n: usize) -> Vec<usize>;
}

thread_local! {
    static DEFAULT: RefCell<Generator> = RefCell::new(Generator::new(RandomState::new().hash_one("kusari")));
    static SOURCE: RefCell<Option<Box<dyn Source>>> = const { RefCell::new(None) };
}

/// Starts this thread's default generator anew with `seed`; without it, every process and thread has another one.
pub fn seed(seed: u64) {
    set_state((seed, 0));
}
/// Seed and counter of this thread's default generator.
pub fn state() -> (u64, u64) {
    DEFAULT.with_borrow(|g| (g.seed, g.counter))
}
/// Continues where a generator with this state stood.
pub fn set_state((seed, counter): (u64, u64)) {
    DEFAULT.set(Generator { seed, counter });
}
/// Draws this thread's numbers from another source from now on, or (`None`) from its generator again; gives back the
/// source so far.
pub fn set_source(source: Option<Box<dyn Source>>) -> Option<Box<dyn Source>> {
    SOURCE.replace(source)
}
/// Draws from this thread's default generator itself, whatever the source.
pub fn with_default<R>(f: impl FnOnce(&mut Generator) -> R) -> R {
    DEFAULT.with_borrow_mut(f)
}
fn draw<R>(from_source: impl FnOnce(&mut dyn Source) -> R, from_default: impl FnOnce(&mut Generator) -> R) -> R {
    SOURCE.with_borrow_mut(|source| match source {
        Some(source) => from_source(&mut **source),
        None => with_default(from_default),
    })
}
/// An array of the source's doubles, each times `scale` plus `shift`.
fn scaled(shape: &[usize], mut values: Vec<f64>, scale: f64, shift: f64, dtype: DType) -> Array {
    values.iter_mut().for_each(|v| *v = *v * scale + shift);
    Array::from_vec(shape, values).cast(dtype)
}

/// Numbers of the uniform distribution on `low <= x < high`.
pub fn uniform(shape: &[usize], low: f64, high: f64, dtype: DType) -> Array {
    let n = shape.iter().product();
    draw(|s| scaled(shape, s.uniform(n), high - low, low, dtype), |g| g.uniform(shape, low, high, dtype))
}
/// Numbers of the normal distribution with the given mean and standard deviation.
pub fn normal(shape: &[usize], mean: f64, deviation: f64, dtype: DType) -> Array {
    let n = shape.iter().product();
    draw(|s| scaled(shape, s.normal(n), deviation, mean, dtype), |g| g.normal(shape, mean, deviation, dtype))
}
/// bool, true with `probability` (where a uniform number is at least `1 - probability`).
pub fn bernoulli(shape: &[usize], probability: f64) -> Array {
    let of = |u: Vec<f64>| Array::from_vec(shape, u.into_iter().map(|u| u >= 1.0 - probability).collect());
    draw(|s| of(s.uniform(shape.iter().product())), |g| g.bernoulli(shape, probability))
}
/// Integers of `low <= i < high`, int64.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn integers(shape: &[usize], low: i64, high: i64) -> Array {
    assert!(low < high, "integers: expected low below high, got {low} and {high}");
    let of = |u: Vec<f64>| {
        Array::from_vec(shape, u.into_iter().map(|u| low + (u * (high - low) as f64) as i64).collect::<Vec<i64>>())
    };
    draw(|s| of(s.uniform(shape.iter().product())), |g| g.integers(shape, low, high))
}
/// The numbers below `n` in random order.
pub fn permutation(n: usize) -> Vec<usize> {
    draw(|s| s.permutation(n), |g| g.permutation(n))
}
