//! What a language model writes.

use super::TextModel;
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
        for _ in 0..how.length {
            let seen = &tokens[tokens.len().saturating_sub(self.network().sizes().length)..];
            let x = Variable::constant(Array::from_slice(&[1, seen.len()], seen));
            let token = draw(&self.network().next(&x), how, &mut random);
            tokens.push(token);
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

/// One token, by its score.
fn draw(scores: &Variable, how: &Generate, random: &mut Generator) -> i32 {
    let scores = scores.array().to_vec::<f32>();
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
