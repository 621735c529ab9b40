//! What a language model writes.

use super::{Kind, Network, Seen, Sizes, TextModel};
use crate::{Array, Error, Result, Variable, functions as F, inference_mode, random::Generator};

/// How a text is written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Generate {
    /// Tokens to write.
    pub length: usize,
    /// Scores are divided by it: below 1 the likely becomes likelier, 0 takes the likeliest.
    pub temperature: f64,
    /// Only so many of the likeliest tokens are drawn from; all, if there is no number.
    pub top_k: Option<usize>,
    /// What the draws depend on.
    pub seed: u64,
}

impl Default for Generate {
    fn default() -> Generate {
        Generate { length: 200, temperature: 0.8, top_k: None, seed: 0 }
    }
}

impl TextModel {
    /// Goes on with a text; what is written, without the text itself.
    ///
    /// # Errors
    /// When the text has a character that the model does not know, or an option makes no sense.
    pub fn generate(&self, prompt: &str, how: &Generate) -> Result<String> {
        let mut text = String::new();
        self.generate_to(prompt, how, |part| {
            text.push_str(part);
            true
        })?;
        Ok(text)
    }
    /// [`generate`](TextModel::generate), part by part as it is written, until `emit` wants no more.
    ///
    /// # Errors
    /// As `generate`.
    pub fn generate_to(&self, prompt: &str, how: &Generate, mut emit: impl FnMut(&str) -> bool) -> Result<()> {
        if !(how.temperature >= 0.0 && how.temperature.is_finite()) {
            return Err(Error::invalid("generate", "a temperature of at least 0", how.temperature));
        }
        if how.top_k == Some(0) {
            return Err(Error::invalid("generate", "at least one token to draw from", 0));
        }
        let _guard = inference_mode();
        let mut tokens = self.tokenizer().encode(prompt)?;
        if tokens.is_empty() {
            // As if a line had just ended, where there are lines.
            tokens = self.tokenizer().encode("\n").unwrap_or_else(|_| vec![0]);
        }
        let mut random = Generator::new(how.seed);
        let mut bytes = Vec::new();
        let mut reader = Reader::new(self.network());
        for _ in 0..how.length {
            let token = draw(&reader.read(&tokens), how, &mut random);
            tokens = vec![token];
            bytes.extend(self.tokenizer().bytes(token));
            // A character may need more than one token.
            let whole = match std::str::from_utf8(&bytes) {
                Ok(text) => text.len(),
                Err(e) if e.error_len().is_none() => e.valid_up_to(),
                Err(_) => bytes.len(),
            };
            let part: Vec<u8> = bytes.drain(..whole).collect();
            if !part.is_empty() && !emit(&String::from_utf8_lossy(&part)) {
                return Ok(());
            }
        }
        if !bytes.is_empty() {
            emit(&String::from_utf8_lossy(&bytes));
        }
        Ok(())
    }
}

/// Reads a text token by token, each for the price of one.
///
/// A recurrent network remembers what it needs. A Transformer sees `length` tokens at most: when they are full, the older
/// half is forgotten and the other read once more from the first position on, for its positions are counted from there.
struct Reader<'a> {
    network: &'a Network,
    seen: Seen,
    /// The last tokens that a Transformer has seen.
    window: Vec<i32>,
}

impl<'a> Reader<'a> {
    fn new(network: &'a Network) -> Reader<'a> {
        Reader { network, seen: Seen::default(), window: Vec::new() }
    }
    /// The scores of the token that follows `tokens`, which follow those read before.
    fn read(&mut self, tokens: &[i32]) -> Variable {
        let Sizes { kind, length, .. } = self.network.sizes();
        if kind != Kind::Gpt {
            // A long text in pieces, for the memory that it takes.
            let (before, last) = tokens.split_at(tokens.len() - 1);
            before.chunks(length).for_each(|piece| drop(self.next(piece)));
            return self.next(last);
        }
        self.window.extend_from_slice(tokens);
        if self.window.len() > length {
            // Of a text that is longer at once, as much is seen as can be.
            let kept = if tokens.len() > length { length } else { (length / 2).max(1) };
            self.window.drain(..self.window.len() - kept);
            self.seen = Seen::default();
        }
        let new = self.window[self.seen.tokens()..].to_vec();
        self.next(&new)
    }
    fn next(&mut self, tokens: &[i32]) -> Variable {
        let x = Variable::constant(Array::from_slice(&[1, tokens.len()], tokens));
        self.network.next_after(&x, &mut self.seen)
    }
}

/// One token, by its score.
fn draw(scores: &Variable, how: &Generate, random: &mut Generator) -> i32 {
    let scores = scores.array().cast(crate::DType::F32).to_vec::<f32>();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    if how.temperature == 0.0 {
        return order[0] as i32;
    }
    order.truncate(how.top_k.unwrap_or(order.len()));
    // The best is 0, so that no temperature makes it too large.
    let best = f64::from(scores[order[0]]);
    let kept: Vec<f64> = order.iter().map(|&i| (f64::from(scores[i]) - best) / how.temperature).collect();
    let weights = F::softmax(&Variable::constant(Array::from_vec(&[1, kept.len()], kept)), 1).array().to_vec::<f64>();
    let mut left = random.next_f64();
    for (&token, weight) in order.iter().zip(weights) {
        left -= weight;
        if left <= 0.0 {
            return token as i32;
        }
    }
    order[order.len() - 1] as i32
}
