//! Figures: amounts whose last nought is open at the right, where a rule or the paper's edge cuts it.
//!
//! It is read as a C. In a line of nothing but figures, as the third sign of a group of three, it is one.

use khocr_khmer::labels;

use crate::decode::Sign;

/// Makes noughts of what looks like an open one at the end of an amount.
pub(crate) fn mend(signs: &mut [Sign]) {
    let Some((last, before)) = signs.split_last_mut() else { return };
    if !matches!(labels::text(last.class), "C" | "c" | "O" | "o") {
        return;
    }
    let is_digit = |s: &Sign| is_one_of(s, "0123456789");
    let is_amount = before.iter().all(|s| is_digit(s) || is_one_of(s, " ,.+-"));
    let group = before.len().checked_sub(4).map(|from| &before[from..]);
    let ends = |g: &[Sign]| {
        is_digit(&g[0]) && is_one_of(&g[1], " ,.") && is_digit(&g[2]) && is_digit(&g[3])
    };
    if is_amount
        && group.is_some_and(ends)
        && let Some(nought) = labels::encode("0")
    {
        last.class = usize::from(nought[0]);
    }
}

fn is_one_of(sign: &Sign, of: &str) -> bool {
    let text = labels::text(sign.class);
    !text.is_empty() && of.contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let sign = |c: &u16| Sign { class: usize::from(*c), first: 0, last: 0, confidence: 1.0 };
        let mut signs: Vec<Sign> = labels::encode(text).unwrap().iter().map(sign).collect();
        mend(&mut signs);
        signs.iter().map(|s| labels::text(s.class)).collect()
    }

    #[test]
    fn an_open_nought_ends_an_amount() {
        assert_eq!(mended("10 00C"), "10 000");
        assert_eq!(mended("-1,206,50c"), "-1,206,500");
    }

    #[test]
    fn letters_elsewhere_stay() {
        for text in ["C", "00C", "20C", "12 0C", "B12 00C", "12 00C5", "12 00D", "A C"] {
            assert_eq!(mended(text), text);
        }
    }
}
