//! The ball: a parameter for each coordinate, moved by an optimiser.

use super::{Game, course::Course};
use crate::optimizer::Entry;
use kusari::{DType, Parameter, Variable, random::Generator};
use std::fmt;

/// An optimiser and its learning rate.
#[derive(Clone, Copy)]
pub struct Club {
    pub entry: &'static Entry,
    pub lr: f64,
}

impl fmt::Display for Club {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, lr {}", self.entry.title, self.lr)
    }
}

/// Where the ball was before a step, and what it felt there.
pub struct Spot {
    pub place: Vec<f64>,
    pub height: f64,
    pub gradient: Vec<f64>,
}

/// A whole game.
pub struct Ball {
    pub spots: Vec<Spot>,
    /// Whether it was called off because the ball had left for good.
    pub lost: bool,
}

impl Ball {
    /// Plays until the steps are taken, or the ball has rolled out of sight. `seed` is that of the gradient's noise.
    pub fn play(game: &Game, club: &Club, seed: Option<u64>) -> Ball {
        let parameters: Vec<_> = game.start.iter().map(|&v| Parameter::new(v)).collect();
        let mut optimizer = (club.entry.make)(club.lr);
        optimizer.setup(&parameters);
        let mut noise = seed.map(Generator::new);
        let mut spots = Vec::with_capacity(game.steps + 1);
        for step in 0..=game.steps {
            let place: Vec<Variable> = parameters.iter().map(Parameter::get).collect();
            let height = (game.course.height)(&place);
            height.backward();
            let gradient = |p: &Parameter| p.grad().map_or(0.0, |g| g.item());
            spots.push(Spot {
                place: place.iter().map(Variable::item).collect(),
                height: height.item(),
                gradient: parameters.iter().map(gradient).collect(),
            });
            let last = &spots[step];
            if !last.height.is_finite() || last.place.iter().any(|v| v.abs() > 1e6) {
                return Ball { spots, lost: true };
            }
            if let Some(generator) = &mut noise {
                for p in &parameters {
                    p.addgrad(generator.normal(&[], 0.0, game.noise, DType::F64));
                }
            }
            if step < game.steps {
                optimizer.update();
            }
        }
        Ball { spots, lost: false }
    }
    /// Whether it ended higher than it began: a step too long.
    pub fn climbed(&self) -> bool {
        self.lost || self.last().height > self.spots[0].height + 1e-9
    }
    /// Where it ended.
    pub fn last(&self) -> &Spot {
        &self.spots[self.spots.len() - 1]
    }
    /// The first step after which it stayed within 0.01 of the hole, in every coordinate.
    pub fn arrival(&self, course: &Course) -> Option<usize> {
        let near = |s: &Spot| s.place.iter().zip(course.hole).all(|(a, b)| (a - b).abs() < 0.01);
        let away = self.spots.iter().rposition(|s| !near(s)).map_or(0, |i| i + 1);
        (away < self.spots.len()).then_some(away)
    }
    /// About `n` of its places, the first ones and the last among them, evenly by the way that was covered.
    pub fn trail(&self, n: usize) -> Vec<&Spot> {
        let stride = self.spots.len().div_ceil(n).max(1);
        let last = self.spots.len() - 1;
        let shown = |i: &usize| *i < 10 || i.is_multiple_of(stride) || *i == last;
        (0..=last).filter(shown).map(|i| &self.spots[i]).collect()
    }
}
