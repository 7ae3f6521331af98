"""评估报告.docx: headings, paragraphs and tables in WordprocessingML (ECMA-376); these four files need no library."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from etl.evaluate.status import NO_TARGET
from etl.plan import load_plan
from etl.report.model import Indicator, Report
from etl.report.views import View

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>'
    "</Types>"
)
_LINKS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
    "</Relationships>"
)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_FONT = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="仿宋"/>'
_STYLES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:styles {_W}>'
    f'<w:docDefaults><w:rPrDefault><w:rPr>{_FONT}<w:sz w:val="22"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:after="80" w:line="300" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:keepNext/><w:spacing w:before="240"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:pPr><w:keepNext/><w:spacing w:before="160"/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="24"/></w:rPr></w:style>'
    "</w:styles>"
)
_WIDTH = 9600
"""Of a table, in twentieths of a point."""


def make(report: Report) -> bytes:
    """The document's bytes; the same report gives the same bytes."""
    view = View(report, load_plan(), "zh")
    body = "".join(_body(view))
    page = (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1300" w:right="1150" w:bottom="1300" w:left="1150" w:header="600" w:footer="600" w:gutter="0"/></w:sectPr>'
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _LINKS.format(kind="officeDocument", target="word/document.xml"),
        "word/_rels/document.xml.rels": _LINKS.format(kind="styles", target="styles.xml"),
        "word/styles.xml": _STYLES,
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document {_W}><w:body>{body}{page}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, text in parts.items():
            target.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _body(view: View) -> Iterable[str]:
    report = view.report
    if report.evaluation.synthetic:
        yield _paragraph("示例：含合成数据、示例目标或示例申报，不代表任何官方数据", bold=True)
    yield _paragraph("大兴区“十四五”社会治理规划评估报告", "Title")
    yield _paragraph(
        f"数据截至 {report.evaluation.as_of}；版本：{report.version('zh')}；编制／审核／批准：{'／'.join(report.people)}；按今日区划"
    )
    yield _paragraph("一、总体情况", "Heading1")
    yield _paragraph(view.lead())
    yield _paragraph("二、列入评价的指标", "Heading1")
    yield _table(
        ("指标", "现值", "目标", "差距", "状态", "可信度"),
        [_judged(view, i) for i in view.judged()],
        (2700, 1400, 1200, 1400, 1100, 1800),
    )
    yield _paragraph("* 为暂定值：按印出的精度仍可能改变。")
    yield _paragraph("三、逐项说明", "Heading1")
    for indicator in view.judged():
        statement = indicator.result.statement
        yield _paragraph(statement.name_zh, "Heading2")
        bounds = view.bounds(indicator)
        yield _paragraph(
            f"现值 {view.value(indicator)}，{indicator.result.status}"
            + (f"；隔离行的界限 {bounds}" if bounds else "")
            + f"。原文：“{statement.quote}”（{statement.section or '—'}）。"
        )
        for text in view.reasons(indicator):
            yield _paragraph(f"· {text}")
        if statement.caveat_zh:
            yield _paragraph(f"注意：{statement.caveat_zh}")
    yield _paragraph("四、没有目标值的指标", "Heading1")
    without = [i for i in report.statements if i.result.status == NO_TARGET]
    yield _table(
        ("指标", "现值", "依据"),
        [(view.name(i), view.value(i), "；".join(view.reasons(i))) for i in without],
        (3600, 1800, 4200),
    )


def _judged(view: View, indicator: Indicator) -> tuple[str, ...]:
    return (
        view.name(indicator),
        view.value(indicator),
        view.number(indicator.result.target, indicator),
        view.gap(indicator),
        indicator.result.status,
        view.trust(indicator),
    )


def _paragraph(text: str, style: str = "Normal", *, bold: bool = False) -> str:
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:r>{weight}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def _table(head: Sequence[str], lines: Iterable[Sequence[str]], widths: Sequence[int]) -> str:
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="999999"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = _row(head, widths, repeated=True) + "".join(_row(line, widths) for line in lines)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _row(cells: Sequence[str], widths: Sequence[int], *, repeated: bool = False) -> str:
    head = "<w:tblHeader/>" if repeated else ""
    inner = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{_paragraph(text, bold=repeated)}</w:tc>'
        for text, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{inner}</w:tr>"
