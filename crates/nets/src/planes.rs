//! Maps with a border: what lies beyond the edge is there to be read.

/// `[outer, inner, channels]` bytes or numbers with borders before and behind `outer` and `inner`.
pub(crate) struct Planes<T> {
    pub(crate) outer: usize,
    pub(crate) inner: usize,
    pub(crate) channels: usize,
    /// How wide the borders are: of `outer`, of `inner`.
    border: (usize, usize),
    data: Vec<T>,
}

impl<T: Copy> Planes<T> {
    /// All of it `fill`, which is what the border stays.
    pub(crate) fn new(
        size: (usize, usize),
        channels: usize,
        border: (usize, usize),
        fill: T,
    ) -> Self {
        let (outer, inner) = size;
        let length = (outer + 2 * border.0) * (inner + 2 * border.1) * channels;
        Self { outer, inner, channels, border, data: vec![fill; length] }
    }

    /// Values from one place of `outer` to the next.
    pub(crate) fn stride(&self) -> usize {
        (self.inner + 2 * self.border.1) * self.channels
    }

    /// What stands at one place of `outer`, without the border.
    pub(crate) fn row_mut(&mut self, outer: usize) -> &mut [T] {
        let (stride, length) = (self.stride(), self.inner * self.channels);
        let start = (outer + self.border.0) * stride + self.border.1 * self.channels;
        &mut self.data[start..start + length]
    }

    /// All of them, as [`Planes::row_mut`].
    pub(crate) fn rows_mut(&mut self) -> Vec<&mut [T]> {
        let (stride, before, length) =
            (self.stride(), self.border.1 * self.channels, self.inner * self.channels);
        let inside = &mut self.data[self.border.0 * stride..][..self.outer * stride];
        inside.chunks_exact_mut(stride).map(|row| &mut row[before..before + length]).collect()
    }

    /// As [`Planes::row_mut`], to be read.
    pub(crate) fn row(&self, outer: usize) -> &[T] {
        let start = (outer + self.border.0) * self.stride() + self.border.1 * self.channels;
        &self.data[start..start + self.inner * self.channels]
    }

    /// All values, border and all.
    pub(crate) fn padded(&self) -> &[T] {
        &self.data
    }
}
