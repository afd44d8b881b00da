#!/usr/bin/env python3
"""Makes PDFs of our own Khmer paragraphs with every producer installed, and judges what khocr reads.

    scripts/producers.py --font KhmerOSbattambang.ttf [--khocr target/release/khocr] [--keep DIR]

Characters must be exact from the text layer, spaces and line ends left out; or, where a producer's
layer is wrong, the page must be read, and how well is shown. A producer that is not installed is
named and left out. The exit status is 1 when a producer's file is neither exact nor read.

Producers: Chromium with and without tags (Skia), LibreOffice, Cairo through pango-view, Typst
(command or Python package), fpdf2, ReportLab and WeasyPrint (Python packages).
"""

import argparse
import html
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
TEXT = HERE.parent / "crates/convert/tests/data/paragraphs.txt"


class NotInstalled(Exception):
    """The producer is not on this machine."""


def program(*names):
    for name in names:
        if found := shutil.which(name):
            return found
    raise NotInstalled(" or ".join(names))


def package(name):
    if importlib.util.find_spec(name) is None:
        raise NotInstalled(f"Python package {name}")


def run(*command, **options):
    subprocess.run([str(c) for c in command], check=True, capture_output=True, timeout=300, **options)


def page(paragraphs, font):
    body = "".join(f"<p>{html.escape(p)}</p>" for p in paragraphs)
    return (
        '<!doctype html><html lang="km"><meta charset="utf-8"><title>km</title><style>'
        f"@font-face{{font-family:K;src:url('{font.as_uri()}')}}"
        "@page{size:A4;margin:2cm}body{font:12pt/1.9 K}p{margin:0 0 .6em}"
        f"</style>{body}"
    )


def chromium(out, paragraphs, font, tagged):
    binary = program("chromium", "chromium-browser", "google-chrome")
    source = out.with_suffix(".html")
    source.write_text(page(paragraphs, font), encoding="utf-8")
    tags = [] if tagged else ["--disable-pdf-tagging"]
    run(
        binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
        "--allow-file-access-from-files", f"--user-data-dir={out.parent / 'profile'}",
        *tags, f"--print-to-pdf={out}", source.as_uri(),
    )


def libreoffice(out, paragraphs, font):
    binary = program("soffice", "libreoffice")
    family = font_family(font)
    paragraph = "".join(f'<text:p text:style-name="P">{html.escape(p)}</text:p>' for p in paragraphs)
    source = out.with_suffix(".fodt")
    source.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><office:document'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
        ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
        ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">'
        f'<office:font-face-decls><style:font-face style:name="K" svg:font-family="\'{family}\'"/>'
        "</office:font-face-decls><office:automatic-styles>"
        '<style:style style:name="P" style:family="paragraph"><style:text-properties'
        ' style:font-name-complex="K" style:font-name="K" style:font-size-complex="12pt"'
        ' style:language-complex="km" style:country-complex="KH"/></style:style>'
        f"</office:automatic-styles><office:body><office:text>{paragraph}</office:text></office:body>"
        "</office:document>",
        encoding="utf-8",
    )
    run(
        binary, f"-env:UserInstallation={(out.parent / 'office').as_uri()}", "--headless",
        "--convert-to", "pdf", "--outdir", out.parent, source,
    )


def cairo(out, paragraphs, font):
    binary = program("pango-view")
    source = out.with_suffix(".txt")
    # Cairo makes one page of it, however long.
    source.write_text("\n".join(paragraphs), encoding="utf-8")
    run(
        binary, "--no-display", "--backend=cairo", f"--font={font_family(font)} 12", "--width=480",
        "--wrap=char", "--language=km", f"--output={out}", source,
    )


def typst(out, paragraphs, font):
    source = out.with_suffix(".typ")
    escaped = ("".join("\\" + c if c in "\\#$*_`<>@=-+/~[]'\"" else c for c in p) for p in paragraphs)
    source.write_text(
        f'#set text(font: "{font_family(font)}", size: 12pt, lang: "km")\n'
        "#set smartquote(enabled: false)\n" + "\n\n".join(escaped),
        encoding="utf-8",
    )
    try:
        run(program("typst"), "compile", "--font-path", font.parent, source, out)
    except NotInstalled:
        package("typst")
        import typst as compiler

        compiler.compile(str(source), output=str(out), font_paths=[str(font.parent)])


def fpdf2(out, paragraphs, font):
    package("fpdf")
    package("uharfbuzz")
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_font("K", fname=str(font))
    pdf.add_page()
    pdf.set_font("K", size=12)
    pdf.set_text_shaping(True)
    for paragraph in paragraphs:
        pdf.multi_cell(0, 9, paragraph, align="L", wrapmode="CHAR", new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(out))


def reportlab(out, paragraphs, font):
    package("reportlab")
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(TTFont("K", str(font)))
    pdf = canvas.Canvas(str(out), pagesize=A4)
    y = 790
    for paragraph in paragraphs:
        if y < 50:
            pdf.showPage()
            y = 790
        pdf.setFont("K", 9)
        pdf.drawString(40, y, paragraph)
        y -= 24
    pdf.save()


def weasyprint(out, paragraphs, font):
    package("weasyprint")
    from weasyprint import HTML

    HTML(string=page(paragraphs, font)).write_pdf(str(out))


PRODUCERS = {
    "chromium": lambda *a: chromium(*a, tagged=True),
    "skia-untagged": lambda *a: chromium(*a, tagged=False),
    "libreoffice": libreoffice,
    "cairo": cairo,
    "typst": typst,
    "fpdf2": fpdf2,
    "reportlab": reportlab,
    "weasyprint": weasyprint,
}


def font_family(font):
    found = subprocess.run(
        ["fc-scan", "--format", "%{family[0]}", str(font)], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def plain(text):
    """Characters alone: no spaces, none of the invisible breaks."""
    text = unicodedata.normalize("NFC", text)
    return "".join(c for c in text if not c.isspace() and c not in "\u200b\u200c\u200d\u2060\ufeff\u00ad")


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"at {at}: {a[max(0, at - 8):at + 8]!r} became {b[max(0, at - 8):at + 8]!r}"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--font", required=True, type=pathlib.Path, help="a Khmer Unicode face")
    options.add_argument("--khocr", default=HERE.parent / "target/release/khocr", type=pathlib.Path)
    options.add_argument("--keep", type=pathlib.Path, help="leave the PDFs in this folder")
    options.add_argument("--only", help="this producer alone")
    options = options.parse_args()
    paragraphs = TEXT.read_text(encoding="utf-8").splitlines()
    truth = plain("".join(paragraphs))
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="producers-"))
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    print(f"{len(paragraphs)} paragraphs, {len(truth)} characters, {options.font.name}")
    for name, make in PRODUCERS.items():
        if options.only and name != options.only:
            continue
        out = folder.resolve() / f"{name}.pdf"
        try:
            make(out, paragraphs, options.font.resolve())
        except NotInstalled as missing:
            print(f"{name:14} LEFT OUT: {missing} is not installed")
            continue
        except Exception as error:
            failed += 1
            print(f"{name:14} FAILED to make its file: {error}")
            continue
        told = subprocess.run(
            [str(options.khocr.resolve()), "convert", "--format", "json", str(out)], capture_output=True
        )
        if told.returncode != 0:
            failed += 1
            print(f"{name:14} FAILED: {told.stderr.decode(errors='replace').strip()}")
            continue
        document = json.loads(told.stdout)
        sources = sorted({p["source"] for p in document["pages"]})
        got = plain(document["text"])
        if got == truth:
            print(f"{name:14} exact   {len(document['pages'])} pages, {'+'.join(sources)}")
            continue
        errors = distance(truth, got)
        read = "native" not in sources
        failed += not read
        reasons = sorted({p.get("reason") or "" for p in document["pages"]})
        print(
            f"{name:14} {'read   ' if read else 'WRONG  '} {len(document['pages'])} pages, "
            f"{'+'.join(sources)}, CER {100 * errors / len(truth):.2f} %, {reasons}, "
            f"{first_difference(truth, got)}"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
