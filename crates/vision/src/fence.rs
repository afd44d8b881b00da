//! Fence: whether rules make a table of what white alone would part.

use khocr_document::Rect;

use crate::layout::{Item, around, median};
use crate::rules::{Rule, Rules};
use crate::zones::centre;

/// So many rules across a gutter part the rows of a table...
const ROWS: usize = 3;
/// ...when they reach so far on both sides, in widths of what stands there.
const CROSSES: f32 = 0.2;

/// So many rules down whose ends are this near to each other's, in core heights...
const WALLS: usize = 4;
const ALIKE: f32 = 1.5;
/// ...along this share of what stands there are the walls of a table.
const FENCED: f32 = 0.6;

/// A rule across so much of a signature's block makes rows of it.
const SPANS: f32 = 0.8;

/// Whether a gutter among these items is one of a table: so many rules run across it that they part
/// rows, or as many run down on its sides from one height to another.
pub(crate) fn is_crossed(items: &[Item], indices: &[usize], x: f32, rules: &Rules) -> bool {
    let all = around(items, indices.iter().copied());
    let core = median(indices.iter().map(|&i| items[i].core).collect());
    if is_fenced(&all, core, x, rules) {
        return true;
    }
    let aside = |from: f32, to: f32| to - from > CROSSES * all.width();
    let crosses = |r: &&Rule| {
        (all.y0..all.y1).contains(&r.at)
            && aside(r.from.max(all.x0), x)
            && aside(x, r.to.min(all.x1))
    };
    rules.across.iter().filter(crosses).count() >= ROWS
}

/// Whether rules that begin and end alike run down at both sides of `x` along most of the box.
fn is_fenced(all: &Rect, core: f32, x: f32, rules: &Rules) -> bool {
    let along = |r: &&Rule| r.to.min(all.y1) - r.from.max(all.y0) > FENCED * all.height();
    let walls: Vec<&Rule> = rules.down.iter().filter(along).collect();
    walls.iter().any(|w| {
        let like = |o: &&&Rule| {
            (o.from - w.from).abs() < ALIKE * core && (o.to - w.to).abs() < ALIKE * core
        };
        let fence: Vec<f32> = walls.iter().filter(like).map(|o| o.at).collect();
        fence.len() >= WALLS && fence.iter().any(|at| *at < x) && fence.iter().any(|at| *at > x)
    })
}

/// Whether rules part the box into rows or columns.
pub(crate) fn is_ruled(all: &Rect, core: f32, rules: &Rules) -> bool {
    let across = |r: &Rule| {
        (all.y0..all.y1).contains(&r.at)
            && r.to.min(all.x1) - r.from.max(all.x0) > SPANS * all.width()
    };
    rules.across.iter().any(across) || is_fenced(all, core, centre(all), rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_alike_from_end_to_end_fence_a_table_and_rules_between_columns_do_not() {
        let all = Rect::new(0.0, 0.0, 400.0, 300.0);
        let wall = |at: f32, to: f32| Rule { from: 0.0, to, at, thick: 2.0 };
        let walls = |ats: &[f32], to: f32| Rules {
            down: ats.iter().map(|x| wall(*x, to)).collect(),
            across: Vec::new(),
        };
        assert!(is_fenced(&all, 10.0, 200.0, &walls(&[0.0, 150.0, 250.0, 400.0], 300.0)));
        assert!(!is_fenced(&all, 10.0, 200.0, &walls(&[130.0, 270.0], 300.0)), "of columns");
        assert!(!is_fenced(&all, 10.0, 200.0, &walls(&[0.0, 50.0, 90.0, 150.0], 300.0)), "aside");
        assert!(!is_fenced(&all, 10.0, 200.0, &walls(&[0.0, 150.0, 250.0, 400.0], 90.0)), "low");
    }

    #[test]
    fn a_rule_across_makes_rows() {
        let all = Rect::new(0.0, 0.0, 400.0, 300.0);
        let rules = |from: f32, at: f32| Rules {
            across: vec![Rule { from, to: 400.0, at, thick: 2.0 }],
            down: Vec::new(),
        };
        assert!(is_ruled(&all, 10.0, &rules(0.0, 100.0)));
        assert!(!is_ruled(&all, 10.0, &rules(0.0, 310.0)), "below it");
        assert!(!is_ruled(&all, 10.0, &rules(250.0, 100.0)), "under one of its sides");
    }
}
