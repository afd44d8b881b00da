//! Items that office documents are full of and running text is not: dates, money, numbers, ids,
//! addresses of the net, list heads, form fields with leaders, rare signs.

use fastrand::Rng;

use crate::text::Texts;

const MONTHS: [&str; 12] =
    ["មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ"];
const LUNAR: [&str; 12] =
    ["មិគសិរ", "បុស្ស", "មាឃ", "ផល្គុន", "ចេត្រ", "ពិសាខ", "ជេស្ឋ", "អាសាឍ", "ស្រាពណ៍", "ភទ្របទ", "អស្សុជ", "កត្តិក"];
const YEARS: [&str; 12] =
    ["ជូត", "ឆ្លូវ", "ខាល", "ថោះ", "រោង", "ម្សាញ់", "មមី", "មមែ", "វក", "រកា", "ច", "កុរ"];
const ERAS: [&str; 10] =
    ["ឯកស័ក", "ទោស័ក", "ត្រីស័ក", "ចត្វាស័ក", "បញ្ចស័ក", "ឆស័ក", "សប្តស័ក", "អដ្ឋស័ក", "នព្វស័ក", "សំរឹទ្ធិស័ក"];
const DAYS: [&str; 7] = ["ចន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍", "អាទិត្យ"];
const HEADS: [&str; 14] = [
    "មាត្រា",
    "ប្រការ",
    "ជំពូកទី",
    "ផ្នែកទី",
    "លេខ",
    "កថាខណ្ឌ",
    "ចំណុច",
    "ទំព័រ",
    "ឆ្នាំ",
    "ថ្ងៃទី",
    "មាតិកា",
    "ឧបសម្ព័ន្ធ",
    "តារាងទី",
    "រូបភាពទី",
];
const FIELDS: [&str; 16] = [
    "ឈ្មោះ",
    "នាមត្រកូល",
    "ភេទ",
    "ថ្ងៃខែឆ្នាំកំណើត",
    "ទីកន្លែងកំណើត",
    "អាសយដ្ឋាន",
    "លេខទូរស័ព្ទ",
    "សញ្ជាតិ",
    "មុខរបរ",
    "ហត្ថលេខា",
    "គោត្តនាម",
    "អត្តសញ្ញាណប័ណ្ណលេខ",
    "ផ្ទះលេខ",
    "ភូមិ",
    "ឃុំ/សង្កាត់",
    "ស្រុក/ខណ្ឌ",
];
const ABBREVIATIONS: [&str; 16] = [
    "ល.វ",
    "ព.ស.",
    "គ.ស.",
    "នស/រកម",
    "អនក្រ.បក",
    "ស.ជ.ណ",
    "សសរ",
    "ប.ប.ក",
    "ក.ប",
    "អ.ស.ប",
    "ច.ស",
    "រ.ក.ម",
    "ន.ស",
    "។ល។",
    "ឯ.ឧ.",
    "ល.រ",
];
const DOMAINS: [&str; 12] = [
    "gov.kh",
    "com.kh",
    "edu.kh",
    "org.kh",
    "org",
    "com",
    "gmail.com",
    "yahoo.com",
    "net",
    "info",
    "com/kh",
    "asia",
];
const SYLLABLES: [&str; 24] = [
    "ka", "sok", "chan", "ra", "vi", "phe", "tra", "mo", "no", "dom", "min", "tech", "info",
    "bank", "cam", "bo", "dia", "ser", "vice", "law", "po", "st", "an", "el",
];

/// What stands in a table's cell in place of a value: nothing, the same again, a lone figure.
const CELLS: [&str; 16] =
    ["-", "-", "–", "- -", "---", "-ដ-", "- ដ -", "-ដ-", "\"", "//", "0", "1", "4", "7", "8", "9"];

/// `text` with its ASCII digits as Khmer ones.
#[must_use]
pub fn khmer_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c.to_digit(10) {
            Some(d) => char::from_u32(0x17E0 + d).unwrap_or(c),
            None => c,
        })
        .collect()
}

fn digits(rng: &mut Rng, n: usize) -> String {
    (0..n).map(|_| char::from(b'0' + rng.u8(..10))).collect()
}

fn maybe_khmer(rng: &mut Rng, text: String) -> String {
    if rng.f32() < 0.65 { khmer_digits(&text) } else { text }
}

fn of<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}

/// A number as it is written: grouped, decimal, a range, a share, with its currency.
fn number(rng: &mut Rng) -> String {
    let n = rng.usize(1..4);
    let text = match rng.u8(..9) {
        0 | 1 => {
            let sep = [".", ",", " "][rng.usize(..3)];
            let mut out = rng.u16(1..1000).to_string();
            for _ in 0..n {
                out += sep;
                out += &digits(rng, 3);
            }
            out
        }
        2 => format!("{}.{}", rng.u16(..1000), digits(rng, n)),
        3 => format!("{},{}%", rng.u8(..100), digits(rng, n)),
        4 => format!("{}-{}", rng.u16(..100), rng.u16(..2000)),
        5 => format!("{}/{}", rng.u16(..1000), rng.u16(1990..2030)),
        6 => format!("{}%", rng.u8(..101)),
        7 => rng.u16(1900..2030).to_string(),
        _ => rng.u32(..100_000).to_string(),
    };
    let text = maybe_khmer(rng, text);
    match rng.u8(..10) {
        0 => format!("{text}៛"),
        1 => format!("{text} រៀល"),
        2 => format!("${text}"),
        3 => format!("{text} ដុល្លារ"),
        4 => format!("€{text}"),
        5 => format!("{text} នាក់"),
        _ => text,
    }
}

fn date(rng: &mut Rng) -> String {
    let day = rng.u8(1..32);
    let (month, year) = (rng.usize(..12), rng.u16(1950..2035));
    match rng.u8(..5) {
        0 => {
            let text = format!(
                "{day:02}{s}{m:02}{s}{year}",
                s = ['/', '-', '.'][rng.usize(..3)],
                m = month + 1
            );
            maybe_khmer(rng, text)
        }
        1 => {
            let lunar = format!(
                "ថ្ងៃ{} {}{} ខែ{} ឆ្នាំ{} {} ព.ស. {}",
                of(rng, &DAYS),
                rng.u8(1..16),
                ["កើត", "រោច"][rng.usize(..2)],
                of(rng, &LUNAR),
                of(rng, &YEARS),
                of(rng, &ERAS),
                year + 543
            );
            khmer_digits(&lunar)
        }
        2 => maybe_khmer(rng, format!("រាជធានីភ្នំពេញ ថ្ងៃទី{day} ខែ{} ឆ្នាំ{year}", MONTHS[month])),
        3 => maybe_khmer(rng, format!("ថ្ងៃទី {day:02} ខែ {} ឆ្នាំ {year}", MONTHS[month])),
        _ => {
            let text = format!("ថ្ងៃ{} ទី{day} {} {year}", of(rng, &DAYS), MONTHS[month]);
            maybe_khmer(rng, text)
        }
    }
}

fn name(rng: &mut Rng) -> String {
    (0..rng.usize(1..4)).map(|_| of(rng, &SYLLABLES)).collect()
}

fn net(rng: &mut Rng) -> String {
    match rng.u8(..5) {
        0 => format!("{}@{}", name(rng), of(rng, &DOMAINS)),
        1 => format!(
            "{}.{}{}@{}.{}",
            name(rng),
            name(rng),
            rng.u8(..100),
            name(rng),
            of(rng, &DOMAINS)
        ),
        2 => format!("www.{}.{}", name(rng), of(rng, &DOMAINS)),
        3 => format!(
            "https://www.{}.{}/{}/{}?id={}",
            name(rng),
            of(rng, &DOMAINS),
            name(rng),
            name(rng),
            rng.u16(..)
        ),
        _ => format!(
            "http://{}.{}/{}.{}",
            name(rng),
            of(rng, &DOMAINS),
            name(rng),
            of(rng, &["pdf", "html", "php"])
        ),
    }
}

fn phone(rng: &mut Rng) -> String {
    let text = match rng.u8(..5) {
        0 => format!("0{} {} {}", 10 + rng.u8(..90), digits(rng, 3), digits(rng, 3)),
        1 => format!("(855) {} {} {}", 10 + rng.u8(..90), digits(rng, 3), digits(rng, 4)),
        2 => format!("+855-{}-{}", 10 + rng.u8(..90), digits(rng, 6)),
        3 => format!(
            "0{}{}/0{}{}",
            10 + rng.u8(..90),
            digits(rng, 6),
            10 + rng.u8(..90),
            digits(rng, 7)
        ),
        _ => format!("៖ 0{}-{}-{}", 10 + rng.u8(..90), digits(rng, 3), digits(rng, 3)),
    };
    maybe_khmer(rng, text)
}

fn identity(rng: &mut Rng) -> String {
    let text = match rng.u8(..6) {
        0 => digits(rng, 9),
        1 => format!("{}({:02})", digits(rng, 9), rng.u8(..100)),
        2 => format!("{}{}-{}", rng.char('A'..='Z'), digits(rng, 3), digits(rng, 4)),
        3 => format!("N{}", digits(rng, 8)),
        4 => format!("{}{}{}", rng.char('A'..='Z'), rng.char('A'..='Z'), digits(rng, 5)),
        _ => format!("{} {}", digits(rng, 4), digits(rng, 4)),
    };
    maybe_khmer(rng, text)
}

fn head(rng: &mut Rng) -> String {
    let n = rng.u16(1..700);
    let text = match rng.u8(..8) {
        0 => format!("{} {n}.-", of(rng, &HEADS)),
        1 => format!("{}{n}", of(rng, &HEADS)),
        2 => format!("{} {n} ៖", of(rng, &HEADS)),
        3 => format!("{}.", n % 30),
        4 => format!("{}.{}.{}-", n % 9, n % 7, n % 5),
        5 => format!("- {n} -"),
        6 => of(rng, &CELLS).to_owned(),
        _ => format!("({n})"),
    };
    maybe_khmer(rng, text)
}

fn listed(rng: &mut Rng, texts: &Texts, length: usize) -> String {
    let mark = match rng.u8(..9) {
        0 => "-".to_owned(),
        1 => "•".to_owned(),
        8 => "●".to_owned(),
        2 => "–".to_owned(),
        3 => format!("{}-", ["ក", "ខ", "គ", "ឃ", "ង", "ច"][rng.usize(..6)]),
        4 => format!("{}.", ["ក", "ខ", "គ", "ឃ", "ង", "ច"][rng.usize(..6)]),
        5 => format!("{})", ["a", "b", "c", "i", "ii", "iv", "១", "២"][rng.usize(..8)]),
        6 => of(rng, &["✓", "+", "*", "o", "•", "●", "●", "■", "□", "▪", "◆", "➢", "☐", "☑", "★"])
            .to_owned(),
        _ => head(rng),
    };
    format!("{mark} {}", texts.stretch(rng, length))
}

fn field(rng: &mut Rng, texts: &Texts) -> String {
    let leader = [".", ".", "…", "_", "-"][rng.usize(..5)].repeat(rng.usize(3..28));
    let colon = ["", " ៖", "៖", ":", " : "][rng.usize(..5)];
    let value = if rng.bool() { texts.word(rng).to_owned() } else { leader.clone() };
    match rng.u8(..4) {
        0 => format!("{}{colon} {leader}", of(rng, &FIELDS)),
        1 => format!("{}{colon} {value} {}{colon} {leader}", of(rng, &FIELDS), of(rng, &FIELDS)),
        // A line of a table of contents.
        2 => {
            let page = rng.u16(1..300).to_string();
            let page = maybe_khmer(rng, page);
            format!("{} {leader} {page}", texts.stretch(rng, 14))
        }
        _ => format!("{leader}{}{leader}", texts.word(rng)),
    }
}

/// Signs the corpora hardly hold, between words.
fn rare(rng: &mut Rng, texts: &Texts) -> String {
    const RARE: &[&str] = &[
        "៙", "៚", "ៜ", "៝", "៛", "€", "@", "©", "°C", "±", "×", "÷", "•", "·", "✓", "→", "&", "#",
        "*", "%", "[", "]", "{", "}", "<", ">", "=", "+", "|", "\\", "~", "^", "`", "$", "é", "è",
        "“", "”", "‘", "’", "'", "\"", "–", "ៗ", "៕", "។", "៖", "ៈ", "!", "?", ";", "ឰ", "ឳ", "ឦ",
        "ឩ", "ឪ", "ឫ", "ឬ", "ឭ", "ឮ", "ឲ", "ឱ", "ឝ", "ឞ", "៎", "៑", "្ឡ", "●", "■", "□", "▪", "◆",
        "➢", "☐", "☑", "★", "½", "²", "³", "®", "™", "£", "¥", "←", "m²", "café", "où", "São",
    ];
    let mut out = String::new();
    for _ in 0..rng.usize(2..6) {
        out += texts.word(rng);
        if rng.bool() {
            out.push(' ');
        }
        let sign = of(rng, RARE);
        if sign.starts_with('\u{17D2}') {
            out.push('ល');
        }
        out += sign;
        if rng.bool() {
            out.push(' ');
        }
    }
    out
}

/// What fills a cell of a table or stands alone at a page's foot: mostly a figure or two, which a
/// reader that knows lines only is worst at.
#[must_use]
pub fn cell(rng: &mut Rng, texts: &Texts) -> String {
    let text = match rng.u8(..16) {
        0..=2 => rng.u8(..10).to_string(),
        3 | 4 => rng.u8(10..200).to_string(),
        5 => format!("{}{}", rng.u8(1..60), [".", ")", "-", "/"][rng.usize(..4)]),
        6 => rng.u16(1..10_000).to_string(),
        7 => return number(rng),
        8 => format!("{}%", rng.u8(..101)),
        9 => format!("{}.{}", rng.u8(..100), rng.u8(..100)),
        10 => format!("{}/{}/{}", rng.u8(1..32), rng.u8(1..13), rng.u16(1990..2030)),
        11 => {
            let letter = [
                "ក", "ខ", "គ", "ឃ", "ង", "A", "B", "C", "a", "b", "i", "ii", "iii", "IV", "V", "x",
            ][rng.usize(..16)];
            format!("{letter}{}", ["", "", ".", ")", "-"][rng.usize(..5)])
        }
        12 => of(rng, &CELLS).to_owned(),
        13 => of(rng, &ABBREVIATIONS).to_owned(),
        _ => return texts.word(rng).to_owned(),
    };
    maybe_khmer(rng, text)
}

/// One generated item, or a few in a row, of about `length` clusters.
#[must_use]
pub fn item(rng: &mut Rng, texts: &Texts, length: usize) -> String {
    match rng.u8(..18) {
        0 | 1 => date(rng),
        2 => {
            let n = (length / 6).clamp(1, 9);
            (0..n).map(|_| number(rng)).collect::<Vec<_>>().join(" ")
        }
        3 => format!("{} {} {}", texts.word(rng), number(rng), texts.word(rng)),
        4 => net(rng),
        5 => format!(
            "{} {} {}",
            of(rng, &["អ៊ីមែល ៖", "E-mail:", "គេហទំព័រ៖", "Website:", "Facebook:"]),
            net(rng),
            texts.word(rng)
        ),
        6 => format!("{}{}", of(rng, &["ទូរស័ព្ទ ៖ ", "Tel: ", "លេខទូរស័ព្ទ ", "Fax: ", ""]), phone(rng)),
        7 => identity(rng),
        8 => head(rng),
        9 | 10 | 16 | 17 => listed(rng, texts, length),
        11 => field(rng, texts),
        12 => rare(rng, texts),
        13 => format!(
            "{} {}/{} {}",
            of(rng, &ABBREVIATIONS),
            khmer_digits(&number(rng)),
            of(rng, &ABBREVIATIONS),
            texts.word(rng)
        ),
        14 => format!("«{}» {}", texts.stretch(rng, length / 2 + 1), texts.word(rng)),
        _ => format!("“{}” ({})", texts.stretch(rng, length / 2 + 1), number(rng)),
    }
}
