//! Texts as numbers: a number a character, or a number for what often stands together.

use super::{
    input::Input,
    pairs::{Pairs, Words},
};
use crate::{Error, Result, memory, tables::Object};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// The most different tokens.
const MOST: usize = 1 << 20;

/// How a text becomes tokens, and tokens a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Tokenizer {
    /// A token for every different character, in their order.
    Characters(Vec<char>),
    /// Byte pairs (Sennrich et al., <https://arxiv.org/abs/1508.07909>): bytes, and pairs of tokens that stood together
    /// most often. Every text can be written with them.
    Pairs(Pairs),
}

impl Tokenizer {
    /// A token for every character of the text.
    pub fn characters(text: &str) -> Tokenizer {
        Tokenizer::Characters(text.chars().collect::<BTreeSet<_>>().into_iter().collect())
    }
    /// So many tokens for bytes and the most frequent pairs of the text.
    ///
    /// # Errors
    /// When they are fewer than there are bytes.
    pub fn pairs(text: &str, tokens: usize) -> Result<Tokenizer> {
        Tokenizer::pairs_of(&Input::memory("the text", text), text.len(), tokens)
    }
    /// A token for every character of some texts.
    pub(super) fn characters_of<'i>(texts: impl Iterator<Item = &'i Input<'i>>) -> Result<Tokenizer> {
        let mut all = BTreeSet::new();
        for text in texts {
            text.blocks(text.len(), |text| {
                all.extend(text.chars());
                Ok(())
            })?;
        }
        Ok(Tokenizer::Characters(all.into_iter().collect()))
    }
    /// [`pairs`](Tokenizer::pairs) of a text up to byte `end`.
    pub(super) fn pairs_of(input: &Input, end: usize, tokens: usize) -> Result<Tokenizer> {
        if !(256..=MOST).contains(&tokens) {
            let expected = format_args!("at least 256 tokens, one for every byte, and at most {MOST}").to_string();
            return Err(Error::invalid("Tokenizer::pairs", expected, tokens));
        }
        let mut words = Words::default();
        input.blocks(end, |text| {
            words.add(text);
            if input.is_file() && !memory::is_free(words.memory()) {
                let most = memory::size(memory::left());
                let message = "its different words, which byte pairs are learnt from, take more memory than the";
                let message = format!(
                    "{}: {message} {most} that are left: raise --max-memory, or leave --vocabulary out",
                    input.name
                );
                return Err(Error::Data(message));
            }
            Ok(())
        })?;
        Ok(Tokenizer::Pairs(Pairs::learn(words, tokens)))
    }
    /// The number of different tokens.
    #[allow(clippy::len_without_is_empty)] // there is none without a token
    pub fn len(&self) -> usize {
        match self {
            Tokenizer::Characters(characters) => characters.len(),
            Tokenizer::Pairs(pairs) => pairs.len(),
        }
    }
    /// The tokens of a text.
    ///
    /// # Errors
    /// When it has a character that is not known: the message names it.
    pub fn encode(&self, text: &str) -> Result<Vec<i32>> {
        match self {
            Tokenizer::Pairs(pairs) => Ok(pairs.encode(text)),
            Tokenizer::Characters(characters) => {
                let numbers: HashMap<char, i32> = characters.iter().zip(0..).map(|(&c, i)| (c, i)).collect();
                let number = |c| {
                    numbers.get(&c).copied().ok_or_else(|| {
                        let known: String = characters.iter().filter(|c| !c.is_control()).take(100).collect();
                        Error::Data(format!("the model does not know the character {c:?}; it knows {known}"))
                    })
                };
                text.chars().map(number).collect()
            }
        }
    }
    /// The bytes of a token.
    ///
    /// # Panics
    /// When there is no such token.
    pub fn bytes(&self, token: i32) -> Vec<u8> {
        match self {
            Tokenizer::Characters(characters) => characters[token as usize].to_string().into_bytes(),
            Tokenizer::Pairs(pairs) => pairs.bytes(token).to_vec(),
        }
    }
    /// The text of tokens; bytes that are no text become �.
    ///
    /// # Panics
    /// When there is no such token.
    pub fn decode(&self, tokens: &[i32]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|&token| self.bytes(token)).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(super) fn to_json(&self) -> Json {
        match self {
            Tokenizer::Characters(characters) => {
                json!({ "kind": "characters", "characters": characters.iter().collect::<String>() })
            }
            Tokenizer::Pairs(pairs) => {
                let flat: Vec<i32> = pairs.merges().iter().flatten().copied().collect();
                json!({ "kind": "pairs", "pairs": flat })
            }
        }
    }
    pub(super) fn from_json(object: &Object) -> Result<Tokenizer> {
        match object.text("kind")? {
            "characters" => {
                let characters: Vec<char> = object.text("characters")?.chars().collect();
                let ordered = characters.is_sorted_by(|a, b| a < b) && !characters.is_empty();
                if ordered {
                    Ok(Tokenizer::Characters(characters))
                } else {
                    Err(object.wrong("characters", "them in order"))
                }
            }
            "pairs" => {
                let flat = object.numbers("pairs")?;
                let merges = flat.as_chunks::<2>().0.iter().map(|pair| pair.map(|n| n as i32)).collect();
                let pairs = Pairs::new(merges).filter(|_| flat.len() % 2 == 0 && flat.len() / 2 + 256 <= MOST);
                pairs.map(Tokenizer::Pairs).ok_or_else(|| object.wrong("pairs", "pairs of tokens that there are"))
            }
            _ => Err(object.wrong("kind", "characters or pairs")),
        }
    }
}
