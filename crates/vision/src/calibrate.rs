//! Calibrate: from how sure the net seems to how often it is right.

use crate::VisionError;

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
    /// From cases: how sure the net was, and how far it was right, 0 to 1 (pool adjacent violators).
    #[must_use]
    pub fn fit(mut signs: Vec<(f32, f32)>) -> Self {
        signs.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Sum of odds, of right ones, and count of each pool.
        let mut pools: Vec<(f64, f64, f64)> = Vec::new();
        let size = (signs.len() / 200).max(10);
        for chunk in signs.chunks(size) {
            let right = chunk.iter().map(|s| f64::from(s.1)).sum();
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
            // One wrong and one right more: no share is certain from few cases.
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

/// The tables of one reader.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// For a sign.
    pub sign: Calibration,
    /// From the product of a word's signs to whether all of it is right.
    pub word: Calibration,
    /// From the mean of a line's signs to the share of them that are right.
    pub line: Calibration,
}

impl Tables {
    /// From a file: in each line `sign`, `word` or `line`, and a knot's two numbers; lines that begin
    /// with `#` are passed over. What has no knots is left as the net says.
    ///
    /// # Errors
    /// [`VisionError::Load`] when a line is something else, or the numbers do not rise.
    pub fn read(text: &str) -> Result<Self, VisionError> {
        let wrong =
            || VisionError::Load { model: "calibration", reason: "not rising tables".to_owned() };
        let mut out = Self::default();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let [name, x, y] = parts[..] else { return Err(wrong()) };
            let table = match name {
                "sign" => &mut out.sign,
                "word" => &mut out.word,
                "line" => &mut out.line,
                _ => return Err(wrong()),
            };
            let (x, y): (f32, f32) =
                (x.parse().map_err(|_| wrong())?, y.parse().map_err(|_| wrong())?);
            let rises = table.knots.last().is_none_or(|k| k.0 < x && k.1 <= y);
            if !rises || !x.is_finite() || !(0.0..=1.0).contains(&y) {
                return Err(wrong());
            }
            table.knots.push((x, y));
        }
        Ok(out)
    }

    /// The tables as a file.
    #[must_use]
    pub fn write(&self) -> String {
        let tables = [("sign", &self.sign), ("word", &self.word), ("line", &self.line)];
        let rows = tables.iter().flat_map(|(name, t)| t.knots.iter().map(move |k| (name, k)));
        rows.map(|(name, (x, y))| format!("{name}\t{x:.3}\t{y:.5}\n")).collect()
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
    fn boaster() -> Vec<(f32, f32)> {
        let case = |i: i32| if i % 2 == 0 { (0.99, i % 20 != 0) } else { (0.6, i % 10 < 3) };
        (0..2000).map(case).map(|(sure, right)| (sure, f32::from(u8::from(right)))).collect()
    }

    #[test]
    fn a_boaster_is_taken_at_his_record() {
        let table = Calibration::fit(boaster());
        assert!((table.right(0.99) - 0.9).abs() < 0.02, "{}", table.right(0.99));
        assert!((table.right(0.6) - 0.2).abs() < 0.12, "{}", table.right(0.6));
        assert!(table.right(0.3) < table.right(0.6));
        let judged = |f: &dyn Fn(f32) -> f32| -> Vec<(f32, f32)> {
            boaster().iter().map(|(c, r)| (f(*c), *r)).collect()
        };
        let (before, after) =
            (calibration_error(&judged(&|c| c)), calibration_error(&judged(&|c| table.right(c))));
        assert!(before > 0.1 && after < 0.02, "{before} {after}");
    }

    #[test]
    fn a_table_survives_its_file_and_a_falling_one_is_refused() {
        let table = Calibration::fit(boaster());
        let tables = Tables { word: table.clone(), ..Tables::default() };
        let again = Tables::read(&format!("# words\n{}", tables.write())).unwrap();
        assert!((again.word.right(0.9) - table.right(0.9)).abs() < 1e-2);
        assert_eq!(again.line.right(0.4), 0.4);
        assert!(Tables::read("word 1 0.9\nword 2 0.8\n").is_err());
        assert!(Tables::read("word 1 x\n").is_err());
        assert!(Tables::read("page 1 0.5\n").is_err());
        assert_eq!(Calibration::default().right(0.4), 0.4);
    }
}
