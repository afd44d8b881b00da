//! Classes of the Khmer block: what each code point does inside a cluster.

/// COENG: the sign that makes the consonant after it a subscript.
pub const COENG: char = '\u{17D2}';
/// Consonant RO, whose subscript is drawn before the base and written last.
pub const RO: char = '\u{179A}';
/// Zero width space, the mark of a word break in typed Khmer.
pub const ZWSP: char = '\u{200B}';

/// What a code point does inside a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Consonant, U+1780..=U+17A2.
    Consonant,
    /// Independent vowel, U+17A3..=U+17B3.
    Independent,
    /// U+17D2.
    Coeng,
    /// U+17CC.
    Robat,
    /// Register shifters U+17C9 and U+17CA.
    Shifter,
    /// Vowels drawn (also) left of the base: េ ែ ៃ ោ ៅ ើ ឿ ៀ.
    PreVowel,
    /// Vowels drawn below the base: ុ ូ ួ.
    BelowVowel,
    /// Vowels drawn above the base: ិ ី ឹ ឺ.
    AboveVowel,
    /// ា.
    Aa,
    /// ំ.
    Nikahit,
    /// ់ ៍ ៎ ៏ ័ ៑ ៝.
    Sign,
    /// ះ and ៈ.
    Final,
    /// ០..=៩.
    Digit,
    /// ។ ៕ ៖ ៗ ៘ ៙ ៚ ៛ ៜ.
    Punctuation,
    /// The lunar dates, lek attak and what else the two Khmer blocks hold.
    Rare,
    /// Draws nothing: zero-width characters, directional marks, inherent vowels, soft hyphen.
    Invisible,
    /// Everything that is not Khmer.
    Other,
}

impl Class {
    /// The class of a code point.
    pub fn of(c: char) -> Self {
        match c {
            '\u{1780}'..='\u{17A2}' => Self::Consonant,
            '\u{17A3}'..='\u{17B3}' => Self::Independent,
            '\u{17D2}' => Self::Coeng,
            '\u{17CC}' => Self::Robat,
            '\u{17C9}' | '\u{17CA}' => Self::Shifter,
            '\u{17BE}'..='\u{17C5}' => Self::PreVowel,
            '\u{17BB}'..='\u{17BD}' => Self::BelowVowel,
            '\u{17B7}'..='\u{17BA}' => Self::AboveVowel,
            '\u{17B6}' => Self::Aa,
            '\u{17C6}' => Self::Nikahit,
            '\u{17C7}' | '\u{17C8}' => Self::Final,
            '\u{17CB}' | '\u{17CD}'..='\u{17D1}' | '\u{17DD}' => Self::Sign,
            '\u{17E0}'..='\u{17E9}' => Self::Digit,
            '\u{17D4}'..='\u{17DC}' => Self::Punctuation,
            '\u{17B4}' | '\u{17B5}' => Self::Invisible,
            '\u{17D3}' | '\u{17F0}'..='\u{17F9}' | '\u{19E0}'..='\u{19FF}' => Self::Rare,
            '\u{200B}'..='\u{200F}'
            | '\u{2060}'..='\u{2064}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
            | '\u{00AD}'
            | '\u{034F}' => Self::Invisible,
            _ => Self::Other,
        }
    }

    /// May it carry marks and subscripts (or be a subscript)?
    pub fn is_base(self) -> bool {
        matches!(self, Self::Consonant | Self::Independent)
    }

    /// Is it a vowel sign?
    pub fn is_vowel(self) -> bool {
        matches!(self, Self::PreVowel | Self::BelowVowel | Self::AboveVowel | Self::Aa)
    }

    /// Is it a mark that must stand on a base? COENG is not among them: it needs a consonant after it too.
    pub fn is_mark(self) -> bool {
        self.is_vowel()
            || matches!(
                self,
                Self::Robat | Self::Shifter | Self::Nikahit | Self::Sign | Self::Final
            )
    }

    /// Its place inside a canonical cluster; what is no part of one comes last.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Consonant | Self::Independent => 0,
            Self::Robat => 1,
            Self::Coeng => 2,
            // 3 is COENG RO, which only the pair can tell
            Self::Shifter => 5,
            Self::PreVowel => 6,
            Self::BelowVowel => 7,
            Self::AboveVowel => 8,
            Self::Aa => 9,
            Self::Nikahit | Self::Sign => 10,
            Self::Final => 11,
            _ => 12,
        }
    }
}

/// Does the code point belong to the Khmer script (letters, marks, digits, punctuation)?
pub fn is_khmer(c: char) -> bool {
    matches!(c, '\u{1780}'..='\u{17FF}' | '\u{19E0}'..='\u{19FF}')
}

/// Is the code point unassigned or deprecated inside the Khmer block, so that no true text holds it?
pub fn is_impossible(c: char) -> bool {
    matches!(
        c,
        '\u{17DE}' | '\u{17DF}' | '\u{17EA}'..='\u{17EF}' | '\u{17FA}'..='\u{17FF}'
            | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{0000}'..='\u{0008}' | '\u{000E}'..='\u{001F}'
            | '\u{007F}'..='\u{009F}' | '\u{FFFE}' | '\u{FFFF}'
    )
}
