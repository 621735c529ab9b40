//! Byte pairs: what often stands together becomes a token of its own.

use std::collections::{BTreeSet, HashMap};

/// Longer words are cut, and so no token is longer.
const LONGEST: usize = 64;

/// Bytes, and pairs of tokens in the order in which they were joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    merges: Vec<[i32; 2]>,
    ranks: HashMap<[i32; 2], i32>,
    texts: Vec<Vec<u8>>,
}

/// Words with the space before them, at most [`LONGEST`] bytes of whole characters; no pair reaches beyond one.
fn words(text: &str) -> impl Iterator<Item = &[u8]> {
    let bytes = text.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == bytes.len() {
            return None;
        }
        let mut end = start + 1;
        debug_assert!(text.is_char_boundary(start));
        // A word is a space, or none, and all up to the next; other white space stands alone.
        let alone = |b: u8| b.is_ascii_whitespace() && b != b' ';
        if !alone(bytes[start]) {
            let most = bytes.len().min(start + LONGEST);
            while end < most && !bytes[end].is_ascii_whitespace() {
                end += 1;
            }
            while !text.is_char_boundary(end) {
                end -= 1;
            }
        }
        let word = &bytes[start..end];
        start = end;
        Some(word)
    })
}

/// Where the last word of a text begins that itself begins with a word.
pub(super) fn last_word(text: &str) -> usize {
    // Whatever follows white space begins with it.
    let from = text.bytes().rposition(|b| b.is_ascii_whitespace()).unwrap_or(0);
    let last = words(&text[from..]).last().map_or(0, <[u8]>::len);
    text.len() - last
}

/// How often each word stands in a text that comes in blocks.
#[derive(Default)]
pub(super) struct Words {
    counts: HashMap<Box<[u8]>, i64>,
    /// Bytes of all different words.
    length: usize,
}

impl Words {
    /// Counts those of a block of whole words.
    pub fn add(&mut self, text: &str) {
        for word in words(text) {
            match self.counts.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    self.counts.insert(word.into(), 1);
                    self.length += word.len();
                }
            }
        }
    }
    /// About how many bytes they take while pairs are learnt from them.
    pub fn memory(&self) -> u64 {
        // A list for each, and for each pair of neighbours its place in a set.
        200 * self.counts.len() as u64 + 32 * self.length as u64
    }
}

impl Pairs {
    /// From the joined pairs; none if one of them joins what is not there yet, or is there twice.
    pub(super) fn new(merges: Vec<[i32; 2]>) -> Option<Pairs> {
        let mut texts: Vec<Vec<u8>> = (0..=255).map(|b| vec![b]).collect();
        let mut ranks = HashMap::new();
        for (i, pair) in merges.iter().enumerate() {
            let [a, b] = pair.map(|t| usize::try_from(t).ok().and_then(|t| texts.get(t)));
            let text = [a?.as_slice(), b?.as_slice()].concat();
            if text.len() > LONGEST || ranks.insert(*pair, 256 + i as i32).is_some() {
                return None;
            }
            texts.push(text);
        }
        Some(Pairs { merges, ranks, texts })
    }
    /// Joins the most frequent pair, the first of equally frequent ones, until there are so many tokens or no pair is
    /// there twice.
    pub(super) fn learn(words: Words, tokens: usize) -> Pairs {
        let mut counted: Vec<_> = words.counts.into_iter().collect();
        counted.sort_unstable();
        let mut all: Vec<(Vec<i32>, i64)> =
            counted.into_iter().map(|(word, n)| (word.iter().map(|&b| b as i32).collect(), n)).collect();
        // How often each pair stands in which words, and the pairs by frequency.
        let mut pairs: HashMap<[i32; 2], (i64, BTreeSet<usize>)> = HashMap::new();
        for (i, (word, n)) in all.iter().enumerate() {
            for pair in neighbours(word) {
                let entry = pairs.entry(pair).or_default();
                entry.0 += n;
                entry.1.insert(i);
            }
        }
        let mut queue: BTreeSet<(i64, [i32; 2])> = pairs.iter().map(|(&pair, &(n, _))| (-n, pair)).collect();
        let mut learnt = Pairs::new(Vec::new()).expect("bytes alone are tokens");
        while learnt.len() < tokens {
            let Some((n, pair)) = queue.pop_first().filter(|(n, _)| *n <= -2) else { break };
            debug_assert_eq!(pairs[&pair].0, -n);
            let places = pairs.remove(&pair).map(|(_, places)| places).unwrap_or_default();
            let text = [learnt.bytes(pair[0]), learnt.bytes(pair[1])].concat();
            let token = learnt.len() as i32;
            let mut change = |pair: [i32; 2], by: i64, word: usize| {
                let entry = pairs.entry(pair).or_default();
                queue.remove(&(-entry.0, pair));
                entry.0 += by;
                entry.1.insert(word);
                if entry.0 > 0 {
                    queue.insert((-entry.0, pair));
                }
            };
            for i in places {
                let (word, n) = &mut all[i];
                let joined = join(word, pair, token);
                neighbours(word).filter(|p| *p != pair).for_each(|p| change(p, -*n, i));
                neighbours(&joined).filter(|p| *p != pair).for_each(|p| change(p, *n, i));
                *word = joined;
            }
            learnt.ranks.insert(pair, token);
            learnt.merges.push(pair);
            learnt.texts.push(text);
        }
        learnt
    }
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }
    pub(super) fn merges(&self) -> &[[i32; 2]] {
        &self.merges
    }
    pub(super) fn bytes(&self, token: i32) -> &[u8] {
        &self.texts[token as usize]
    }
    pub(super) fn encode(&self, text: &str) -> Vec<i32> {
        let mut known: HashMap<&[u8], Vec<i32>> = HashMap::new();
        let mut tokens = Vec::new();
        for word in words(text) {
            tokens.extend_from_slice(known.entry(word).or_insert_with(|| self.word(word)));
        }
        tokens
    }
    /// Joins the pair of the lowest rank as long as there is one.
    fn word(&self, word: &[u8]) -> Vec<i32> {
        let mut tokens: Vec<i32> = word.iter().map(|&b| b as i32).collect();
        loop {
            let ranked = neighbours(&tokens).filter_map(|pair| Some((*self.ranks.get(&pair)?, pair)));
            let Some((token, pair)) = ranked.min() else { return tokens };
            tokens = join(&tokens, pair, token);
        }
    }
}

/// The tokens with every such pair, from the left, as one token.
fn join(tokens: &[i32], pair: [i32; 2], token: i32) -> Vec<i32> {
    let mut joined = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        if tokens[i..].starts_with(&pair) {
            joined.push(token);
            i += 2;
        } else {
            joined.push(tokens[i]);
            i += 1;
        }
    }
    joined
}

/// All pairs of neighbours.
fn neighbours(tokens: &[i32]) -> impl Iterator<Item = [i32; 2]> {
    tokens.windows(2).map(|pair| [pair[0], pair[1]])
}
