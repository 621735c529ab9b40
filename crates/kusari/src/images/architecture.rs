//! The networks for pictures.

use crate::{Error, Layer, Result, Variable, functions as F, link, links as L};
use std::ops::Range;

/// The kinds of networks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Hidden layers, each of whose units sees all that comes before it.
    Mlp,
    /// Convolutions.
    Cnn,
    /// Convolutions that are added to what they are computed from (He et al., <https://arxiv.org/abs/1512.03385>).
    Resnet,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Mlp, Kind::Cnn, Kind::Resnet];
    /// The name in commands and files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Mlp => "mlp",
            Kind::Cnn => "cnn",
            Kind::Resnet => "resnet",
        }
    }
    /// The one of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A kind of network with its sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Architecture {
    /// The kind.
    pub kind: Kind,
    /// Units in a hidden layer, or channels of the first convolutions.
    pub units: usize,
    /// Hidden layers; of a cnn how often it halves the picture; of a resnet the blocks between two halvings.
    pub layers: usize,
}

impl Architecture {
    /// The usual sizes for pictures of `size` pixels a side.
    pub fn usual(kind: Kind, size: usize) -> Architecture {
        match kind {
            Kind::Mlp => Architecture { kind, units: 1000, layers: 2 },
            Kind::Cnn => Architecture { kind, units: 16, layers: halvings(size, SMALL).max(1) },
            Kind::Resnet => Architecture { kind, units: 16, layers: 1 },
        }
    }
    /// Whether pictures of `size` pixels a side can be halved so often.
    pub(super) fn check(&self, size: usize) -> Result<()> {
        if self.kind == Kind::Cnn && (self.layers == 0 || halvings(size, 1) < self.layers) {
            let expected = format!("1 to {} halvings of {size} pixels a side", halvings(size, 1));
            return Err(Error::invalid("cnn", expected, self.layers));
        }
        if self.kind == Kind::Resnet && self.layers == 0 {
            return Err(Error::invalid("resnet", "at least one block between halvings", 0));
        }
        Ok(())
    }
    /// Refuses to recompute what has no blocks.
    pub(super) fn check_recomputing(&self, recompute: bool) -> Result<()> {
        if recompute && self.kind == Kind::Mlp {
            let message =
                "an mlp has no blocks whose insides could be computed again: leave it out, or take a cnn or resnet";
            return Err(Error::state("recompute", message));
        }
        Ok(())
    }
    /// Where its blocks lie in `parts`: of a cnn what ends with a halving, of a resnet the residual ones.
    pub(super) fn blocks(&self, parts: &[Part]) -> Vec<Range<usize>> {
        let at = |wanted: fn(&Part) -> bool| parts.iter().enumerate().filter(move |(_, p)| wanted(p)).map(|(i, _)| i);
        match self.kind {
            Kind::Mlp => Vec::new(),
            Kind::Cnn => {
                let ends: Vec<usize> = at(|part| *part == Part::Halve).map(|i| i + 1).collect();
                let starts = [0].into_iter().chain(ends.iter().copied());
                starts.zip(&ends).map(|(start, &end)| start..end).collect()
            }
            // With the ReLU after each.
            Kind::Resnet => at(|part| matches!(part, Part::Residual { .. })).map(|i| i..i + 2).collect(),
        }
    }
    /// Its layers, for pictures of this size, up to the scores of the classes.
    pub(super) fn parts(&self, channels: usize, size: usize, classes: usize) -> Vec<Part> {
        let &Architecture { kind, units, layers } = self;
        match kind {
            Kind::Mlp => {
                let mut parts = Vec::new();
                let mut inputs = channels * size * size;
                for _ in 0..layers {
                    parts.extend([Part::Linear { inputs, outputs: units }, Part::Relu]);
                    inputs = units;
                }
                parts.push(Part::Linear { inputs, outputs: classes });
                parts
            }
            Kind::Cnn => {
                let (mut parts, mut inputs) = (Vec::new(), channels);
                for stage in 0..layers {
                    let outputs = units << stage.min(3);
                    parts.extend(convolution(inputs, outputs, 3, 1));
                    parts.push(Part::Relu);
                    parts.extend(convolution(outputs, outputs, 3, 1));
                    parts.extend([Part::Relu, Part::Halve]);
                    inputs = outputs;
                }
                parts.extend([Part::Mean, Part::Linear { inputs, outputs: classes }]);
                parts
            }
            Kind::Resnet => {
                let mut parts = convolution(channels, units, 3, 1).to_vec();
                parts.push(Part::Relu);
                // Large pictures are made small before the blocks.
                parts.extend(vec![Part::Halve; halvings(size, LARGE)]);
                let mut inputs = units;
                for stage in 0..3 {
                    let outputs = units << stage;
                    for block in 0..layers {
                        let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                        let mut body = convolution(inputs, outputs, 3, stride).to_vec();
                        body.push(Part::Relu);
                        body.extend(convolution(outputs, outputs, 3, 1));
                        let same = stride == 1 && inputs == outputs;
                        let shortcut = if same { vec![] } else { convolution(inputs, outputs, 1, stride).to_vec() };
                        parts.extend([Part::Residual { body, shortcut }, Part::Relu]);
                        inputs = outputs;
                    }
                }
                parts.extend([Part::Mean, Part::Linear { inputs, outputs: classes }]);
                parts
            }
        }
    }
}

/// What is left of a side before a cnn takes the mean.
const SMALL: usize = 8;
/// What is left of a side before the blocks of a resnet.
const LARGE: usize = 40;

/// How often a side is halved until it is at most `limit`.
fn halvings(size: usize, limit: usize) -> usize {
    (0..).take_while(|n| size >> n > limit).count()
}

/// A convolution, which needs no bias, and its normalisation.
fn convolution(inputs: usize, outputs: usize, window: usize, stride: usize) -> [Part; 2] {
    [Part::Convolution { inputs, outputs, window, stride }, Part::Normalization { channels: outputs }]
}

/// A layer, and all that its size depends on.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Part {
    Convolution { inputs: usize, outputs: usize, window: usize, stride: usize },
    Normalization { channels: usize },
    Linear { inputs: usize, outputs: usize },
    Relu,
    Halve,
    Mean,
    Residual { body: Vec<Part>, shortcut: Vec<Part> },
}

impl Part {
    /// How many numbers a model file holds for these layers; nothing is made.
    pub fn count(parts: &[Part]) -> usize {
        let product = |factors: &[usize]| factors.iter().fold(1usize, |n, &f| n.saturating_mul(f));
        let each = |part: &Part| match part {
            Part::Convolution { inputs, outputs, window, .. } => product(&[*inputs, *outputs, *window, *window]),
            // Scale, shift, running mean and variance, and the count of batches.
            Part::Normalization { channels } => product(&[4, *channels]).saturating_add(1),
            Part::Linear { inputs, outputs } => product(&[inputs.saturating_add(1), *outputs]),
            Part::Residual { body, shortcut } => Part::count(body).saturating_add(Part::count(shortcut)),
            Part::Relu | Part::Halve | Part::Mean => 0,
        };
        parts.iter().map(each).fold(0, usize::saturating_add)
    }
    /// The layers with new parameters.
    pub fn build(parts: &[Part]) -> L::Sequential {
        let add = |model: L::Sequential, part: &Part| match part {
            &Part::Convolution { inputs, outputs, window, stride } => {
                model.add(L::Convolution2D::new(inputs, outputs, window).stride(stride).pad(window / 2).nobias())
            }
            &Part::Normalization { channels } => model.add(L::BatchNormalization::new(channels)),
            &Part::Linear { inputs, outputs } => model.add(L::Linear::new(inputs, outputs)),
            Part::Relu => model.then(F::relu),
            Part::Halve => model.then(halve),
            Part::Mean => model.then(mean),
            Part::Residual { body, shortcut } => {
                let shortcut = (!shortcut.is_empty()).then(|| Part::build(shortcut));
                model.add(Residual { body: Part::build(body), shortcut })
            }
        };
        parts.iter().fold(L::Sequential::new(), add)
    }
}

/// The largest of every 2 × 2 pixels.
fn halve(x: &Variable) -> Variable {
    F::max_pooling_2d(x, 2, F::MaxPooling::default())
}

/// The mean of each channel.
fn mean(x: &Variable) -> Variable {
    F::mean(x, [2, 3])
}

/// `body(x) + x`, or `body(x) + shortcut(x)` where the shapes differ.
#[derive(Clone)]
struct Residual {
    body: L::Sequential,
    shortcut: Option<L::Sequential>,
}
link!(Residual { body, shortcut });

impl Layer for Residual {
    fn forward(&self, x: &Variable) -> Variable {
        let past = self.shortcut.as_ref().map_or_else(|| x.clone(), |shortcut| shortcut.forward(x));
        self.body.forward(x) + past
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Array, DType,
        serializers::{Value, collect, serialize_link},
    };

    #[test]
    fn counts_are_those_of_the_networks() {
        for kind in Kind::ALL {
            for (size, channels) in [(28, 1), (50, 3)] {
                let parts = Architecture { units: 6, ..Architecture::usual(kind, size) }.parts(channels, size, 4);
                let network = Part::build(&parts);
                let y = network.forward(&Variable::constant(Array::ones(&[2, channels, size, size], DType::F32)));
                assert_eq!(y.shape()[..], [2, 4]);
                let entries = collect(|s| serialize_link(&network, s)).unwrap();
                let len = |v: &Value| if let Value::Array(a) = v { a.len() } else { 0 };
                assert_eq!(entries.values().map(len).sum::<usize>(), Part::count(&parts), "{kind:?}");
            }
        }
    }
}
