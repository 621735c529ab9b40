//! Dates: days, and the places on the circles of year, week and day.

use super::{
    super::{DateOrder, csv::month_of},
    Object, Row,
    number::{moments, standardised},
};
use crate::Result;
use serde_json::{Value as Json, json};
use std::f64::consts::TAU;

/// A date as seven numbers: days (standardised), and sine and cosine of month, day of the week and hour; those that do
/// not change in training are left out. Missing ones are zeros, told by an indicator if that happened in training.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Date {
    pub order: DateOrder,
    mean: f64,
    deviation: f64,
    /// Whether months, days of the week, hours differ.
    cycles: [bool; 3],
    missing: bool,
}

/// The place on the circles of year, week and day, from 0 to 1.
fn places(day: f64) -> [f64; 3] {
    [month_of(day) / 12.0, (day.floor() + 3.0).rem_euclid(7.0) / 7.0, day.rem_euclid(1.0)]
}

impl Date {
    pub fn fit(values: &[f64], order: DateOrder, rows: &[u32]) -> Result<Date, &'static str> {
        let known = || rows.iter().map(|&r| values[r as usize]).filter(|v| !v.is_nan());
        let Some(first) = known().next() else { return Err("no value in any row") };
        let (mean, deviation) = moments(known());
        let missing = known().count() < rows.len();
        if deviation == 0.0 && !missing {
            return Err("the same in all rows");
        }
        let first = places(first);
        let mut cycles = [false; 3];
        known().map(places).for_each(|p| (0..3).for_each(|i| cycles[i] |= p[i] != first[i]));
        Ok(Date { order, mean, deviation, cycles, missing })
    }
    pub fn width(&self) -> usize {
        let cycles = self.cycles.iter().filter(|&&c| c).count();
        usize::from(self.deviation > 0.0) + 2 * cycles + usize::from(self.missing)
    }
    pub fn encode(&self, value: f64, row: &mut Row) {
        let known = value.is_finite();
        if self.deviation > 0.0 {
            row.push(if known { standardised(value, self.mean, self.deviation) } else { 0.0 });
        }
        let places = places(if known { value } else { 0.0 });
        for (place, _) in places.iter().zip(self.cycles).filter(|(_, differs)| *differs) {
            let (sin, cos) = if known { (TAU * place).sin_cos() } else { (0.0, 0.0) };
            row.push(sin);
            row.push(cos);
        }
        if self.missing {
            row.push(if known { 0.0 } else { 1.0 });
        }
    }
    pub fn to_json(&self) -> Json {
        let [year, week, day] = self.cycles;
        json!({ "order": self.order.name(), "mean": self.mean, "deviation": self.deviation, "missing": self.missing,
                "year": year, "week": week, "day": day })
    }
    pub fn from_json(object: &Object) -> Result<Date> {
        let order = DateOrder::named(object.text("order")?).ok_or_else(|| object.wrong("order", "ymd, dmy or mdy"))?;
        let deviation = object.number("deviation")?;
        if deviation < 0.0 {
            return Err(object.wrong("deviation", "a number that is not negative"));
        }
        let cycles = [object.flag("year")?, object.flag("week")?, object.flag("day")?];
        Ok(Date { order, mean: object.number("mean")?, deviation, cycles, missing: object.flag("missing")? })
    }
}
