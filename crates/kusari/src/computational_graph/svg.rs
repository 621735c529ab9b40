//! The recorded graph as an SVG picture, laid out in layers (Sugiyama, Tagawa and Toda, 1981): what is computed from
//! something stands below it, long lines bend around what is in their way, and neighbours are put near each other.

use super::ComputationalGraph;
use crate::{GraphNode, GraphNodeKind, report::escape};
use std::{collections::HashMap, fmt::Write};

/// Height of a box, and of the gap below it.
const HEIGHT: f64 = 36.0;
const GAP: f64 = 26.0;
/// The gap between boxes side by side, and the width of a line that passes between them.
const BETWEEN: f64 = 14.0;
const THIN: f64 = 6.0;
/// Width of a letter.
const LETTER: f64 = 7.2;
const MARGIN: f64 = 16.0;
/// The weight of what is computed from nothing.
const ASIDE: f64 = 0.02;
/// How often the order in the layers and the places are improved.
const SWEEPS: usize = 12;

/// A box, or a bend of a line that passes through a layer.
struct Place {
    /// How much it counts that it stands straight: parameters may stand aside.
    weight: f64,
    width: f64,
    x: f64,
    layer: usize,
    above: Vec<usize>,
    below: Vec<usize>,
}

struct Layout {
    places: Vec<Place>,
    /// The places of each layer from left to right.
    layers: Vec<Vec<usize>>,
    /// From box to box, with the bends between.
    lines: Vec<Vec<usize>>,
}

impl ComputationalGraph {
    /// The graph as SVG: boxes are functions with the shape of what they give, darker ones parameters, round ones data.
    ///
    /// The same computation gives the same text.
    pub fn to_svg(&self) -> String {
        let texts: Vec<[String; 2]> = self.nodes.iter().map(texts).collect();
        let layout = Layout::new(&self.nodes, &texts);
        layout.draw(&self.nodes, &texts)
    }
}

/// What is written into a node's box.
fn texts(node: &GraphNode) -> [String; 2] {
    let name = match &node.kind {
        GraphNodeKind::Function(name) => name.clone(),
        GraphNodeKind::Parameter(name) if !name.is_empty() => name.clone(),
        GraphNodeKind::Parameter(_) => "parameter".to_string(),
        GraphNodeKind::Leaf => "data".to_string(),
        GraphNodeKind::Output(i) => format!("output {i}"),
    };
    let shape = node.shape.to_string();
    [name, if shape == "()" { "number".to_string() } else { shape }]
}

impl Layout {
    fn new(nodes: &[GraphNode], texts: &[[String; 2]]) -> Layout {
        let number: HashMap<usize, usize> = nodes.iter().enumerate().map(|(i, node)| (node.id, i)).collect();
        let sources = |node: &GraphNode| -> Vec<usize> {
            let mut all: Vec<usize> = node.sources.iter().filter_map(|id| number.get(id).copied()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        // Sources come before results, so one pass finds the longest way to each.
        let mut layer = vec![0usize; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            layer[i] = sources(node).into_iter().map(|s| layer[s] + 1).max().unwrap_or(0);
        }
        // What has no sources itself stands just above what is first computed from it.
        let mut first = vec![usize::MAX; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            sources(node).into_iter().for_each(|s| first[s] = first[s].min(layer[i]));
        }
        for (i, node) in nodes.iter().enumerate().filter(|(i, _)| first[*i] != usize::MAX) {
            if sources(node).is_empty() {
                layer[i] = first[i] - 1;
            }
        }
        let mut places: Vec<Place> = Vec::new();
        for ((node, texts), &layer) in nodes.iter().zip(texts).zip(&layer) {
            let letters = texts.iter().map(|t| t.chars().count()).max().unwrap_or(0);
            let width = (letters as f64 * LETTER + 18.0).max(56.0);
            let weight = if sources(node).is_empty() { ASIDE } else { 1.0 };
            places.push(Place { weight, width, x: 0.0, layer, above: Vec::new(), below: Vec::new() });
        }
        let mut lines = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            for source in sources(node) {
                let mut line = vec![source];
                for layer in layer[source] + 1..layer[i] {
                    places.push(Place {
                        weight: 1.0,
                        width: THIN,
                        x: 0.0,
                        layer,
                        above: Vec::new(),
                        below: Vec::new(),
                    });
                    line.push(places.len() - 1);
                }
                line.push(i);
                for pair in line.windows(2) {
                    places[pair[0]].below.push(pair[1]);
                    places[pair[1]].above.push(pair[0]);
                }
                lines.push(line);
            }
        }
        let mut layers = vec![Vec::new(); layer.iter().max().map_or(0, |l| l + 1)];
        places.iter().enumerate().for_each(|(i, place)| layers[place.layer].push(i));
        let mut layout = Layout { places, layers, lines };
        layout.order();
        layout.spread();
        layout
    }
    /// Puts each place where the mean of its neighbours in the layer before is.
    fn order(&mut self) {
        let mut position = vec![0.0; self.places.len()];
        let number = |layer: &[usize], position: &mut [f64]| {
            layer.iter().enumerate().for_each(|(i, &p)| position[p] = i as f64 / layer.len() as f64);
        };
        self.layers.iter().for_each(|layer| number(layer, &mut position));
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let count = self.layers.len();
            for l in (0..count).map(|l| if down { l } else { count - 1 - l }) {
                let places = &self.places;
                let mean = |p: usize| {
                    let near = if down { &places[p].above } else { &places[p].below };
                    match near.len() {
                        0 => position[p],
                        n => near.iter().map(|&q| position[q]).sum::<f64>() / n as f64,
                    }
                };
                let mut keyed: Vec<(f64, usize)> = self.layers[l].iter().map(|&p| (mean(p), p)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.layers[l] = keyed.into_iter().map(|(_, p)| p).collect();
                number(&self.layers[l], &mut position);
            }
        }
    }
    /// Finds places from left to right: near their neighbours above and below, and apart from those beside them.
    fn spread(&mut self) {
        for l in 0..self.layers.len() {
            self.set_apart(l, &vec![0.0; self.layers[l].len()]);
        }
        for sweep in 0..SWEEPS {
            let count = self.layers.len();
            for l in (0..count).map(|l| if sweep % 2 == 0 { l } else { count - 1 - l }) {
                let wish = |&p: &usize| {
                    let place = &self.places[p];
                    // The layer just set counts, and at last both.
                    let near: Vec<usize> = match sweep {
                        s if s + 2 >= SWEEPS => [&place.above[..], &place.below].concat(),
                        s if s % 2 == 0 => place.above.clone(),
                        _ => place.below.clone(),
                    };
                    match near.len() {
                        0 => place.x,
                        _ => {
                            let weights: f64 = near.iter().map(|&q| self.places[q].weight).sum();
                            near.iter().map(|&q| self.places[q].weight * self.places[q].x).sum::<f64>() / weights
                        }
                    }
                };
                let wishes: Vec<f64> = self.layers[l].iter().map(wish).collect();
                self.set_apart(l, &wishes);
            }
        }
    }
    /// Sets the middles of a layer's places as near to the wishes as can be (least squares, with the order and the
    /// gaps kept): neighbours that would overlap become a block, which stands at the mean of their wishes.
    fn set_apart(&mut self, l: usize, wishes: &[f64]) {
        let layer = &self.layers[l];
        let mut offset = 0.0;
        let mut offsets = Vec::with_capacity(layer.len());
        for (i, &p) in layer.iter().enumerate() {
            if i > 0 {
                offset += (self.places[layer[i - 1]].width + self.places[p].width) / 2.0 + BETWEEN;
            }
            offsets.push(offset);
        }
        // Blocks of weighted wishes less offsets, their weights, and their number.
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        for ((wish, offset), &p) in wishes.iter().zip(&offsets).zip(layer) {
            let weight = self.places[p].weight;
            blocks.push((weight * (wish - offset), weight, 1));
            while let [.., a, b] = blocks[..] {
                if a.0 / a.1 <= b.0 / b.1 {
                    break;
                }
                blocks.truncate(blocks.len() - 2);
                blocks.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
            }
        }
        let starts = blocks.into_iter().flat_map(|(sum, weight, n)| std::iter::repeat_n(sum / weight, n));
        let xs: Vec<f64> = starts.zip(&offsets).map(|(start, offset)| start + offset).collect();
        for (i, x) in xs.into_iter().enumerate() {
            let p = self.layers[l][i];
            self.places[p].x = x;
        }
    }
    fn draw(&self, nodes: &[GraphNode], texts: &[[String; 2]]) -> String {
        let left = self.places.iter().map(|p| p.x - p.width / 2.0).fold(f64::INFINITY, f64::min);
        let right = self.places.iter().map(|p| p.x + p.width / 2.0).fold(f64::NEG_INFINITY, f64::max);
        let (left, right) = if left <= right { (left, right) } else { (0.0, 0.0) };
        let width = right - left + 2.0 * MARGIN;
        let height = self.layers.len() as f64 * (HEIGHT + GAP) - GAP + 2.0 * MARGIN;
        let x = |p: usize| self.places[p].x - left + MARGIN;
        let top = |p: usize| self.places[p].layer as f64 * (HEIGHT + GAP) + MARGIN;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n{STYLE}"
        );
        let mut line = |text: std::fmt::Arguments| writeln!(svg, "{text}").expect("writing to memory does not fail");
        for way in &self.lines {
            let mut path = format!("M{:.1} {:.1}", x(way[0]), top(way[0]) + HEIGHT);
            for pair in way.windows(2) {
                let (a, b) = (top(pair[0]) + HEIGHT, top(pair[1]));
                let middle = (a + b) / 2.0;
                let _ = write!(path, "C{0:.1} {middle:.1} {1:.1} {middle:.1} {1:.1} {b:.1}", x(pair[0]), x(pair[1]));
                if Some(&pair[1]) != way.last() {
                    let _ = write!(path, "V{:.1}", b + HEIGHT);
                }
            }
            line(format_args!("<path class=\"line\" d=\"{path}\"/>"));
        }
        for (i, (node, [name, shape])) in nodes.iter().zip(texts).enumerate() {
            let (class, round) = match node.kind {
                GraphNodeKind::Parameter(_) => ("parameter", 4.0),
                GraphNodeKind::Function(_) => ("function", 4.0),
                _ => ("data", HEIGHT / 2.0),
            };
            let (wide, x, y) = (self.places[i].width, x(i), top(i));
            line(format_args!(
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{HEIGHT}\" rx=\"{round}\"/>",
                x - wide / 2.0
            ));
            line(format_args!("<text x=\"{x:.1}\" y=\"{:.1}\">{}</text>", y + 15.0, escape(name)));
            line(format_args!("<text class=\"shape\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>", y + 29.0, escape(shape)));
        }
        svg + "</svg>\n"
    }
}

const STYLE: &str = "<style>
svg { background: #fff; }
.line { fill: none; stroke: #8a94a4; stroke-width: 1.3; }
rect { stroke: #667080; stroke-width: 1; }
.function { fill: #eaf1fd; stroke: #2563cd; }
.parameter { fill: #e9ebef; }
.data { fill: #e5f5ee; stroke: #109668; }
text { font: 13px Inter, system-ui, \"DejaVu Sans\", sans-serif; text-anchor: middle; fill: #20242c; }
.shape { font-size: 11px; fill: #667080; }
</style>
";
