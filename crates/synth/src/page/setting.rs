//! Words, lines and paragraphs set in a face.

use fastrand::Rng;
use tiny_skia::{Path, Transform};

use super::Kit;
use super::sheet::{Ink, Inked, Line, Sheet};
use crate::fonts::Face;
use crate::shape::{Setting, shape};
use crate::text::cluster_starts;

/// How text looks.
#[derive(Clone)]
pub struct Style<'k> {
    /// Khmer face.
    pub face: &'k Face,
    /// Latin companion, when it is not the Khmer face itself.
    pub latin: Option<&'k Face>,
    /// Size and spacing.
    pub setting: Setting,
    /// Extra width of every stroke in net pixels.
    pub bold: f32,
    /// Gray of the ink.
    pub ink: u8,
    /// Baseline to baseline in net pixels.
    pub pitch: f32,
    /// Width of a word space in net pixels.
    pub space: f32,
    /// Whether a rule runs beneath.
    pub underline: bool,
}

impl Style<'_> {
    /// Height of the core in net pixels.
    #[must_use]
    pub fn core(&self) -> f32 {
        self.setting.core
    }

    /// The same style at another size.
    #[must_use]
    pub fn resized(&self, ratio: f32) -> Self {
        let mut style = self.clone();
        style.setting.core *= ratio;
        style.bold *= ratio;
        style.pitch *= ratio;
        style.space *= ratio;
        style
    }
}

/// One unbreakable piece of text, shaped.
pub struct Word {
    text: String,
    path: Option<Path>,
    width: f32,
    /// Whether a space follows.
    spaced: bool,
    /// Width of that space beyond the style's own, in net pixels.
    extra: f32,
    leader: bool,
}

impl Word {
    /// Advance in net pixels, the space after it left out.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.width
    }

    /// Whether a space follows.
    #[must_use]
    pub fn is_spaced(&self) -> bool {
        self.spaced
    }

    /// Has a space follow that is wider than the style's own by `extra` net pixels.
    pub fn space_after(&mut self, extra: f32) {
        self.spaced = true;
        self.extra = extra;
    }
}

/// Where lines stand between their margins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left margin.
    Left,
    /// In the middle.
    Centre,
    /// At the right margin.
    Right,
    /// From margin to margin, spaces widened.
    Both,
}

/// A column that text flows down in.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Left edge.
    pub left: f32,
    /// Right edge.
    pub right: f32,
    /// Where the next line begins.
    pub y: f32,
    /// Where it ends.
    pub bottom: f32,
}

impl Frame {
    /// Width of the column.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.right - self.left
    }
}

/// The writer at work on one page.
pub struct Desk<'k> {
    /// Faces and texts.
    pub kit: &'k Kit,
    /// Chance.
    pub rng: Rng,
    /// The page.
    pub sheet: Sheet,
    /// Running text of this page.
    pub body: Style<'k>,
    /// Headings of this page.
    pub head: Style<'k>,
    /// Whether the page is in English.
    pub english: bool,
}

impl<'k> Desk<'k> {
    /// A number of the range, evenly.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.rng.f32()
    }

    /// True with this probability.
    pub fn chance(&mut self, p: f32) -> bool {
        self.rng.f32() < p
    }

    /// Shapes one piece of text; `None` when the face lacks a letter of it.
    #[must_use]
    pub fn word(&self, text: &str, style: &Style<'_>, spaced: bool) -> Option<Word> {
        let shaped = shape(text, style.face, style.latin, &style.setting)?;
        (shaped.width > 0.0).then(|| Word {
            text: text.to_owned(),
            path: shaped.path,
            width: shaped.width,
            spaced,
            extra: 0.0,
            leader: false,
        })
    }

    /// A leader of dots, dashes or a low line, `width` net pixels long.
    pub fn leader(&mut self, width: f32, style: &Style<'_>) -> Word {
        let core = style.core();
        let mut pen = tiny_skia::PathBuilder::new();
        // Thinner dots than the original can hold would vanish, and the finder would be told to
        // see lines where there is nothing.
        let dot = (core * self.between(0.05, 0.11)).max(0.75 / self.sheet.scale);
        let step = (core * self.between(0.3, 0.6)).max(dot * 3.0);
        let dashed = self.chance(0.3);
        if self.chance(0.85) {
            let y = if dashed { -core * self.between(0.2, 0.45) } else { -dot };
            let mut x = step * 0.5;
            while x < width - step * 0.5 {
                if dashed {
                    let dash = tiny_skia::Rect::from_ltrb(
                        x - step * 0.3,
                        y - dot * 0.6,
                        x + step * 0.3,
                        y + dot * 0.6,
                    );
                    if let Some(rect) = dash {
                        pen.push_rect(rect);
                    }
                } else {
                    pen.push_circle(x, y, dot);
                }
                x += step;
            }
        } else if let Some(rect) = tiny_skia::Rect::from_ltrb(0.0, 0.0, width, (dot * 0.9).max(0.4))
        {
            pen.push_rect(rect);
        }
        Word {
            text: "…".to_owned(),
            path: pen.finish(),
            width,
            spaced: self.chance(0.3),
            extra: 0.0,
            leader: true,
        }
    }

    /// Running text as shaped words, about `clusters` long.
    pub fn words(&mut self, clusters: usize, style: &Style<'_>) -> Vec<Word> {
        let mut out = Vec::new();
        let mut seen = 0;
        for _ in 0..40 {
            if seen >= clusters {
                break;
            }
            let text = if self.english || self.chance(0.01) {
                self.kit.english(&mut self.rng).to_owned()
            } else if self.chance(0.05) {
                self.kit.texts.pick(&mut self.rng, 12)
            } else {
                self.kit.texts.stretch(&mut self.rng, clusters - seen)
            };
            seen += cluster_starts(&text).len().max(1);
            self.shape_words(&text, style, &mut out);
            if let Some(last) = out.last_mut() {
                last.spaced = true;
            }
        }
        if let Some(last) = out.last_mut() {
            last.spaced = false;
        }
        out
    }

    /// Shapes a text word by word: parted at spaces and zero-width spaces, long stretches between
    /// clusters.
    pub fn shape_words(&mut self, text: &str, style: &Style<'_>, out: &mut Vec<Word>) {
        for stretch in text.split_whitespace() {
            for piece in stretch.split('\u{200B}').filter(|p| !p.is_empty()) {
                let starts = cluster_starts(piece);
                let latin = piece.is_ascii();
                let mut from = 0;
                let mut at = 0;
                while at < starts.len() {
                    at += if starts.len() - at > 7 && !latin {
                        self.rng.usize(2..6)
                    } else {
                        starts.len()
                    };
                    let to = starts.get(at).copied().unwrap_or(piece.len());
                    out.extend(self.word(&piece[from..to], style, false));
                    from = to;
                }
            }
            if let Some(last) = out.last_mut() {
                last.spaced = true;
            }
        }
    }

    /// Width of words set tight.
    #[must_use]
    pub fn measure(&self, words: &[Word], style: &Style<'_>) -> f32 {
        let n = words.len();
        let gap = |(i, w): (usize, &Word)| {
            w.width + if w.spaced && i + 1 < n { style.space + w.extra } else { 0.0 }
        };
        words.iter().enumerate().map(gap).sum()
    }

    /// Sets one line between two margins and remembers it. Returns its ink's ends.
    pub fn set_line(
        &mut self,
        words: &[Word],
        style: &Style<'_>,
        (left, right): (f32, f32),
        baseline: f32,
        align: Align,
    ) -> Option<(f32, f32)> {
        let natural = self.measure(words, style);
        let slack = right - left - natural;
        let gaps = words.iter().rev().skip(1).filter(|w| w.spaced).count();
        let mut x = left
            + match align {
                Align::Left => 0.0,
                Align::Both => slack.min(0.0) * 0.5,
                Align::Centre => slack * 0.5,
                Align::Right => slack,
            };
        // Without a space to widen, word processors part the words themselves, or leave the line.
        let pairs = words.len().saturating_sub(1);
        let (per_gap, per_word) = match align {
            Align::Both if slack > 0.0 && gaps > 0 => (slack / gaps as f32, 0.0),
            Align::Both if slack > 0.0 && pairs > 0 && slack < 0.3 * natural => {
                (0.0, slack / pairs as f32)
            }
            _ => (0.0, 0.0),
        };
        let mut line = Line {
            text: String::new(),
            left: f32::MAX,
            right: f32::MIN,
            baseline,
            core: style.core(),
            words: Vec::with_capacity(words.len()),
            block: self.sheet.block,
            cell: self.sheet.cell,
        };
        for (i, word) in words.iter().enumerate() {
            if let Some(path) = &word.path {
                let place = Transform::from_translate(x, baseline);
                self.sheet.fill(path, place, Ink::solid(style.ink));
                if style.bold > 0.05 && !word.leader {
                    self.sheet.stroke(path, style.bold, place, Ink::solid(style.ink));
                }
                let b = path.bounds();
                line.words.push(Inked {
                    bounds: [
                        x + b.left(),
                        baseline + b.top(),
                        x + b.right(),
                        baseline + b.bottom(),
                    ],
                    end: line.text.len() + word.text.len(),
                    leader: word.leader,
                });
                line.left = line.left.min(x + b.left());
                line.right = line.right.max(x + b.right());
            }
            line.text.push_str(&word.text);
            x += word.width + per_word;
            if word.spaced && i + 1 < words.len() {
                line.text.push(' ');
                x += style.space + word.extra + per_gap;
            }
        }
        if line.left >= line.right {
            return None;
        }
        let ends = (line.left, line.right);
        if style.underline {
            let y = baseline + style.core() * 0.35;
            let thick = (style.core() * 0.08).max(0.5);
            self.sheet.rule((ends.0, y), (ends.1, y), thick, Ink::solid(style.ink));
        }
        self.sheet.lines.push(line);
        Some(ends)
    }

    /// Sets as much of about `clusters` of text as one line between two margins holds.
    pub fn text_at(
        &mut self,
        style: &Style<'_>,
        clusters: usize,
        (left, right): (f32, f32),
        baseline: f32,
        align: Align,
    ) -> Option<(f32, f32)> {
        let mut words = self.words(clusters, style);
        while !words.is_empty() && self.measure(&words, style) > right - left {
            words.pop();
        }
        self.set_line(&words, style, (left, right), baseline, align)
    }

    /// Sets a given text on one line; what does not fit is left off.
    pub fn say(
        &mut self,
        style: &Style<'_>,
        text: &str,
        (left, right): (f32, f32),
        baseline: f32,
        align: Align,
    ) -> Option<(f32, f32)> {
        let mut words = Vec::new();
        self.shape_words(text, style, &mut words);
        while !words.is_empty() && self.measure(&words, style) > right - left {
            words.pop();
        }
        self.set_line(&words, style, (left, right), baseline, align)
    }

    /// Flows words down a frame. The first line begins `first` to the right of the margin, the
    /// others `rest`. Stops at the frame's bottom; returns how many lines were set.
    pub fn flow(
        &mut self,
        frame: &mut Frame,
        style: &Style<'_>,
        words: &[Word],
        align: Align,
        (first, rest): (f32, f32),
    ) -> usize {
        let mut at = 0;
        let mut lines = 0;
        while at < words.len() {
            if frame.y + style.pitch > frame.bottom {
                break;
            }
            let left = frame.left + if lines == 0 { first } else { rest };
            let room = frame.right - left;
            let mut end = at;
            let mut width = 0.0;
            while end < words.len() && (end == at || width + words[end].width <= room) {
                width += words[end].width
                    + if words[end].spaced { style.space + words[end].extra } else { 0.0 };
                end += 1;
            }
            // The last line of a justified paragraph keeps its natural spaces.
            let how = if align == Align::Both && end == words.len() { Align::Left } else { align };
            let baseline = self.baseline(frame.y, style);
            self.set_line(&words[at..end], style, (left, frame.right), baseline, how);
            frame.y += style.pitch;
            lines += 1;
            at = end;
        }
        lines
    }

    /// The baseline of a line whose slot begins at `y`.
    #[must_use]
    pub fn baseline(&self, y: f32, style: &Style<'_>) -> f32 {
        // The core sits a little below the middle of its slot: marks above reach about as far
        // as subscripts below.
        y + style.pitch * 0.5 + style.core() * 0.45
    }

    /// Begins a new block.
    pub fn block(&mut self) {
        self.sheet.block += 1;
    }
}
