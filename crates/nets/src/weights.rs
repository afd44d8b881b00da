//! A net's weights: a safetensors file, read where it lies.

use safetensors::{Dtype, SafeTensors};

use crate::NetError;

/// Weights by name.
pub(crate) struct Weights<'a>(SafeTensors<'a>);

impl<'a> Weights<'a> {
    /// # Errors
    /// [`NetError::File`] where this is no such file or one cut short.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, NetError> {
        SafeTensors::deserialize(bytes).map(Self).map_err(|e| NetError::File(e.to_string()))
    }

    /// The shape of a tensor and its bytes.
    fn get(&self, name: &str, kind: Dtype) -> Result<(Vec<usize>, &'a [u8]), NetError> {
        let fail = |what: &str| NetError::File(format!("{name}: {what}"));
        let tensor = self.0.tensor(name).map_err(|_| fail("not there"))?;
        if tensor.dtype() != kind {
            return Err(fail("of another kind"));
        }
        if tensor.shape().contains(&0) {
            return Err(fail("empty"));
        }
        Ok((tensor.shape().to_vec(), tensor.data()))
    }

    /// Numbers, in row-major order, of the shape asked for; where `shape` holds a 0, any length will do there.
    ///
    /// # Errors
    /// [`NetError::File`] where they are not there or of another shape.
    pub(crate) fn reals(
        &self,
        name: &str,
        shape: &[usize],
    ) -> Result<(Vec<usize>, Vec<f32>), NetError> {
        let (found, bytes) = self.get(name, Dtype::F32)?;
        fits(name, &found, shape)?;
        let value = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        Ok((found, bytes.chunks_exact(4).map(value).collect()))
    }

    /// Whole numbers of eight bits, as [`Weights::reals`].
    ///
    /// # Errors
    /// As there.
    pub(crate) fn bytes(
        &self,
        name: &str,
        shape: &[usize],
    ) -> Result<(Vec<usize>, Vec<i8>), NetError> {
        let (found, bytes) = self.get(name, Dtype::I8)?;
        fits(name, &found, shape)?;
        Ok((found, bytes.iter().map(|&b| b as i8).collect()))
    }

    /// Whether there are numbers of that name, of whatever kind.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.tensor(name).is_ok()
    }
}

/// # Errors
/// [`NetError::File`] where what meets in `layer` is not as wide on all sides.
pub(crate) fn alike(layer: &str, widths: &[usize]) -> Result<(), NetError> {
    if widths.windows(2).all(|w| w[0] == w[1]) {
        Ok(())
    } else {
        Err(NetError::File(format!("{layer}: {widths:?} channels meet")))
    }
}

fn fits(name: &str, found: &[usize], shape: &[usize]) -> Result<(), NetError> {
    let same =
        found.len() == shape.len() && found.iter().zip(shape).all(|(f, s)| *s == 0 || f == s);
    if same {
        Ok(())
    } else {
        Err(NetError::File(format!("{name}: {found:?} rather than {shape:?}")))
    }
}
