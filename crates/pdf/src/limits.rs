//! How much of a file may cost.

use std::time::Duration;

/// Bounds that hold before memory or time is spent.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Pages a file may have.
    pub max_pages: u32,
    /// Longest side of a page in points. The PDF standard's own bound is 14,400.
    pub max_side: f32,
    /// Pixels of a raster, and of any picture on a page as its header states them.
    pub max_pixels: u64,
    /// Drawing operations a page may take, forms counted as often as they are drawn.
    pub max_operations: u64,
    /// Bytes that one packed stream may unpack to, and that all streams of a page's content, or all
    /// that hold objects, may together.
    pub max_unpacked: u64,
    /// Wall-clock time for one call about one page. Zero means no bound.
    pub page_time: Duration,
    /// Wall-clock time for making out the file's structure. Zero means no bound.
    pub open_time: Duration,
}

impl Default for Limits {
    /// 5,000 pages of at most 14,400 points a side, 120 million pixels (an A3 page at 600 dpi has
    /// 70), 5 million operations, half a gigabyte unpacked, a minute a page and half a minute to open.
    fn default() -> Self {
        Self {
            max_pages: 5_000,
            max_side: 14_400.0,
            max_pixels: 120_000_000,
            max_operations: 5_000_000,
            max_unpacked: 512 << 20,
            page_time: Duration::from_secs(60),
            open_time: Duration::from_secs(30),
        }
    }
}
