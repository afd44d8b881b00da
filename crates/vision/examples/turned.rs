//! Reads pages turned and leaning: `turned [--turns 90,180,270] [--skews -2,0.5,1,3,5] [--worst DIR] PAGE…` reads each picture upright, then
//! by each quarter turn (degrees clockwise) and by each skew, and says how far the text is from the upright reading. A reading is
//! *right* when at most 1 % of the upright text's letters differ, spaces and line ends apart. `--worst` keeps the texts that are not.

#![allow(clippy::print_stdout, reason = "its figures are its answer")]

mod common;

use std::path::{Path, PathBuf};

use khocr_vision::{PageImage, Reader};

/// Share of letters that may differ in a reading that counts as right: what resampling alone changes.
const RIGHT: f64 = 0.01;

#[derive(Clone, Copy)]
enum Turn {
    /// Degrees clockwise, a multiple of 90.
    Quarters(u32),
    /// Degrees clockwise, small.
    Skew(f32),
}

impl Turn {
    fn apply(self, image: &PageImage) -> PageImage {
        match self {
            Self::Quarters(degrees) => {
                (0..degrees / 90 % 4).fold(image.clone(), |i, _| quarter(&i))
            }
            Self::Skew(degrees) => leaning(image, degrees),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Quarters(degrees) => format!("turn {degrees}"),
            Self::Skew(degrees) => format!("skew {degrees}"),
        }
    }
}

fn main() -> common::Outcome<()> {
    let mut turns = vec![Turn::Quarters(90), Turn::Quarters(180), Turn::Quarters(270)];
    let mut skews: Vec<Turn> = [-2.0, 0.5, 1.0, 3.0, 5.0].map(Turn::Skew).to_vec();
    let (mut pages, mut worst) = (Vec::new(), None);
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        let mut list = || args.next().and_then(|a| a.into_string().ok()).ok_or("a list is missing");
        match arg.to_str() {
            Some("--turns") => turns = numbers(&list()?, Turn::Quarters)?,
            Some("--skews") => skews = numbers(&list()?, Turn::Skew)?,
            Some("--worst") => worst = Some(PathBuf::from(list()?)),
            _ => pages.push(PathBuf::from(arg)),
        }
    }
    turns.append(&mut skews);
    if let Some(folder) = &worst {
        std::fs::create_dir_all(folder)?;
    }
    let reader = Reader::embedded()?;
    let mut tally = vec![(0usize, 0usize, 0usize); turns.len()];
    let mut read = 0;
    for path in &pages {
        let image = common::load(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let upright = text(&reader, &image)?;
        let wanted = letters(&upright);
        if wanted.is_empty() {
            println!("{name}: no text");
            continue;
        }
        read += 1;
        for (turn, sum) in turns.iter().zip(&mut tally) {
            let got = text(&reader, &turn.apply(&image))?;
            let off = distance(&wanted, &letters(&got));
            let share = off as f64 / wanted.len() as f64;
            sum.0 += usize::from(share <= RIGHT);
            sum.1 += off;
            sum.2 += wanted.len();
            if share > RIGHT {
                println!("{name}\t{}\t{:.1} %", turn.name(), 100.0 * share);
                if let Some(folder) = &worst {
                    keep(folder, &name, "upright", &upright)?;
                    keep(folder, &name, &turn.name().replace(' ', ""), &got)?;
                }
            }
        }
    }
    println!("of {read} pages\tright\tletters that differ");
    for (turn, (right, off, of)) in turns.iter().zip(&tally) {
        println!("{}\t{right}\t{:.2} %", turn.name(), 100.0 * *off as f64 / (*of).max(1) as f64);
    }
    Ok(())
}

fn numbers<T: std::str::FromStr>(list: &str, make: fn(T) -> Turn) -> common::Outcome<Vec<Turn>> {
    let one = |n: &str| n.trim().parse().map(make).map_err(|_| format!("{n} is no angle").into());
    list.split(',').filter(|n| !n.is_empty()).map(one).collect()
}

fn text(reader: &Reader, image: &PageImage) -> common::Outcome<String> {
    Ok(reader.read_timed(image, &|| false)?.0.text())
}

fn keep(folder: &Path, name: &str, turn: &str, text: &str) -> std::io::Result<()> {
    std::fs::write(folder.join(format!("{name}.{turn}.txt")), text)
}

fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// Levenshtein's distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            corner = above;
        }
    }
    row[b.len()]
}

/// A quarter turn clockwise.
fn quarter(image: &PageImage) -> PageImage {
    let (w, h) = (image.width as usize, image.height as usize);
    let mut pixels = Vec::with_capacity(image.pixels.len());
    for y in 0..w {
        for x in 0..h {
            let at = ((h - 1 - x) * w + y) * 3;
            pixels.extend_from_slice(&image.pixels[at..at + 3]);
        }
    }
    PageImage { width: image.height, height: image.width, pixels, dpi: image.dpi }
}

/// Turned clockwise about its middle on a sheet large enough to lose nothing, bilinear, the new
/// corners in the colour of the page's first pixel.
fn leaning(image: &PageImage, degrees: f32) -> PageImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (image.width as f32, image.height as f32);
    let (width, height) =
        ((w * cos + h * sin.abs()).ceil() as u32, (h * cos + w * sin.abs()).ceil() as u32);
    let at = |x: isize, y: isize, c: usize| -> f32 {
        let inside = x >= 0 && y >= 0 && x < image.width as isize && y < image.height as isize;
        let place = if inside { (y as usize * image.width as usize + x as usize) * 3 } else { 0 };
        f32::from(image.pixels[place + c])
    };
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            let u = x as f32 + 0.5 - width as f32 / 2.0;
            let v = y as f32 + 0.5 - height as f32 / 2.0;
            let sx = u * cos + v * sin + w / 2.0 - 0.5;
            let sy = v * cos - u * sin + h / 2.0 - 0.5;
            let (x0, y0) = (sx.floor(), sy.floor());
            let (fx, fy) = (sx - x0, sy - y0);
            let (x0, y0) = (x0 as isize, y0 as isize);
            for c in 0..3 {
                let top = at(x0, y0, c) * (1.0 - fx) + at(x0 + 1, y0, c) * fx;
                let bottom = at(x0, y0 + 1, c) * (1.0 - fx) + at(x0 + 1, y0 + 1, c) * fx;
                pixels.push((top * (1.0 - fy) + bottom * fy + 0.5) as u8);
            }
        }
    }
    PageImage { width, height, pixels, dpi: image.dpi }
}
