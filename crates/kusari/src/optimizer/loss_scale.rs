//! Loss scaling: keeps small gradients of float16 from vanishing.

use crate::{Result, serializers::Serializer};

/// What a loss is multiplied by before `backward` and the gradients are divided by before the update
/// (Micikevicius et al., <https://arxiv.org/abs/1710.03740>).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LossScale {
    value: f64,
    growth: Option<f64>,
    overflowed: bool,
}

/// The largest float16.
const LARGEST: f64 = 65504.0;

impl LossScale {
    /// A constant factor.
    ///
    /// # Panics
    /// When it is not positive.
    #[track_caller]
    pub fn constant(value: f64) -> LossScale {
        assert!(value > 0.0, "LossScale: expected a positive factor, got {value}");
        LossScale { value, growth: None, overflowed: false }
    }
    /// A factor that starts at 1 and doubles until gradients overflow, then halves, and grows slowly again: twofold
    /// within `interval` updates. An update whose gradients have overflowed is left out.
    ///
    /// # Panics
    /// When the interval is 0.
    #[track_caller]
    pub fn dynamic(interval: u64) -> LossScale {
        assert!(interval > 0, "LossScale: expected an interval of 1 or more, got 0");
        LossScale { value: 1.0, growth: Some(2f64.powf(1.0 / interval as f64)), overflowed: false }
    }
    /// The factor.
    pub fn value(&self) -> f64 {
        self.value
    }
    pub(super) fn is_dynamic(&self) -> bool {
        self.growth.is_some()
    }
    /// Adapts the factor after an update.
    pub(super) fn adapt(&mut self, overflow: bool) {
        let Some(growth) = self.growth else { return };
        self.overflowed |= overflow;
        let factor = match (overflow, self.overflowed) {
            (true, _) => 0.5,
            (false, true) => growth,
            (false, false) => 2.0,
        };
        self.value = (self.value * factor).clamp(1.0, LARGEST);
    }
    /// Saves or loads where a dynamic factor is; a constant one is a setting.
    pub(super) fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        if self.is_dynamic() {
            s.float("loss_scale", &mut self.value)?;
            s.flag("loss_scale_overflowed", &mut self.overflowed)?;
        }
        Ok(())
    }
}
