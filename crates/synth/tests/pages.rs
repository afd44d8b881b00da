//! Pages drawn whole: their labels agree with what was drawn.

use std::path::Path;

use khocr_synth::fonts::{FontSet, Split};
use khocr_synth::page::{Kit, Page};
use khocr_synth::text::Texts;

/// The kit of the shared fonts and corpora; `None` in a checkout without them.
fn kit() -> Option<Kit> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let fonts =
        FontSet::load(&shared.join("fonts"), &shared.join("fonts/none"), Split::Held).ok()?;
    Some(Kit::new(fonts, Texts::load(&shared.join("corpus")).ok()?))
}

fn map(page: &Page, index: usize) -> &[u8] {
    let size = page.width * page.height / 16;
    &page.maps[index * size..(index + 1) * size]
}

#[test]
fn pages_and_their_maps_agree() {
    let Some(kit) = kit() else { return };
    let mut lines = 0;
    for seed in 0..12 {
        let page = kit.page(seed);
        assert_eq!((page.width % 32, page.height % 32), (0, 0));
        assert_eq!(page.gray.len(), page.width * page.height);
        assert_eq!(page.maps.len(), page.width * page.height / 16 * 6);
        assert_eq!(page.lines.len(), page.bands.len());
        lines += page.lines.len();
        let (core, extent) = (map(&page, 0), map(&page, 1));
        for (i, (&c, &e)) in core.iter().zip(extent).enumerate() {
            // Only the least size of very small bands reaches beyond the extent, by a cell at most.
            let width = page.width / 4;
            let near = |j: usize| extent.get(j).is_some_and(|&e| e > 60);
            let close = e > 60
                || near(i + 1)
                || near(i.wrapping_sub(1))
                || near(i + width)
                || near(i.wrapping_sub(width));
            assert!(c < 200 || close, "seed {seed}: core far from any extent at cell {i}");
        }
    }
    assert!(lines > 120, "only {lines} lines on twelve pages");
}

#[test]
fn budgets_have_rows_that_hold_a_title_alone() {
    let Some(mut kit) = kit() else { return };
    let mut share = |budgets: f32| {
        kit.budgets = budgets;
        let (mut rows, mut lone) = (0, 0);
        for seed in 0..24 {
            let page = kit.page(seed);
            if page.tables.is_empty() {
                continue;
            }
            let mut cells: Vec<(u32, u32, u32)> = page
                .lines
                .iter()
                .filter_map(|l| l.cell)
                .map(|c| (c.table, c.row, c.column))
                .collect();
            cells.sort_unstable();
            cells.dedup();
            for row in cells.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                rows += 1;
                lone += usize::from(row.len() == 1);
            }
        }
        lone as f32 / rows as f32
    };
    let (budgets, others) = (share(1.0), share(0.0));
    assert!(budgets > 0.1 && others < 0.5 * budgets, "{budgets} of rows, {others} in others");
}

#[test]
fn a_line_lies_where_its_band_says() {
    let Some(kit) = kit() else { return };
    let (mut inked, mut all) = (0, 0);
    for seed in 20..32 {
        let page = kit.page(seed);
        for band in &page.bands {
            // Ink stands out from the paper inside a band, whatever the page went through.
            let mut values: Vec<u8> = Vec::new();
            for (top, foot) in band.top.iter().zip(&band.foot) {
                for t in 0..8 {
                    for dx in -5..=5 {
                        let y = top.1 + (foot.1 - top.1) * t as f32 / 8.0;
                        let (x, y) = (top.0 as isize + dx, y as isize);
                        let inside = x >= 0
                            && y >= 0
                            && (x as usize) < page.width
                            && (y as usize) < page.height;
                        if inside {
                            values.push(page.gray[y as usize * page.width + x as usize]);
                        }
                    }
                }
            }
            if let (Some(low), Some(high)) = (values.iter().min(), values.iter().max()) {
                all += 1;
                inked += usize::from(high - low > 25);
            }
        }
    }
    assert!(all > 100 && inked * 100 >= all * 97, "{inked} of {all} bands hold ink");
}

#[test]
fn a_seed_is_a_page() {
    let Some(kit) = kit() else { return };
    let (a, b, c) = (kit.page(3), kit.page(3), kit.page(4));
    assert!(a.gray == b.gray && a.maps == b.maps);
    assert!(a.gray != c.gray);
}

#[test]
fn cells_of_a_table_are_told_apart() {
    let Some(kit) = kit() else { return };
    let mut cells = 0;
    for seed in 40..60 {
        let page = kit.page(seed);
        for pair in page.lines.windows(2) {
            if let (Some(a), Some(b)) = (pair[0].cell, pair[1].cell)
                && a.table == b.table
            {
                cells += 1;
                assert!((b.row, b.column) >= (a.row, a.column), "cells out of order");
                if a.row == b.row && a.column != b.column {
                    assert!(pair[0].right < pair[1].left, "neighbouring cells overlap");
                }
            }
        }
    }
    assert!(cells > 20, "only {cells} neighbouring cells");
}
