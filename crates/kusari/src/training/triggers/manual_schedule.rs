//! By a list.

use crate::{
    Result,
    serializers::Serializer,
    training::{Progress, Trigger, Unit, trigger::Previous},
};

/// Fires at the points of a list.
#[derive(Clone, Debug)]
pub struct ManualScheduleTrigger {
    points: Vec<f64>,
    unit: Unit,
    previous: Previous,
}

impl ManualScheduleTrigger {
    /// At these numbers of epochs (which may be fractions) or iterations.
    pub fn new<P: Into<f64>>(points: impl IntoIterator<Item = P>, unit: Unit) -> ManualScheduleTrigger {
        let points = points.into_iter().map(Into::into).collect();
        ManualScheduleTrigger { points, unit, previous: Previous::default() }
    }
}

impl Trigger for ManualScheduleTrigger {
    fn fire(&mut self, progress: &Progress) -> bool {
        let (before, now) = (self.previous.get(self.unit), self.unit.now(progress));
        self.previous.set(progress);
        self.points.iter().any(|&point| before < point && point <= now)
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        self.previous.serialize(s)
    }
}
