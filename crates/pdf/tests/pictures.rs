//! Pictures of pages: taken from the file, or drawn.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Builder, grey};
use khocr_pdf::{PagePicture, PictureOrigin};

/// A page whose scan of `width` x `height` pixels is placed by `content`, as `/I`.
fn scanned(width: usize, height: usize, content: &str, entries: &str) -> PagePicture {
    let mut file = Builder::default();
    let (dict, data) = grey(width, height);
    let image = file.stream(&dict, &data);
    let font = file.simple_font("Helvetica");
    let resources = format!("/XObject << /I {image} 0 R >> /Font << /H {font} 0 R >>");
    common::open(file.one_page(content, &resources, entries)).picture(0, 72.0).unwrap()
}

fn pixel(picture: &PagePicture, x: u32, y: u32) -> u8 {
    picture.pixels[(y * picture.width + x) as usize * picture.channels()]
}

/// The value of a pixel of [`grey`].
fn stored(width: u32, x: u32, y: u32) -> u8 {
    ((y * width + x) * 7 % 251) as u8
}

#[test]
fn a_scan_that_is_the_page_is_taken_as_stored() {
    let picture = scanned(400, 200, "q 200 0 0 100 0 0 cm /I Do Q", "");
    assert_eq!(
        (picture.width, picture.height, picture.origin),
        (400, 200, PictureOrigin::Embedded)
    );
    assert_eq!(picture.pixels.len(), 400 * 200, "a byte a pixel");
    assert!((picture.dpi - 144.0).abs() < 0.01);
    assert_eq!(picture.matrix, [0.5, 0.0, 0.0, 0.5, 0.0, 0.0]);
    for (x, y) in [(0, 0), (399, 0), (17, 120), (399, 199)] {
        assert_eq!(pixel(&picture, x, y), stored(400, x, y));
    }
}

#[test]
fn a_turned_page_turns_its_scan() {
    let picture = scanned(400, 200, "q 200 0 0 100 0 0 cm /I Do Q", "/Rotate 90");
    assert_eq!(
        (picture.width, picture.height, picture.origin),
        (200, 400, PictureOrigin::Embedded)
    );
    // A quarter clockwise: the left column becomes the top row, bottom end first.
    assert_eq!(pixel(&picture, 0, 0), stored(400, 0, 199));
    assert_eq!(pixel(&picture, 199, 0), stored(400, 0, 0));
    assert_eq!(pixel(&picture, 0, 399), stored(400, 399, 199));
}

#[test]
fn a_scan_beside_the_origin_says_where_it_lies() {
    let picture = scanned(360, 160, "q 180 0 0 80 10 15 cm /I Do Q", "");
    assert_eq!((picture.width, picture.origin), (360, PictureOrigin::Embedded));
    // 100 - 80 - 15 points from the top.
    assert_eq!((picture.matrix[4], picture.matrix[5]), (10.0, 5.0));
}

#[test]
fn strips_are_put_together() {
    let mut file = Builder::default();
    let (dict, data) = grey(400, 100);
    let image = file.stream(&dict, &data);
    let content = "q 200 0 0 50 0 50 cm /I Do Q q 200 0 0 50 0 0 cm /I Do Q";
    let bytes = file.one_page(content, &format!("/XObject << /I {image} 0 R >>"), "");
    let picture = common::open(bytes).picture(0, 72.0).unwrap();
    assert_eq!((picture.height, picture.origin), (200, PictureOrigin::Embedded));
    assert_eq!(pixel(&picture, 5, 3), stored(400, 5, 3));
    assert_eq!(pixel(&picture, 5, 103), stored(400, 5, 3));
}

#[test]
fn a_grey_strip_beside_a_coloured_one_keeps_its_greys() {
    let mut file = Builder::default();
    let (dict, data) = grey(400, 100);
    let image = file.stream(&dict, &data);
    let red: Vec<u8> = [200, 10, 10].repeat(400 * 100);
    let coloured = file.stream(&dict.replace("DeviceGray", "DeviceRGB"), &red);
    let content = "q 200 0 0 50 0 50 cm /I Do Q q 200 0 0 50 0 0 cm /R Do Q";
    let resources = format!("/XObject << /I {image} 0 R /R {coloured} 0 R >>");
    let picture = common::open(file.one_page(content, &resources, "")).picture(0, 72.0).unwrap();
    assert_eq!((picture.height, picture.origin), (200, PictureOrigin::Embedded));
    let at = |x: usize, y: usize| &picture.pixels[3 * (y * 400 + x)..][..3];
    assert_eq!(at(17, 60), [stored(400, 17, 60); 3]);
    assert_eq!(at(17, 150), [200, 10, 10]);
}

#[test]
fn a_scan_with_something_over_it_is_drawn_at_its_resolution() {
    let number = "q 200 0 0 100 0 0 cm /I Do Q BT /H 10 Tf 95 5 Td (7) Tj ET";
    let picture = scanned(400, 200, number, "");
    assert_eq!(
        (picture.width, picture.height, picture.origin),
        (400, 200, PictureOrigin::Rendered)
    );
}

#[test]
fn a_page_stated_in_pixels_is_seen_through() {
    let entries = "/MediaBox [0 0 1654 2339]";
    let picture = scanned(1654, 2339, "q 1654 0 0 2339 0 0 cm /I Do Q", entries);
    assert!((picture.dpi - 200.0).abs() < 1.0, "{}", picture.dpi);
    assert_eq!(picture.matrix[0], 1.0);
}

#[test]
fn a_very_fine_scan_is_averaged_down() {
    let entries = "/MediaBox [0 0 300 600]";
    let picture = scanned(2600, 5200, "q 300 0 0 600 0 0 cm /I Do Q", entries);
    assert_eq!((picture.width, picture.height), (1300, 2600));
    let mean = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| u32::from(stored(2600, x, y)));
    assert_eq!(u32::from(pixel(&picture, 0, 0)), mean.iter().sum::<u32>() / 4);
}

#[test]
fn a_drawn_page_is_ink_on_white_and_upright() {
    let bytes = Builder::default().one_page("0 g 0 0 50 100 re f", "", "/Rotate 180");
    let picture = common::open(bytes).picture(0, 72.0).unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.origin),
        (200, 100, PictureOrigin::Rendered)
    );
    assert_eq!((pixel(&picture, 10, 50), pixel(&picture, 190, 50)), (255, 0));
}

#[test]
fn a_scan_in_layers_is_drawn_at_the_resolution_of_its_letters() {
    // A coarse light ground, and over it a fine mask through which the letters are painted.
    let mut file = Builder::default();
    let ground = file.stream(
        "/Type /XObject /Subtype /Image /Width 20 /Height 10 /ColorSpace /DeviceGray /BitsPerComponent 8",
        &[200; 200],
    );
    let mut mask = vec![0xFFu8; 800 / 8 * 400];
    // A stroke eight pixels wide down the middle.
    (0..400).for_each(|y| mask[y * 100 + 50] = 0);
    let letters = file.stream(
        "/Type /XObject /Subtype /Image /ImageMask true /Width 800 /Height 400 /BitsPerComponent 1",
        &mask,
    );
    let resources = format!("/XObject << /G {ground} 0 R /L {letters} 0 R >>");
    let content = "q 200 0 0 100 0 0 cm /G Do Q q 0.1 g 200 0 0 100 0 0 cm /L Do Q";
    let picture = common::open(file.one_page(content, &resources, "")).picture(0, 72.0).unwrap();
    assert_eq!((picture.width, picture.height), (800, 400));
    assert_eq!(picture.origin, PictureOrigin::Rendered);
    let grey = |x: usize, y: usize| picture.pixels[(y * 800 + x) * 3];
    for y in [5, 200, 395] {
        assert!(grey(404, y) < 60, "{}", grey(404, y));
        assert!(grey(396, y) > 180 && grey(412, y) > 180);
    }
}
