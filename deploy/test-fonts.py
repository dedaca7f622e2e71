#!/usr/bin/env python3
"""Cuts the faces of assets/fonts down to what tests print, so that `cargo test` needs nothing fetched.

    pip install fonttools
    deploy/fonts.sh && python3 deploy/test-fonts.py

Writes tests/fonts/*.otf and *.ttf. File names stay those of assets/fonts.toml, so that the same list opens both folders.
Run it again when a test fails with E6001 (missing glyph) for an ordinary character; commit the result.
Characters come from the document templates and their samples, from the mappings (titles, codes, samples), and from
EXTRA below. The faces for titles and headings carry only what the templates themselves say and the departments' names.
"""

import os
import pathlib

from fontTools import subset

ROOT = pathlib.Path(__file__).resolve().parent.parent
FONTS = ROOT / "assets" / "fonts"
OUT = ROOT / "tests" / "fonts"

ASCII = {chr(c) for c in range(0x20, 0x7F)}
# Marks of official documents, numerals, what drafts and forms add, and words of the layout tests.
MARKS = set("　，。、；：？！（）《》〈〉「」『』【】〔〕“”‘’—…·～￥％‰℃№×÷＝±≥≤①②③④⑤⑥⑦⑧⑨⑩〇★□☆✓√"
            "零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟元角分整年月日时号第条款项草稿演示作废样章未签"
            "特急加机密份主送抄印发文件附")
EXTRA = set("甲乙丙丁戊己庚辛子丑寅卯天地玄黄宇宙洪荒张王李赵刘陈杨吴周徐孙马朱胡郭何林高罗")
# One character that the main faces lack, so that falling back is tested: U+33A1.
FALLBACK = set("㎡（")
LICENCE = """Subsets for tests, made by deploy/test-fonts.py from the faces listed in assets/fonts.toml.

Fandol*.otf: Fandol fonts by Clerk Ma and Jie Su, GNU General Public License with font exception. The full fonts and their
licence are in the Debian package texlive-lang-chinese; the script above is what changed them.
LXGWWenKai-Regular.ttf: LXGW WenKai, SIL Open Font License 1.1, Debian package fonts-lxgw-wenkai. The subset is for tests only
and is not distributed under the reserved name.
These files are test data; they are not part of the binary or of any package.
"""


def chars(*patterns):
    found = set()
    for pattern in patterns:
        for path in ROOT.glob(pattern):
            if path.is_file():
                try:
                    found |= set(path.read_text(encoding="utf-8"))
                except UnicodeDecodeError:
                    found |= set(path.read_bytes().decode("gb18030", "ignore"))
    return {c for c in found if ord(c) >= 0x20 and ord(c) != 0xFEFF}


def cut(name, wanted):
    options = subset.Options()
    options.layout_features = []
    options.name_IDs = [1, 2, 6]
    options.notdef_outline = False
    options.hinting = False
    options.drop_tables += ["GSUB", "GPOS", "BASE", "VORG", "vmtx", "vhea", "DSIG"]
    font = subset.load_font(str(FONTS / name), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(c) for c in wanted])
    cutter.subset(font)
    # The same input gives the same file.
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    OUT.mkdir(parents=True, exist_ok=True)
    font.save(str(OUT / name))
    print(f"{name}: {len(wanted)} characters, {os.path.getsize(OUT / name) // 1024} KB")


def main():
    few = set("　年月日（）〔〕《》“”、。：；，—0123456789国") | FALLBACK - set("㎡")
    templates = chars("templates/documents/*/*.t*", "templates/documents/*/sample.json", "tests/documents/*/*")
    mappings = chars("mappings/**/*") | chars("assets/demo/*", "src/cli/demo.rs")
    common = ASCII | MARKS | EXTRA
    cut("FandolFang-Regular.otf", common | templates | mappings)
    cut("FandolSong-Bold.otf", few | titles())
    cut("FandolHei-Regular.otf", few | set("嘉政办发号附件草稿演示作废样章出席请假列特急加机密★年一二三四五六七八九十甲乙丙") | headings("|", "# ", "@表题", "@附件", "@密级", "@紧急")
        | set("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整国家类省级人防重点城市镇") | samples("question"))
    cut("FandolKai-Regular.otf", few | set("一二三四五六七八九十张王李赵甲乙丙丁") | headings("##", "@副标题", "@签发人", "@签名") | samples("signer", "topic"))
    cut("FandolSong-Regular.otf", set("— 0123456789（国"))
    cut("LXGWWenKai-Regular.ttf", FALLBACK)
    (OUT / "LICENCE.txt").write_text(LICENCE, encoding="utf-8")


def documents(name):
    return [path for folder in ("templates", "tests") for path in ROOT.glob(f"{folder}/documents/*/{name}")]


def titles():
    found = set()
    for path in documents("*"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(("@标题", "@发文机关标志", "title =", "default =")) or any(f'"{it}"' in line for it in ("issuer", "scheme", "title", "period")):
                found |= set(line)
    return found | chars("mappings/model/departments.toml") & set("嘉兴市人民防空办公室改革委司法局发展财政自然资源和规划建设审计国有产监督管理金融税务数据县区府淄博")


def samples(*fields):
    """What samples print in these fields, which stand where another face is used than that of the text."""
    lines = (line for path in documents("sample.json") for line in path.read_text(encoding="utf-8").splitlines())
    return {c for line in lines if any(f'"{field}"' in line for field in fields) for c in line}


def headings(*starts):
    found = set()
    for path in documents("body.tera"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(starts):
                # What runs on behind || is set in the face of the text.
                found |= set(line.split("||")[0])
    return found


if __name__ == "__main__":
    main()
