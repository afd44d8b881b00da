//! Segments: the likeliest way to part a sequence into stretches, each worth something of its own: what a
//! semi-Markov conditional random field says (Sarawagi and Cohen, "Semi-Markov conditional random fields
//! for information extraction", 2004).

/// Chances nearer to none and to certain than this say no more.
const LEAST: f32 = 0.02;

/// Where each of the likeliest stretches of `0..n` begins, in order, and `n` at the end. `begins` says where one that
/// ends before a place may begin, `worth` what one is worth from its beginning to the place after its end.
pub(crate) fn likeliest<B: Iterator<Item = usize>>(
    n: usize,
    begins: impl Fn(usize) -> B,
    worth: impl Fn(usize, usize) -> f32,
) -> Vec<usize> {
    // The best that the first so many come to, and where their last stretch begins.
    let mut best: Vec<(f32, usize)> = vec![(0.0, 0)];
    for to in 1..=n {
        let most = begins(to)
            .map(|from| (best[from].0 + worth(from, to), from))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        best.push(most.unwrap_or((f32::MIN, to - 1)));
    }
    let mut out = vec![n];
    let mut to = n;
    while to > 0 {
        to = best[to].1;
        out.push(to);
    }
    out.reverse();
    out
}

/// A chance as the logarithm of its odds.
pub(crate) fn log_odds(chance: f32) -> f32 {
    let chance = chance.clamp(LEAST, 1.0 - LEAST);
    (chance / (1.0 - chance)).ln()
}

pub(crate) fn one_if(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretches_worth_the_most_together_are_taken() {
        // Stretches of three are worth most, and four places are no such stretches.
        let worth = |from: usize, to: usize| if to - from == 3 { 5.0 } else { 1.0 };
        assert_eq!(likeliest(6, |to| 0..to, worth), [0, 3, 6]);
        assert_eq!(likeliest(4, |to| 0..to, worth).len(), 3);
        assert_eq!(likeliest(0, |to| 0..to, worth), [0]);
    }

    #[test]
    fn where_none_may_begin_the_place_before_does() {
        assert_eq!(likeliest(2, |_| 0..0, |_, _| 1.0), [0, 1, 2]);
    }

    #[test]
    fn odds_of_what_is_certain_are_bounded() {
        assert!(log_odds(1.0) < 4.0 && log_odds(0.0) > -4.0 && log_odds(0.5) == 0.0);
    }
}
