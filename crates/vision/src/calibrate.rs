//! Calibrate: from how sure the net seems to how often it is right.

use crate::VisionError;
use crate::decode::{Decode, Sign};

/// A table of a net's own confidence against the share of signs that were right at it, straight in
/// between; both rise (isotonic regression, Zadrozny and Elkan 2002).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Logarithm of the odds of the net's confidence, and the share.
    knots: Vec<(f32, f32)>,
}

/// Most knots in a table.
const KNOTS: usize = 24;

impl Calibration {
    /// From lines of two numbers, as [`Calibration::write`] makes them; lines that begin with `#`
    /// are passed over.
    ///
    /// # Errors
    /// [`VisionError::Load`] when a line is something else, or the numbers do not rise.
    pub fn read(text: &str) -> Result<Self, VisionError> {
        let wrong =
            || VisionError::Load { model: "calibration", reason: "not a rising table".to_owned() };
        let mut knots = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let mut parts = line.split_whitespace().map(str::parse::<f32>);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(Ok(x)), Some(Ok(y)), None) => knots.push((x, y)),
                _ => return Err(wrong()),
            }
        }
        let rises = knots.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
        let shares = knots.iter().all(|k| k.0.is_finite() && (0.0..=1.0).contains(&k.1));
        if rises && shares { Ok(Self { knots }) } else { Err(wrong()) }
    }

    /// The table as text.
    #[must_use]
    pub fn write(&self) -> String {
        self.knots.iter().map(|(x, y)| format!("{x:.3}\t{y:.5}\n")).collect()
    }

    /// From signs: how sure the net was, and whether it was right (pool adjacent violators).
    #[must_use]
    pub fn fit(mut signs: Vec<(f32, bool)>) -> Self {
        signs.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Sum of odds, of right ones, and count of each pool.
        let mut pools: Vec<(f64, f64, f64)> = Vec::new();
        let size = (signs.len() / 400).max(20);
        for chunk in signs.chunks(size) {
            let right = chunk.iter().filter(|s| s.1).count() as f64;
            let sum = chunk.iter().map(|s| f64::from(odds(s.0))).sum();
            pools.push((sum, right, chunk.len() as f64));
            while let [.., a, b] = pools[..]
                && a.1 / a.2 >= b.1 / b.2
            {
                pools.truncate(pools.len() - 2);
                pools.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
            }
        }
        let all: Vec<(f32, f32)> = pools
            .iter()
            // One wrong and one right more: no share is certain from few signs.
            .map(|p| ((p.0 / p.2) as f32, ((p.1 + 1.0) / (p.2 + 2.0)) as f32))
            .collect();
        let mut knots: Vec<(f32, f32)> = Vec::new();
        for i in 0..KNOTS.min(all.len()) {
            let at = i * (all.len() - 1) / (KNOTS.min(all.len()) - 1).max(1);
            let share = knots.last().map_or(0.0, |k| k.1).max(all[at].1);
            if knots.last().is_none_or(|k| k.0 < all[at].0) {
                knots.push((all[at].0, share));
            }
        }
        Self { knots }
    }

    /// The share of signs that are right where the net is so sure.
    #[must_use]
    pub fn right(&self, confidence: f32) -> f32 {
        let x = odds(confidence);
        let at = self.knots.partition_point(|k| k.0 < x);
        match (at.checked_sub(1).and_then(|i| self.knots.get(i)), self.knots.get(at)) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
            (Some(a), None) => a.1,
            // Below the first knot in proportion to the net's own word.
            (None, Some(b)) => b.1 * confidence.max(0.0) / from_odds(b.0),
            (None, None) => confidence,
        }
    }
}

fn odds(p: f32) -> f32 {
    let p = p.clamp(1e-4, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

fn from_odds(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// A decoder whose confidences are those of a table.
pub struct Calibrated {
    decoder: Box<dyn Decode>,
    table: Calibration,
}

impl Calibrated {
    /// This decoder with this table.
    #[must_use]
    pub fn new(decoder: Box<dyn Decode>, table: Calibration) -> Self {
        Self { decoder, table }
    }
}

impl Decode for Calibrated {
    fn decode(&self, values: &[f32], classes: usize) -> Vec<Sign> {
        let mut signs = self.decoder.decode(values, classes);
        signs.iter_mut().for_each(|s| s.confidence = self.table.right(s.confidence));
        signs
    }
}

/// Expected calibration error: mean distance, weighted by count, between the confidence and the
/// share of right ones in fifteen equal bins of confidence (Guo et al. 2017).
#[must_use]
pub fn calibration_error(judged: &[(f32, f32)]) -> f32 {
    let mut bins = [(0.0f64, 0.0f64); 15];
    for (confidence, right) in judged {
        let bin = ((confidence * 15.0) as usize).min(14);
        bins[bin].0 += f64::from(*confidence);
        bins[bin].1 += f64::from(*right);
    }
    let gap: f64 = bins.iter().map(|(c, r)| (c - r).abs()).sum();
    (gap / judged.len().max(1) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A net that says 0.99 and is right nine times in ten, says 0.6 and is right three in ten.
    fn boaster() -> Vec<(f32, bool)> {
        (0..2000)
            .map(|i| if i % 2 == 0 { (0.99, i % 20 != 0) } else { (0.6, i % 10 < 3) })
            .collect()
    }

    #[test]
    fn a_boaster_is_taken_at_his_record() {
        let table = Calibration::fit(boaster());
        assert!((table.right(0.99) - 0.9).abs() < 0.02, "{}", table.right(0.99));
        assert!((table.right(0.6) - 0.2).abs() < 0.12, "{}", table.right(0.6));
        assert!(table.right(0.3) < table.right(0.6));
        let judged = |f: &dyn Fn(f32) -> f32| -> Vec<(f32, f32)> {
            boaster().iter().map(|(c, r)| (f(*c), f32::from(u8::from(*r)))).collect()
        };
        let (before, after) =
            (calibration_error(&judged(&|c| c)), calibration_error(&judged(&|c| table.right(c))));
        assert!(before > 0.1 && after < 0.02, "{before} {after}");
    }

    #[test]
    fn a_table_survives_its_file_and_a_falling_one_is_refused() {
        let table = Calibration::fit(boaster());
        let again = Calibration::read(&format!("# signs\n{}", table.write())).unwrap();
        assert!((again.right(0.9) - table.right(0.9)).abs() < 1e-2);
        assert!(Calibration::read("1 0.9\n2 0.8\n").is_err());
        assert!(Calibration::read("1 x\n").is_err());
        assert_eq!(Calibration::default().right(0.4), 0.4);
    }
}
