//! A small PDF writer for tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

/// Objects of a file in the making.
#[derive(Default)]
pub struct Builder {
    objects: Vec<Vec<u8>>,
}

impl Builder {
    /// Adds an object; its number comes back.
    pub fn add(&mut self, body: impl Into<Vec<u8>>) -> usize {
        self.objects.push(body.into());
        self.objects.len()
    }

    /// Adds a stream; `dict` is what stands in its dictionary beside the length.
    pub fn stream(&mut self, dict: &str, data: &[u8]) -> usize {
        let mut body = format!("<< {dict} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    /// Adds a composite font of that name; `map` is the ToUnicode map's entries in hexadecimal.
    pub fn font(&mut self, name: &str, map: &[(u16, &str)]) -> usize {
        let mut cmap = format!("{} beginbfchar\n", map.len());
        for (code, text) in map {
            let units: String = text.encode_utf16().map(|u| format!("{u:04X}")).collect();
            cmap += &format!("<{code:04X}> <{units}>\n");
        }
        cmap += "endbfchar";
        let map = self.stream("", cmap.as_bytes());
        let descriptor =
            self.add(format!("<< /Type /FontDescriptor /FontName /{name} /Flags 4 >>"));
        let descendant = self.add(format!(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /DW 500 /FontDescriptor {descriptor} 0 R
               /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
        ));
        self.add(format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H
               /DescendantFonts [{descendant} 0 R] /ToUnicode {map} 0 R >>"
        ))
    }

    /// Adds a font of single-byte codes.
    pub fn simple_font(&mut self, name: &str) -> usize {
        let widths = "500 ".repeat(256);
        self.add(format!(
            "<< /Type /Font /Subtype /TrueType /BaseFont /{name} /Encoding /WinAnsiEncoding
               /FirstChar 0 /LastChar 255 /Widths [{widths}] >>"
        ))
    }

    /// A file of one page with this content, these resources and further page entries.
    pub fn one_page(mut self, content: &str, resources: &str, entries: &str) -> Vec<u8> {
        let content = self.stream("", content.as_bytes());
        let tree = self.objects.len() + 2;
        let boxed = if entries.contains("/MediaBox") { "" } else { "/MediaBox [0 0 200 100]" };
        let page = self.add(format!(
            "<< /Type /Page /Parent {tree} 0 R /Contents {content} 0 R /Resources << {resources} >> {boxed} {entries} >>"
        ));
        let tree = self.add(format!("<< /Type /Pages /Count 1 /Kids [{page} 0 R] >>"));
        self.finish(tree)
    }

    /// The file, with a catalog for the page tree of that number.
    pub fn finish(mut self, pages: usize) -> Vec<u8> {
        let root = self.add(format!("<< /Type /Catalog /Pages {pages} 0 R >>"));
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut places = Vec::new();
        for (i, body) in self.objects.iter().enumerate() {
            places.push(out.len());
            out.extend_from_slice(format!("{} 0 obj\n", i + 1).as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        out.extend_from_slice(
            format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).as_bytes(),
        );
        for place in &places {
            out.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
        }
        let size = places.len() + 1;
        out.extend_from_slice(
            format!("trailer\n<< /Size {size} /Root {root} 0 R >>\nstartxref\n{start}\n%%EOF\n")
                .as_bytes(),
        );
        out
    }
}

/// A grey picture whose pixels count up, as an image object's dictionary and data.
pub fn grey(width: usize, height: usize) -> (String, Vec<u8>) {
    let data = (0..width * height).map(|i| (i * 7 % 251) as u8).collect();
    let dict = format!(
        "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
    );
    (dict, data)
}

/// A PDF, open with the usual limits.
pub fn open(bytes: Vec<u8>) -> khocr_pdf::Pdf {
    khocr_pdf::Pdf::open(bytes, None, &khocr_pdf::Limits::default()).unwrap()
}
