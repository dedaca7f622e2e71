#!/usr/bin/env python3
"""The letter of tests/documents/short_letter set by other engines, beside `cargo bench --bench document`, in one run.

    deploy/fonts.sh
    pip install typst weasyprint && apt-get install --no-install-recommends libreoffice-writer
    cargo bench --bench document --no-run
    python3 benches/compare/letters.py

Prints for each engine the processor time of one letter more in a running process, (cpu of N - cpu of 1) / (N - 1), and how long a
process takes from its start to its first PDF: medians of interleaved rounds. Every letter differs in number and contact. Engines
that are not installed are left out. They set the same words in the same faces and sizes on the same page, without the grid and
PDF/A of the hub (typst tags its pages, the others do not): their work is the smaller one.
"""

import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from html import escape

ROOT = pathlib.Path(__file__).resolve().parents[2]
LETTER = ROOT / "tests" / "documents" / "short_letter"
FONTS = ROOT / "assets" / "fonts"
ROUNDS = 3
# Letters of one process: enough that starting it does not show.
COUNT = {"typst": 100, "weasyprint": 20, "libreoffice": 20}
# Style: face, size in pt, alignment, indent of the first line in characters.
STYLES = {
    "organ": ("FandolSong", 50, "center", 0),
    "title": ("FandolSong", 22, "center", 0),
    "number": ("FandolFang R", 16, "center", 0),
    "flush": ("FandolFang R", 16, "justify", 0),
    "sign": ("FandolFang R", 16, "right", 0),
    "heading": ("FandolHei", 16, "justify", 2),
    "body": ("FandolFang R", 16, "justify", 2),
}
MARKS = {"发文机关标志": "organ", "标题": "title", "文号": "number", "主送": "flush", "署名": "sign", "日期": "sign"}


def letter(nth):
    """Style and text of each paragraph."""
    sample = json.loads((LETTER / "sample.json").read_text())
    values = {**sample, **sample.get("values", {}), "number": f"嘉人防〔2026〕{nth + 1}号", "contact": f"赵钱孙，0573-8252{nth:04}"}
    text = re.sub(r"\{%.*?%\}", "", (LETTER / "body.tera").read_text())
    text = re.sub(r"\{\{ *(\w+) *\}\}", lambda it: str(values.get(it[1], "")), text)
    for line in filter(None, text.splitlines()):
        if mark := re.match(r"@(\w+)(?:\[.*?\])? (.*)", line):
            yield MARKS.get(mark[1], "flush"), mark[2]
        elif head := re.match(r"#+ (.*)", line):
            yield ("body" if "||" in head[1] else "heading"), head[1].replace("||", "")
        else:
            yield "body", line


def typst(nth):
    out = ['#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), numbering: "— 1 —")\n',
           '#set text(lang: "zh", region: "cn", size: 16pt)\n#set par(leading: 13.6pt, spacing: 13.6pt)\n']
    for style, text in letter(nth):
        face, size, align, indent = STYLES[style]
        side = "left" if align == "justify" else align
        weight = "bold" if face == "FandolSong" else "regular"
        lead = f"#h({indent}em)" if indent else ""
        words = f'#text(font: "{face}", weight: "{weight}", size: {size}pt)[{lead}#{json.dumps(text, ensure_ascii=False)}]'
        out.append(f"#align({side})[#par(justify: {str(align == 'justify').lower()})[{words}]]\n")
    return "".join(out)


def css():
    faces = [("FandolSong", "FandolSong-Bold"), ("FandolFang R", "FandolFang-Regular"), ("FandolHei", "FandolHei-Regular")]
    rules = [f"@font-face {{ font-family: '{name}'; src: url('{(FONTS / file).as_uri()}.otf') }}" for name, file in faces]
    rules.append("@page { size: A4; margin: 37mm 26mm 35mm 28mm; @bottom-center { content: '— ' counter(page) ' —' } }"
                 " p { margin: 0; line-height: 29.6pt }")
    for name, (face, size, align, indent) in STYLES.items():
        rules.append(f".{name} {{ font: {size}pt '{face}'; text-align: {align}; text-indent: {indent}em; line-height: {max(29.6, size * 1.2)}pt }}")
    return "\n".join(rules)


def html(nth):
    return '<meta charset="utf-8"><body lang="zh">' + "".join(f'<p class="{style}">{escape(text)}</p>' for style, text in letter(nth))


def odf(nth):
    names = ["office", "style", "text"]
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    spaces += ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3"'
    styles = "".join(
        f'<style:style style:name="{name}" style:family="paragraph"><style:paragraph-properties fo:text-align="{align}" fo:text-indent="{indent * size}pt"'
        f' fo:line-height="{max(29.6, size * 1.2)}pt"/><style:text-properties style:font-name-asian="{face}" fo:font-family="{face}"'
        f' style:font-family-asian="{face}" fo:font-size="{size}pt" style:font-size-asian="{size}pt"/></style:style>'
        for name, (face, size, align, indent) in STYLES.items())
    page = ('<office:automatic-styles><style:page-layout style:name="a4"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm"'
            ' fo:margin-top="37mm" fo:margin-bottom="35mm" fo:margin-left="28mm" fo:margin-right="26mm"/></style:page-layout></office:automatic-styles>'
            '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="a4"/></office:master-styles>')
    text = "".join(f'<text:p text:style-name="{style}">{escape(words)}</text:p>' for style, words in letter(nth))
    return (f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} office:mimetype="application/vnd.oasis.opendocument.text">'
            f"<office:styles>{styles}</office:styles>{page}<office:body><office:text>{text}</office:text></office:body></office:document>")


def work(engine, count, folder):
    """Makes `count` letters in this process."""
    folder = pathlib.Path(folder)
    if engine == "typst":
        import typst as binding
        compiler = binding.Compiler(font_paths=[str(FONTS)], ignore_system_fonts=True)
        for nth in range(count):
            (folder / f"{nth}.pdf").write_bytes(compiler.compile(input=typst(nth).encode()))
    elif engine == "weasyprint":
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        fonts = FontConfiguration()
        style = CSS(string=css(), font_config=fonts)
        for nth in range(count):
            HTML(string=html(nth)).write_pdf(folder / f"{nth}.pdf", stylesheets=[style], font_config=fonts)


def command(engine, count, folder):
    if engine != "libreoffice":
        return [sys.executable, __file__, engine, str(count), str(folder)]
    files = [folder / f"{nth}.fodt" for nth in range(count)]
    for nth, file in enumerate(files):
        file.write_text(odf(nth))
    profile = f"-env:UserInstallation={(folder.parent / 'profile').as_uri()}"
    return ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), *map(str, files)]


def run(words, env=None):
    """Wall and processor time of a process and its children, ms."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    said = subprocess.run(words, check=True, capture_output=True, text=True, env=env).stdout
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1000, cpu * 1000, said


def other(engine, count, above, env):
    folder = pathlib.Path(tempfile.mkdtemp(dir=above))
    wall, cpu, _ = run(command(engine, count, folder), env)
    made = list(folder.glob("*.pdf"))
    if len(made) != count:
        raise SystemExit(f"{engine}: {len(made)} of {count} letters")
    return wall, cpu, statistics.mean(file.stat().st_size for file in made)


def hub(binary):
    each = float(re.search(r"([\d.]+) ms of processor each", run([binary, "--batch-of-letters"])[2])[1])
    return each, run([binary, "--one-letter"])[0]


def installed():
    found = []
    for engine in ("typst", "weasyprint"):
        if subprocess.run([sys.executable, "-c", f"import {engine}"], capture_output=True, check=False).returncode == 0:
            found.append(engine)
    return found + (["libreoffice"] if shutil.which("soffice") else [])


def main():
    built = sorted((ROOT / "target" / "release" / "deps").glob("document-*"), key=os.path.getmtime)
    binaries = [file for file in built if file.suffix == "" and os.access(file, os.X_OK)]
    if not binaries:
        raise SystemExit("run first: cargo bench --bench document --no-run")
    engines, times = installed(), {}
    with tempfile.TemporaryDirectory() as folder:
        above = pathlib.Path(folder)
        conf = above / "fonts.conf"
        conf.write_text(f"<fontconfig><dir>{FONTS}</dir><cachedir>{above / 'cache'}</cachedir></fontconfig>")
        env = {**os.environ, "FONTCONFIG_FILE": str(conf)}
        for engine in engines:
            # Caches of fonts and the profile are made before anything is measured.
            other(engine, 1, above, env)
        for _ in range(ROUNDS):
            times.setdefault("hub", []).append((*hub(str(binaries[-1])), 0))
            for engine in engines:
                first, many = other(engine, 1, above, env), other(engine, COUNT[engine], above, env)
                each = (many[1] - first[1]) / (COUNT[engine] - 1)
                times.setdefault(engine, []).append((each, first[0], many[2]))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in times.items()}
    ours = medians["hub"]
    for name, (each, cold, size) in medians.items():
        told = f", {size / 1024:.0f} KB" if size else ""
        print(f"{name}: {each:.2f} ms of processor a letter (x{each / ours[0]:.1f}), first letter of a process {cold:.0f} ms (x{cold / ours[1]:.1f}){told}")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        work(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    else:
        main()
