//! A trained language model with all that it needs to go on with a text, and its file.

use super::{Kind, Network, Sizes, Tokenizer, Tokens, input::Input, windows::Pieces};
use crate::{
    Array, DType, Error, Link, Result, functions as F, inference_mode,
    iterators::BatchIterator,
    onnx::Export,
    serializers::{Entries, LoadOptions, Value, collect, restore, serialize_link, write_safetensors},
    tables::Object,
};
use serde_json::{Value as Json, json};
use std::{fmt, path::Path, sync::Arc};

/// The version of the description.
const VERSION: usize = 1;
/// Sizes up to this are read from files, and lengths.
const MOST: usize = 1 << 20;
const LONGEST: usize = 1 << 16;
/// Tokens of an example: recurrent networks have a function for each.
const EXAMPLE: usize = 1024;
/// Pieces that are measured together.
const BATCH: usize = 32;

/// A trained language model: how texts become tokens, the network, and how it was trained.
#[derive(Clone)]
pub struct TextModel {
    tokenizer: Arc<Tokenizer>,
    network: Network,
    /// How it was trained, for people.
    pub(super) training: Json,
}

/// How well the next token is predicted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measure {
    /// The mean cross entropy of a token, in nats.
    pub loss: f64,
    /// The share of tokens that were thought the likeliest.
    pub accuracy: f64,
    /// Predictions.
    pub tokens: usize,
    /// Bits for each character of the text.
    pub bits_per_character: f64,
}

impl Measure {
    /// Between how many tokens the model is undecided: `e^loss`.
    pub fn perplexity(&self) -> f64 {
        self.loss.exp()
    }
    /// All of it as JSON.
    pub fn to_json(&self) -> Json {
        json!({
            "loss": self.loss, "perplexity": self.perplexity(), "bits per character": self.bits_per_character,
            "accuracy": self.accuracy, "tokens": self.tokens,
        })
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Measure { loss, accuracy, tokens, bits_per_character } = self;
        let perplexity = self.perplexity();
        write!(f, "loss {loss:.4} · perplexity {perplexity:.3} · {bits_per_character:.3} bits per character · ")?;
        write!(f, "accuracy {accuracy:.4} · {tokens} tokens")
    }
}

impl TextModel {
    /// What the description in a file says it is.
    pub(crate) const FORMAT: &str = "kusari text";

    pub(super) fn new(tokenizer: Tokenizer, network: Network) -> TextModel {
        TextModel { tokenizer: tokenizer.into(), network, training: json!({}) }
    }
    /// How texts become tokens.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }
    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }
    /// How it was trained: settings and scores.
    pub fn training(&self) -> &Json {
        &self.training
    }
    /// What the network takes for one piece of text, all zeros: to look at its graph.
    pub fn example(&self) -> Array {
        Array::zeros(&[1, self.network.sizes().length.min(EXAMPLE)], DType::I32)
    }
    /// Adds something to what the file says about the training.
    pub fn note(&mut self, key: &str, value: Json) {
        self.training[key] = value;
    }
    /// How well the model predicts a text, in pieces as long as it was trained on.
    ///
    /// # Errors
    /// When the text has a character that the model does not know, or fewer than two tokens.
    pub fn measure(&self, text: &str) -> Result<Measure> {
        self.measure_input(&Input::memory("the text", text))
    }
    fn measure_input(&self, input: &Input) -> Result<Measure> {
        let tokens = input.encode(&self.tokenizer)?;
        if tokens.len() < 2 {
            return Err(Error::Data(format!("expected a text of at least two tokens, got {}", tokens.len())));
        }
        self.measure_tokens(&tokens)
    }
    /// [`measure`](TextModel::measure) of the text in a file, which is read in blocks; its tokens are kept meanwhile in a file
    /// without a name in `folder`.
    ///
    /// ```
    /// use kusari::text::{Kind, Lesson, Settings};
    /// let settings = Settings { width: Some(8), layers: Some(1), length: 8, ..Settings::new(Kind::Lstm) };
    /// let (text, folder) = ("abcabcabcabc".repeat(9), std::env::temp_dir());
    /// let model = Lesson::new("abc", &text, &settings)?.model().clone();
    /// let file = folder.join(format!("kusari-doc-measure-{}.txt", std::process::id()));
    /// std::fs::write(&file, &text).unwrap();
    /// assert_eq!(model.measure_file(&file, &folder)?, model.measure(&text)?);
    /// # std::fs::remove_file(&file).unwrap();
    /// # Ok::<(), kusari::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `measure`, and when the file cannot be read or its tokens cannot be kept.
    pub fn measure_file(&self, path: impl AsRef<Path>, folder: impl AsRef<Path>) -> Result<Measure> {
        self.measure_input(&Input::file(path.as_ref(), folder.as_ref())?)
    }
    pub(super) fn measure_tokens(&self, tokens: &Tokens) -> Result<Measure> {
        let _guard = inference_mode();
        let (mut loss, mut right, mut count) = (0.0, 0.0, 0);
        let mut pieces = Pieces::new(tokens.clone(), BATCH, self.network.sizes().length);
        while let Some(batch) = pieces.next_batch()? {
            let (y, n) = (self.network.forward(&batch.x), pieces.last_len());
            loss += F::softmax_cross_entropy(&y, &batch.t).item() * n as f64;
            right += F::accuracy(&y, &batch.t, None).item() * n as f64;
            count += n;
        }
        let characters = self.characters(&tokens.part(1..tokens.len()))?;
        let loss = loss / count as f64;
        let bits_per_character = loss * count as f64 / characters.max(1) as f64 / std::f64::consts::LN_2;
        Ok(Measure { loss, accuracy: right / count as f64, tokens: count, bits_per_character })
    }
    /// How many characters these tokens of a text are: each has one byte that goes on with none, but perhaps the first,
    /// whose other bytes are counted as one each.
    fn characters(&self, tokens: &Tokens) -> Result<usize> {
        let (mut count, mut begun) = (0, false);
        tokens.each(|tokens| {
            for b in tokens.iter().flat_map(|&token| self.tokenizer.bytes(token)) {
                let begins = b & 0xc0 != 0x80;
                count += usize::from(begins || !begun);
                begun |= begins;
            }
        })?;
        Ok(count)
    }

    /// The bytes of an ONNX file of the network: from tokens `tokens` (batch, length) to the scores of the token after each,
    /// `scores` (batch · length, tokens), for the length that was trained on, at most 1024; how texts become tokens is in its metadata.
    ///
    /// # Errors
    /// When the network has no form in ONNX.
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        let tokens = self.example();
        Export::new()
            .parameters(&self.network)
            .input("tokens", &tokens)
            .output("scores")
            .metadata("tokenizer", &self.tokenizer.to_json().to_string())
            .bytes(|x| vec![self.network.forward(&x[0])])
    }
    /// Writes the model with its description to a safetensors file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let Sizes { kind, width, layers, heads, length, dropout, .. } = self.network.sizes();
        let mut json = json!({
            "format": Self::FORMAT, "version": VERSION, "kusari": env!("CARGO_PKG_VERSION"),
            "tokenizer": self.tokenizer.to_json(),
            "network": {
                "kind": kind.name(), "width": width, "layers": layers, "heads": heads, "length": length, "dropout": dropout,
            },
        });
        json["training"] = self.training.clone();
        write_safetensors(path, &collect(|s| serialize_link(&self.network, s))?, &json.to_string())
    }
    /// The model that a file's entries and description make.
    pub(crate) fn from_entries(entries: &Entries, json: &Json, path: &Path) -> Result<TextModel> {
        let root = Object::root(json, path)?;
        root.version(VERSION)?;
        let tokenizer = Tokenizer::from_json(&root.object("tokenizer")?)?;
        let object = root.object("network")?;
        let kind = Kind::named(object.text("kind")?).ok_or_else(|| object.wrong("kind", "gpt, lstm or gru"))?;
        let size = |key: &str| {
            object
                .count(key, if key == "length" { LONGEST } else { MOST })
                .and_then(|n| if n > 0 { Ok(n) } else { Err(object.wrong(key, "at least 1")) })
        };
        let dropout = object.number("dropout")?;
        if !(0.0..1.0).contains(&dropout) {
            return Err(object.wrong("dropout", "a share below 1"));
        }
        let (width, layers, heads, length) = (size("width")?, size("layers")?, size("heads")?, size("length")?);
        let sizes = Sizes { kind, tokens: tokenizer.len(), width, layers, heads, length, dropout };
        if kind == Kind::Gpt && !width.is_multiple_of(heads) {
            return Err(object.wrong("heads", "a number that divides the width"));
        }
        // Before anything of these sizes is made.
        let held: usize = entries.values().map(|v| if let Value::Array(a) = v { a.len() } else { 0 }).sum();
        if sizes.parameters() != Some(held) {
            let message = format!("its description is damaged: parameters of other sizes than the {held} in the file");
            return Err(Error::format(path, message));
        }
        let network = Network::new(sizes);
        restore(entries, path, &LoadOptions::default(), |s| serialize_link(&network, s))?;
        let training = json.get("training").cloned().unwrap_or_default();
        Ok(TextModel {
            tokenizer: tokenizer.into(),
            network,
            training: if training.is_object() { training } else { json!({}) },
        })
    }
    /// What it is and how it was trained, for people.
    pub fn describe(&self) -> String {
        let Sizes { kind, width, layers, heads, length, tokens, .. } = self.network.sizes();
        let tokens = match &*self.tokenizer {
            Tokenizer::Characters(_) => format!("{tokens} characters"),
            Tokenizer::Pairs(_) => format!("{tokens} byte pairs"),
        };
        let heads = if kind == Kind::Gpt { format!(", {heads} heads") } else { String::new() };
        let mut text = format!(
            "a language model: {}, width {width}, {layers} layers{heads}, {length} tokens at once, {tokens}, {} parameters",
            kind.name(),
            self.network.count_params()
        );
        if let Some(training) = self.training.as_object() {
            for (key, value) in training {
                text.push_str(&format!("\n{key}: {value}"));
            }
        }
        text
    }
}
