//! The words as a tree of letters, look-alikes folded.

use super::file::letter;

/// No word ends at a node.
const NONE: u32 = u32::MAX;
/// COENG, DA and TA as letters of the tree.
const COENG: u8 = 0x52;
const DA: u8 = 0x0A;
const TA: u8 = 0x0F;

/// A tree of letters; nodes are numbered, the root is 0.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    letter: u8,
    cost: u8,
    word: u32,
    /// First child, and next node with the same parent; 0 for none.
    child: u32,
    sibling: u32,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::new(0)] }
    }
}

impl Node {
    fn new(letter: u8) -> Self {
        Self { letter, cost: 0, word: NONE, child: 0, sibling: 0 }
    }
}

/// A character as a letter of the tree, look-alikes folded: `before` is the letter before it.
///
/// 0xFF, which no word has, for what is not in the Khmer block.
pub(super) fn fold(c: char, before: u8) -> u8 {
    match letter(c) {
        Some(DA) if before == COENG => TA,
        // the two QOO
        Some(0x32) => 0x31,
        Some(l) => l,
        None => 0xFF,
    }
}

impl Trie {
    /// Adds a word; where two fold to one, the more frequent stays.
    pub(super) fn insert(&mut self, word: &str, number: u32, cost: u8) {
        let (mut at, mut before) = (0usize, 0);
        for c in word.chars() {
            before = fold(c, before);
            at = match self.step(at, before) {
                Some(next) => next,
                None => {
                    let next = self.nodes.len();
                    let mut node = Node::new(before);
                    node.sibling = self.nodes[at].child;
                    self.nodes.push(node);
                    self.nodes[at].child = next as u32;
                    next
                }
            };
        }
        let node = &mut self.nodes[at];
        if at != 0 && (node.word == NONE || cost < node.cost) {
            node.word = number;
            node.cost = cost;
        }
    }

    /// The node below `at` by `letter`.
    pub(super) fn step(&self, at: usize, letter: u8) -> Option<usize> {
        let mut child = self.nodes[at].child as usize;
        while child != 0 {
            let node = &self.nodes[child];
            if node.letter == letter {
                return Some(child);
            }
            child = node.sibling as usize;
        }
        None
    }

    /// Number and cost of the word that ends at a node.
    pub(super) fn word(&self, at: usize) -> Option<(u32, u8)> {
        let node = &self.nodes[at];
        (node.word != NONE).then_some((node.word, node.cost))
    }

    /// Number and cost of a word.
    pub(super) fn find(&self, word: &str) -> Option<(u32, u8)> {
        let (mut at, mut before) = (0, 0);
        for c in word.chars() {
            before = fold(c, before);
            at = self.step(at, before)?;
        }
        self.word(at)
    }
}
