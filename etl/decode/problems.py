"""Everything that can be wrong with a file as a whole: one code each, in both languages, with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etl.errors import InputProblem
from etl.values.faults import shown


@dataclass(frozen=True)
class Words:
    """What a problem says, and what to do about it."""

    zh: str
    en: str
    fix_zh: str
    fix_en: str


class DecodeProblem(InputProblem):
    """A file that cannot be read; `code` is one of `PROBLEMS` and stays the same over releases."""

    def __init__(self, code: str, **place: Any) -> None:
        words = PROBLEMS[code]
        if place.get("found"):
            place["found"] = shown(place["found"].replace("\r", "").replace("\n", "⏎"))
        super().__init__(words.zh, words.en, fix_zh=words.fix_zh, fix_en=words.fix_en, **place)
        self.code = code

    def as_dict(self) -> dict[str, Any]:
        """All fields and the code."""
        return super().as_dict() | {"code": self.code, "rule": self.code}


_EXPORT_ZH = "请从业务系统重新导出并重报"
_EXPORT_EN = "Export it again from the source system and send it again."

PROBLEMS: Mapping[str, Words] = {
    "empty_file": Words("文件是空的。", "The file is empty.", _EXPORT_ZH, _EXPORT_EN),
    "no_rows": Words(
        "文件只有表头，没有数据行。",
        "The file has a header and no data rows.",
        "核对导出条件后重报；确无数据请书面说明",
        "Check what was selected for the export and send it again; if there really is nothing, say so.",
    ),
    "header_missing": Words(
        "找不到表头。",
        "No header row was found.",
        "保留一行列名，列名按数据契约填写（见 docs/input-formats.md）",
        "Keep one row of column names, spelt as in the contract.",
    ),
    "columns_missing": Words(
        "缺少必需的列。",
        "Required columns are missing.",
        "补齐所缺的列；若列名已改，请通知数据组把新列名加入数据契约",
        "Add the missing columns; if a column was renamed, have the new name added to the contract.",
    ),
    "duplicate_header": Words(
        "两列有相同的列名。",
        "Two columns have the same header.",
        "删除或改名其中一列后重报",
        "Remove or rename one of them and send the file again.",
    ),
    "column_count": Words(
        "列数与数据契约不符。",
        "The number of columns differs from the contract.",
        "该数据源没有表头，须按约定的列数和顺序报送",
        "This feed has no header row: send exactly the agreed columns in the agreed order.",
    ),
    "wrong_encoding": Words(
        "文字编码不正确，无法解码。",
        "The text cannot be decoded.",
        "请以 UTF-8 或 GB18030（GBK）编码重新导出，不要拼接不同编码的文件",
        "Export it again as UTF-8 or GB18030; do not join files of different encodings.",
    ),
    "binary_content": Words(
        "文件含有空字符，不是文本文件。",
        "The file holds NUL bytes: it is no text file.",
        "核对文件格式与扩展名，重新导出为 CSV 或 XLSX",
        "Check format and extension, and export it again as CSV or XLSX.",
    ),
    "unclosed_quote": Words(
        "引号没有成对，其后的内容无法分行。",
        "A quotation mark is never closed, so what follows cannot be split into rows.",
        "在所示行补上或删去引号后重报",
        "Close or remove the quotation mark at that row and send the file again.",
    ),
    "row_too_long": Words(
        "一行数据过长。",
        "One row is too long.",
        "检查该行附近是否有不成对的引号",
        "Look for an unpaired quotation mark near that row.",
    ),
    "too_large": Words(
        "文件超过该数据源允许的大小。",
        "The file is larger than this feed allows.",
        "改报 CSV（不限大小），或分成几个文件",
        "Send CSV, which may be of any size, or split it into several files.",
    ),
    "too_many_rows": Words(
        "行数超过该数据源允许的上限。",
        "The file has more rows than this feed allows.",
        "核对是否导出了多余的数据，或请数据组调整上限",
        "Check whether too much was exported, or have the limit in the contract raised.",
    ),
    "truncated": Words(
        "文件不完整，可能在传输中被截断。",
        "The file is incomplete: it was probably cut off on its way.",
        "重新传输；大小应与原文件一致",
        "Transfer it again; its size must equal the original's.",
    ),
    "damaged": Words(
        "文件已损坏，无法打开。",
        "The file is damaged and cannot be opened.",
        "在原软件中打开并另存后重报",
        "Open it in its own program, save it under a new name and send that.",
    ),
    "password": Words(
        "文件设有密码。",
        "The file is protected by a password.",
        "取消打开密码后重报（工作表保护不影响读取）",
        "Remove the password for opening and send it again.",
    ),
    "lock_file": Words(
        "这是 Excel 的临时锁文件，不是数据。",
        "This is a lock file of Excel, not data.",
        "在 Excel 中关闭该表，报送原文件（文件名不以 ~$ 开头）",
        "Close the workbook in Excel and send the file whose name does not begin with ~$.",
    ),
    "no_sheet": Words(
        "没有一张工作表的表头符合数据契约。",
        "No sheet has the header of the contract.",
        "核对报送的工作簿和工作表名称",
        "Check that the right workbook was sent, and the names of its sheets.",
    ),
    "mixed_units": Words(
        "同一列在不同工作表中单位不同。",
        "A column has another unit on another sheet.",
        "统一各工作表的单位后重报",
        "Use the same unit on all sheets and send it again.",
    ),
    "zip_bomb": Words(
        "压缩文件展开后异常巨大。",
        "The archive unpacks to an implausible size.",
        "请直接报送未压缩的文件",
        "Send the files uncompressed.",
    ),
    "too_many_members": Words(
        "压缩文件内的文件过多。",
        "The archive holds too many files.",
        "分成几个压缩文件报送",
        "Split it into several archives.",
    ),
    "nested_archive": Words(
        "压缩文件里还有压缩文件。",
        "The archive holds another archive.",
        "只压缩一层，或直接报送文件",
        "Pack the files once only, or send them unpacked.",
    ),
    "unsafe_name": Words(
        "压缩文件内的文件名指向压缩文件之外。",
        "A file name in the archive points outside of it.",
        "用普通方式重新压缩，文件名不含上级路径或盘符",
        "Pack it again without parent paths, drive letters or links.",
    ),
    "empty_archive": Words(
        "压缩文件内没有数据文件。",
        "The archive holds no data file.",
        "核对压缩内容后重报",
        "Check what was packed and send it again.",
    ),
    "no_such_member": Words(
        "压缩文件内没有该文件。",
        "The archive holds no such file.",
        "核对文件名",
        "Check the name.",
    ),
    "bad_json": Words(
        "JSON 内容有误。",
        "The JSON is malformed.",
        _EXPORT_ZH,
        _EXPORT_EN,
    ),
    "no_records": Words(
        "JSON 文档中找不到记录列表。",
        "No list of records was found in the JSON document.",
        "记录应为对象的列表；若在下级，请在数据契约的 recordPath 写明路径",
        "Records are a list of objects; where it lies deeper, name its path in the contract's recordPath.",
    ),
    "unknown_format": Words(
        "不支持的文件格式。",
        "The format is not supported.",
        "请以 CSV、XLSX、XLS、JSON、JSON Lines 或 Parquet 报送，可用 zip 或 gzip 压缩",
        "Send CSV, XLSX, XLS, JSON, JSON lines or Parquet, if you like packed as zip or gzip.",
    ),
}
"""Every code; docs/input-formats.md explains them, and a test holds the two equal."""


def warning(rule: str, message_zh: str, message_en: str, **details: Any) -> dict[str, Any]:
    """Something that does not stop the delivery but that somebody should look at."""
    told = {"rule": rule, "message_zh": message_zh, "message_en": message_en, **details}
    return {name: _shown(value) for name, value in told.items()}


def _shown(value: Any) -> Any:
    """A column's name may hold what no ledger can, too."""
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return shown(value) if isinstance(value, str) else value
