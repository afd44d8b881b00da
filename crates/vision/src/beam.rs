//! Beam: the reading that the reader's frames and the language together find likeliest.
//!
//! Prefix search over CTC frames (Graves 2012; Hannun et al. 2014) with a [`Language`]. Only frames
//! in doubt branch, and a line without any is decoded greedily, so it costs next to nothing.

use khocr_khmer::labels;
use khocr_nets::probability;

use crate::decode::{Decode, Seen, Sign, greedy, seen};
use crate::language::{Context, History, Language};

/// A decoder that weighs what is seen against what is usual.
#[derive(Clone, Debug)]
pub struct Beam {
    language: Language,
    /// Of each class without anything before it.
    alone: Vec<f32>,
    /// How much the language counts beside the frames.
    pub weight: f32,
    /// What each sign gains: the language makes long readings unlikely.
    pub bonus: f32,
    /// Readings kept at each frame.
    pub width: usize,
    /// A class this much less likely than the frame's best, as a logarithm, is not considered.
    pub doubt: f32,
    /// No sign is less likely than this to the language, as a logarithm, unless it is so by itself: people
    /// misspell, and there are names that nobody counted.
    pub floor: f32,
    /// How much more the language counts in a line that is hard to see.
    pub lean: f32,
    /// Where a digit is likeliest, nothing at all must be less unlikely than this, as a logarithm, to be considered:
    /// what the language finds odd is left out, and the raised figure of a footnote is odd wherever it stands.
    pub firm: f32,
}

/// Mean doubt of the frames that show a sign, where the language counts as the weight says: measured on
/// drawn lines, between clean ones and worn ones.
const USUAL: f32 = 0.02;

/// One reading up to some frame: the node of its last sign, and its two probabilities.
#[derive(Clone, Copy, Debug)]
struct Path {
    node: usize,
    /// Ending in a blank; logarithm.
    blank: f32,
    /// Ending in its last sign.
    sign: f32,
    /// Of the language, weight and bonus included.
    language: f32,
    /// All of it together, once a frame is done.
    score: f32,
}

/// A sign of some reading, after those of its parent.
#[derive(Clone, Copy, Debug)]
struct Node {
    parent: usize,
    class: usize,
    /// What the language gives for it after what is before it, weight and bonus included.
    gain: f32,
    history: History,
    /// What the language holds of the history, once something was looked up after it.
    context: Option<Context>,
    /// The last sign that was seen after it, and the one that its parent had before it; 0 is none.
    child: usize,
    sibling: usize,
}

/// All readings that were considered, as a tree from the node 0, which is nothing read.
struct Tree<'a> {
    beam: &'a Beam,
    /// How much the language counts.
    trust: f32,
    nodes: Vec<Node>,
}

impl<'a> Tree<'a> {
    fn new(beam: &'a Beam, trust: f32) -> Self {
        let root = Node {
            parent: 0,
            class: 0,
            gain: 0.0,
            history: History::default(),
            context: None,
            child: 0,
            sibling: 0,
        };
        Self { beam, trust, nodes: vec![root] }
    }

    /// The node of a sign after another node.
    fn after(&mut self, parent: usize, class: usize) -> usize {
        let mut child = self.nodes[parent].child;
        while child != 0 && self.nodes[child].class != class {
            child = self.nodes[child].sibling;
        }
        if child == 0 { self.grown(parent, class) } else { child }
    }

    fn grown(&mut self, parent: usize, class: usize) -> usize {
        let (beam, new) = (self.beam, self.nodes.len());
        let Node { class: before, history, child: sibling, .. } = self.nodes[parent];
        let context =
            *self.nodes[parent].context.get_or_insert_with(|| beam.language.context(history));
        // How long a leader is, only the picture knows.
        let gain = if class == before && is_leader(class) {
            0.0
        } else {
            let usual = beam.language.log_probability(&context, class);
            let usual = add(usual, beam.floor.min(beam.alone[class]));
            let gain = self.trust * (beam.weight * usual + beam.bonus);
            // Nor how often a number's digit stands in it: one that shows in two frames is not two.
            if class == before && is_digit(class) { gain.min(0.0) } else { gain }
        };
        let history = history.and(class);
        self.nodes.push(Node { parent, class, gain, history, context: None, child: 0, sibling });
        self.nodes[parent].child = new;
        new
    }

    /// The classes that were read up to a node.
    fn read(&self, mut at: usize) -> Vec<usize> {
        let mut out = Vec::new();
        while at != 0 {
            out.push(self.nodes[at].class);
            at = self.nodes[at].parent;
        }
        out.reverse();
        out
    }
}

impl Beam {
    /// With the weights found best on drawn lines whose sentences the language was not counted from.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let nothing = language.context(History::default());
        let alone = (0..labels::count()).map(|c| language.log_probability(&nothing, c)).collect();
        Self {
            language,
            alone,
            weight: 0.3,
            bonus: 1.1,
            width: 12,
            doubt: 4.5,
            floor: -8.0,
            lean: 0.3,
            firm: 1.0,
        }
    }

    /// How much the language counts in a line, 1 in one that is seen as well as most.
    fn trust(&self, seen: &[Seen]) -> f32 {
        let (mut sum, mut signs) = (0.0, 0.0);
        for frame in seen.iter().filter(|s| s.class != 0) {
            sum += 1.0 - frame.probability;
            signs += 1.0;
        }
        let doubt: f32 = sum / f32::max(signs, 1.0);
        1.0 + self.lean * (doubt / USUAL).ln().clamp(-1.5, 1.5)
    }

    /// The classes of the likeliest reading.
    fn search(&self, values: &[f32], classes: usize, seen: &[Seen]) -> Vec<usize> {
        let mut tree = Tree::new(self, self.trust(seen));
        let none = f32::NEG_INFINITY;
        let mut paths = vec![Path { node: 0, blank: 0.0, sign: none, language: 0.0, score: 0.0 }];
        let mut next: Vec<Path> = Vec::new();
        let mut likely: Vec<(usize, f32)> = Vec::new();
        for (row, frame) in values.chunks_exact(classes).zip(seen) {
            let logs = row.iter().enumerate().map(|(class, value)| (class, value - frame.best));
            likely.clear();
            let firm = if is_digit(frame.class) { self.firm } else { self.doubt };
            let least = |class| if class == 0 { -firm } else { -self.doubt };
            likely.extend(logs.filter(|(class, log)| *log >= least(*class)));
            next.clear();
            for path in &paths {
                let either = add(path.blank, path.sign);
                for &(class, log) in &likely {
                    if class == 0 {
                        reach(&mut next, path.node, path.language).add_blank(either + log);
                        continue;
                    }
                    let mut from = either;
                    if class == tree.nodes[path.node].class {
                        reach(&mut next, path.node, path.language).add_sign(path.sign + log);
                        // The same sign once more needs a blank between.
                        from = path.blank;
                    }
                    if from == none {
                        continue;
                    }
                    let node = tree.after(path.node, class);
                    let language = path.language + tree.nodes[node].gain;
                    reach(&mut next, node, language).add_sign(from + log);
                }
            }
            next.iter_mut().for_each(|p| p.score = add(p.blank, p.sign) + p.language);
            next.sort_by(|a, b| b.score.total_cmp(&a.score));
            next.truncate(self.width);
            std::mem::swap(&mut paths, &mut next);
        }
        tree.read(paths.first().map_or(0, |p| p.node))
    }
}

/// Is this a digit?
fn is_digit(class: usize) -> bool {
    matches!(labels::text(class).chars().next(), Some('0'..='9' | '០'..='៩'))
}

/// Is this a sign that leaders and rules are made of?
fn is_leader(class: usize) -> bool {
    matches!(labels::text(class), "-" | "–" | "." | "_" | "…" | "*")
}

impl Path {
    fn add_blank(&mut self, log: f32) {
        self.blank = add(self.blank, log);
    }

    fn add_sign(&mut self, log: f32) {
        self.sign = add(self.sign, log);
    }
}

/// The path to a node among those of the next frame, new if there is none.
fn reach(next: &mut Vec<Path>, node: usize, language: f32) -> &mut Path {
    let at = next.iter().position(|p| p.node == node).unwrap_or_else(|| {
        let none = f32::NEG_INFINITY;
        next.push(Path { node, blank: none, sign: none, language, score: none });
        next.len() - 1
    });
    &mut next[at]
}

/// Logarithm of the sum of two probabilities given as logarithms.
fn add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

impl Decode for Beam {
    fn decode(&self, values: &[f32], classes: usize) -> Vec<Sign> {
        let seen = seen(values, classes);
        let greedy = greedy(&seen);
        let certain = values.chunks_exact(classes).zip(&seen).all(|(row, frame)| {
            let least = frame.best - self.doubt;
            row.iter().filter(|v| **v >= least).count() == 1
        });
        if certain {
            return greedy;
        }
        let read = self.search(values, classes, &seen);
        if read.iter().eq(greedy.iter().map(|s| &s.class)) {
            return greedy;
        }
        align(&read, values, classes).map_or(greedy, |a| a.0)
    }
}

/// Where each class of a reading lies, by the likeliest path through the frames, and the sum of its
/// logarithms; `None` when the frames are too few.
pub(crate) fn align(read: &[usize], values: &[f32], classes: usize) -> Option<(Vec<Sign>, f32)> {
    let steps = values.len() / classes;
    // States: blank, sign, blank, sign, ..., blank.
    let states = 2 * read.len() + 1;
    let class = |state: usize| if state.is_multiple_of(2) { 0 } else { read[state / 2] };
    let none = f32::NEG_INFINITY;
    let mut score = vec![none; states];
    let mut from = vec![0u8; states * steps];
    for (t, row) in values.chunks_exact(classes).enumerate() {
        for s in (0..states).rev() {
            let mut best = if t == 0 && s < 2 {
                0.0
            } else if t == 0 {
                none
            } else {
                score[s]
            };
            let mut back = 0;
            if t > 0 && s > 0 && score[s - 1] > best {
                (best, back) = (score[s - 1], 1);
            }
            let leap = s > 1 && class(s) != 0 && class(s) != class(s - 2);
            if t > 0 && leap && score[s - 2] > best {
                (best, back) = (score[s - 2], 2);
            }
            score[s] = best + row[class(s)];
            from[t * states + s] = back;
        }
    }
    let mut state =
        if states > 1 && score[states - 2] > score[states - 1] { states - 2 } else { states - 1 };
    let likely = score[state];
    if likely == none {
        return None;
    }
    let mut out: Vec<Sign> = Vec::with_capacity(read.len());
    let mut after = None;
    for t in (0..steps).rev() {
        if class(state) != 0 {
            let row = &values[t * classes..(t + 1) * classes];
            let confidence = probability(row, row[class(state)]);
            match out.last_mut() {
                Some(sign) if after == Some(state) => {
                    sign.first = t;
                    sign.confidence = sign.confidence.max(confidence);
                }
                _ => out.push(Sign { class: class(state), first: t, last: t, confidence }),
            }
        }
        after = Some(state);
        state -= usize::from(from[t * states + state]);
    }
    out.reverse();
    Some((out, likely))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Greedy;
    use crate::language::{BITS, Entry, kind};
    use khocr_khmer::labels;

    fn class(text: &str) -> usize {
        usize::from(labels::encode(text).unwrap()[0])
    }

    /// Frames of these classes with these probabilities; the blank has what is left.
    fn frames(seen: &[&[(&str, f32)]]) -> Vec<f32> {
        let of = labels::count();
        let mut values = vec![-20.0; seen.len() * of];
        for (row, frame) in values.chunks_exact_mut(of).zip(seen) {
            let blank = 1.0 - frame.iter().map(|(_, p)| p).sum::<f32>();
            row[0] = blank.max(1e-8).ln();
            frame.iter().for_each(|(text, p)| row[class(text)] = p.ln());
        }
        values
    }

    /// Knows that រ is followed by ួ nine times in ten, and `rest` for what else may follow it.
    fn knowing(rest: f32) -> Beam {
        let mut language = Language::with_slots(200);
        let sign = |t| u64::from(kind(class(t)).0);
        for text in ["រ", "ួ", "ូ", "ម", "1", "O"] {
            let rest = (text == "រ").then_some(rest);
            language.insert(sign(text), 1, Entry { probability: -4.0, rest });
        }
        let pair = sign("រ") << BITS | sign("ួ");
        language.insert(pair, 2, Entry { probability: -0.1, rest: None });
        Beam::new(language)
    }

    fn beam() -> Beam {
        knowing(-2.3)
    }

    fn text(signs: &[Sign]) -> String {
        signs.iter().map(|s| labels::text(s.class)).collect()
    }

    #[test]
    fn the_language_decides_what_the_eye_leaves_open() {
        let values = frames(&[&[("រ", 0.99)], &[("ូ", 0.55), ("ួ", 0.44)], &[], &[("ម", 0.99)]]);
        let of = labels::count();
        assert_eq!(text(&Greedy.decode(&values, of)), "រូម");
        let read = beam().decode(&values, of);
        assert_eq!(text(&read), "រួម");
        let places: Vec<_> = read.iter().map(|s| (s.first, s.last)).collect();
        assert_eq!(places, [(0, 0), (1, 1), (3, 3)]);
        assert!((read[1].confidence - 0.44).abs() < 0.02);
    }

    #[test]
    fn what_the_eye_is_sure_of_stays() {
        let values = frames(&[&[("រ", 0.99)], &[("ូ", 0.97), ("ួ", 0.02)], &[], &[("ម", 0.99)]]);
        assert_eq!(text(&beam().decode(&values, labels::count())), "រូម");
    }

    #[test]
    fn nothing_is_so_unusual_that_the_eye_must_be_wrong() {
        let values = frames(&[&[("រ", 0.99)], &[("ូ", 0.96), ("ួ", 0.03)], &[], &[("ម", 0.99)]]);
        let mut beam = knowing(-14.0);
        assert_eq!(text(&beam.decode(&values, labels::count())), "រូម");
        beam.floor = f32::NEG_INFINITY;
        assert_eq!(text(&beam.decode(&values, labels::count())), "រួម");
    }

    #[test]
    fn a_digit_that_is_seen_is_not_dropped() {
        let of = labels::count();
        let shown = |p| frames(&[&[("រ", 0.99)], &[("1", p)], &[("ួ", 0.99)]]);
        assert_eq!(text(&beam().decode(&shown(0.8), of)), "រ1ួ");
        assert_eq!(text(&beam().decode(&shown(0.4), of)), "រួ");
        let lax = Beam { firm: 4.5, ..beam() };
        assert_eq!(text(&lax.decode(&shown(0.8), of)), "រួ");
    }

    #[test]
    fn a_digit_is_not_doubled_for_being_usual() {
        let of = labels::count();
        let blank = |p| frames(&[&[("រ", 0.99)], &[("1", 0.99)], &[("1", p)], &[("1", 0.99)]]);
        let mut language = Language::with_slots(200);
        let number = u64::from(kind(class("1")).0);
        language.insert(number, 1, Entry { probability: -0.1, rest: None });
        let beam = Beam::new(language);
        assert_eq!(text(&beam.decode(&blank(0.52), of)), "រ1");
        assert_eq!(text(&beam.decode(&blank(0.4), of)), "រ11");
    }

    #[test]
    fn how_long_a_dash_is_only_the_picture_knows() {
        let mut language = Language::with_slots(200);
        let long = u64::from(kind(class("–")).0);
        language.insert(long, 1, Entry { probability: -0.1, rest: None });
        let values = frames(&[&[("-", 0.6), ("–", 0.39)], &[], &[("ម", 0.99)]]);
        assert_eq!(text(&Beam::new(language).decode(&values, labels::count())), "-ម");
    }

    #[test]
    fn the_language_counts_more_where_little_is_seen() {
        let of = labels::count();
        let trust = |p| beam().trust(&seen(&frames(&[&[("រ", p)], &[], &[("ម", p)]]), of));
        assert!(trust(0.999) < 1.0 && trust(0.8) > 1.0);
        assert!((trust(0.98) - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_sign_twice_needs_a_blank_between() {
        let once = frames(&[&[("ម", 0.9)], &[("ម", 0.9)], &[("ម", 0.9)]]);
        let twice = frames(&[&[("ម", 0.9)], &[("ម", 0.01)], &[("ម", 0.9)]]);
        assert_eq!(text(&beam().decode(&once, labels::count())), "ម");
        assert_eq!(text(&beam().decode(&twice, labels::count())), "មម");
    }

    #[test]
    fn neighbouring_signs_keep_their_own_frames() {
        let signs = align(
            &[class("រ"), class("ូ")],
            &frames(&[&[("រ", 0.9)], &[("ូ", 0.9)]]),
            labels::count(),
        );
        let places: Vec<_> = signs.unwrap().0.iter().map(|s| (s.first, s.last)).collect();
        assert_eq!(places, [(0, 0), (1, 1)]);
        assert!(align(&[1, 2, 3], &frames(&[&[]]), labels::count()).is_none());
    }
}
