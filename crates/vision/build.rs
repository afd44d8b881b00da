//! Says which models the binary embeds: those present in `models/` when it is built.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let models = Path::new(&root).join("../../models");
    println!("cargo:rerun-if-changed={}", models.display());
    let mut code = String::new();
    for (name, file) in [
        ("FINDER", "finder.safetensors"),
        ("READER", "reader.safetensors"),
        ("LANGUAGE", "language.bin"),
        ("CALIBRATION", "reader.calibration.tsv"),
    ] {
        let path = models.join(file);
        let value = match path.canonicalize() {
            Ok(path) => {
                println!("cargo:rerun-if-changed={}", path.display());
                format!("Some(include_bytes!({path:?}))")
            }
            Err(_) => "None".to_owned(),
        };
        code += &format!("const {name}: Option<&[u8]> = {value};\n");
    }
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    std::fs::write(Path::new(&out).join("models.rs"), code)
}
