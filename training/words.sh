#!/bin/sh
# Builds crates/khmer/data/words.bin from the corpora: words and their frequencies, no sentences.
# Usage: training/words.sh [CORPUS_DIR]
set -eu
cd "$(dirname "$0")/.."
corpus=${1:-../shared/corpus}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$corpus"/*.txt.zst; do
    zstdcat "$file" > "$work/$(basename "$file" .zst)"
done
list="$work/words.list"
mv "$work/words.txt" "$list"
cargo run --release --quiet -p khocr-khmer --example build_words -- crates/khmer/data/words.bin 60000 "$list" "$work"/*.txt
