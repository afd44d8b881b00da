//! Khmer and Arabic digits, one for the other.

/// The Khmer form of an ASCII digit; other characters come back as they are.
pub fn khmer_digit(c: char) -> char {
    match c {
        '0'..='9' => char::from_u32(0x17E0 + (c as u32 - '0' as u32)).unwrap_or(c),
        c => c,
    }
}

/// The ASCII form of a Khmer digit; other characters come back as they are.
pub fn arabic_digit(c: char) -> char {
    match c {
        '០'..='៩' => char::from_u32('0' as u32 + (c as u32 - 0x17E0)).unwrap_or(c),
        c => c,
    }
}

/// A text with its ASCII digits in Khmer form.
pub fn to_khmer(text: &str) -> String {
    text.chars().map(khmer_digit).collect()
}

/// A text with its Khmer digits in ASCII form.
pub fn to_arabic(text: &str) -> String {
    text.chars().map(arabic_digit).collect()
}

/// A number that prints in Khmer digits, whatever it would print in ASCII: `Khmer(2024).to_string()` is ២០២៤.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Khmer<T>(pub T);

impl<T: std::fmt::Display> std::fmt::Display for Khmer<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&to_khmer(&self.0.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(to_khmer("ទី 2024-01"), "ទី ២០២៤-០១");
        assert_eq!(to_arabic("៩៨៧៦៥៤៣២១០"), "9876543210");
        assert_eq!(Khmer(1.5).to_string(), "១.៥");
        assert_eq!(format!("{:>4}", Khmer(7)), "   ៧");
    }
}
