//! How many operations a page takes, before any is carried out.
//!
//! Forms draw forms: thirty lines of a file can ask for more operations than there are atoms. Each
//! form is read once here, and the sum is worked out from who draws whom.

use std::collections::HashMap;

use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::content::ops::TypedInstruction;
use hayro::hayro_syntax::object::{Array, Dict, Name, Stream};
use hayro::hayro_syntax::page::{Page, Resources};

use crate::unpacked::inflated;

/// Levels of forms inside forms that the interpreter follows.
const LEVELS: usize = 50;

/// Forms looked at on one page; a page with more is refused.
const MAX_FORMS: usize = 10_000;

/// A content stream: its own operations, and the forms it draws, each as often as it does.
#[derive(Debug, Default)]
struct Node {
    operations: u64,
    draws: HashMap<usize, u64>,
}

/// Operations of a page, forms counted as often as they are drawn; saturates, also when its content
/// unpacks to more than `unpacked` bytes.
pub(crate) fn operations(page: &Page<'_>, unpacked: u64) -> u64 {
    if content_size(page, unpacked) > unpacked {
        return u64::MAX;
    }
    let content = page.page_stream().unwrap_or_default();
    let resources = page.resources();
    if !has_forms(resources) {
        // No operation is shorter than an operator and the space behind it.
        return content.len() as u64 / 2;
    }
    let mut graph = Graph { nodes: vec![Node::default()], known: HashMap::new(), open: Vec::new() };
    graph.read(0, content, resources);
    while let Some((node, form, inherited)) = graph.open.pop() {
        if graph.nodes.len() > MAX_FORMS {
            return u64::MAX;
        }
        let Ok(content) = form.decoded_data() else { continue };
        let own = form.dict().get::<Dict<'_>>("Resources").map(Resources::new);
        graph.read(node, &content, own.as_ref().unwrap_or(&inherited));
    }
    graph.total()
}

/// Bytes that the content streams of a page unpack to, each as often as it is named; counting stops
/// above `limit`.
fn content_size(page: &Page<'_>, limit: u64) -> u64 {
    let Some(parts) = page.raw().get::<Array<'_>>("Contents") else { return 0 };
    let mut known: HashMap<(usize, usize), u64> = HashMap::new();
    let mut total = 0u64;
    for part in parts.iter::<Stream<'_>>() {
        let dict = part.dict().data();
        let place = (dict.as_ptr() as usize, dict.len());
        total += *known.entry(place).or_insert_with(|| {
            let data = part.raw_data();
            (data.len() as u64).max(inflated(&data, limit))
        });
        if total > limit {
            break;
        }
    }
    total
}

fn has_forms(resources: &Resources<'_>) -> bool {
    let objects = &resources.x_objects;
    objects.keys().any(|k| objects.get::<Stream<'_>>(k).is_some_and(|s| is_form(&s)))
}

fn is_form(stream: &Stream<'_>) -> bool {
    stream.dict().get::<Name<'_>>("Subtype").as_deref() == Some(b"Form")
}

struct Graph<'a> {
    nodes: Vec<Node>,
    /// By where the form's dictionary lies in memory.
    known: HashMap<(usize, usize), usize>,
    open: Vec<(usize, Stream<'a>, Resources<'a>)>,
}

impl<'a> Graph<'a> {
    fn read(&mut self, node: usize, content: &[u8], resources: &Resources<'a>) {
        let mut instructions = TypedIter::new(content);
        let mut named: HashMap<Vec<u8>, Option<usize>> = HashMap::new();
        while let Some(instruction) = instructions.next() {
            self.nodes[node].operations += 1;
            let TypedInstruction::XObject(draw) = instruction else { continue };
            let name = draw.0;
            let found = *named
                .entry(name.to_vec())
                .or_insert_with(|| self.form(resources.x_objects.get(name.clone()), resources));
            if let Some(form) = found {
                *self.nodes[node].draws.entry(form).or_default() += 1;
            }
        }
    }

    fn form(&mut self, stream: Option<Stream<'a>>, inherited: &Resources<'a>) -> Option<usize> {
        let stream = stream.filter(is_form)?;
        let data = stream.dict().data();
        let place = (data.as_ptr() as usize, data.len());
        if let Some(known) = self.known.get(&place) {
            return Some(*known);
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        self.known.insert(place, node);
        self.open.push((node, stream, inherited.clone()));
        Some(node)
    }

    /// Operations of the first node, level by level from the deepest that is followed.
    fn total(&self) -> u64 {
        let mut costs = vec![0u64; self.nodes.len()];
        for _ in 0..=LEVELS {
            let next: Vec<u64> = self
                .nodes
                .iter()
                .map(|node| {
                    node.draws.iter().fold(node.operations, |sum, (form, times)| {
                        sum.saturating_add(times.saturating_mul(costs[*form]))
                    })
                })
                .collect();
            if next == costs {
                break;
            }
            costs = next;
        }
        costs[0]
    }
}
