"""`python -m etl.reasons`: docs/messages.md, every message of every catalogue."""

from __future__ import annotations

from pathlib import Path

from etl.reasons.catalogue import Catalogue

HEAD = """# Messages 消息

Every code that an error, a refusal, a held or quarantined row or a figure's reason can carry, by the room that says it.
Made by `python -m etl.reasons`; rules of contracts have their own words (`minsheng feeds show FEED`). `{…}` is filled in.
"""


def main() -> None:
    """Print the page."""
    root = Path(__file__).resolve().parents[2]
    page = [HEAD]
    for room in ("etl", "sample"):
        for path in sorted((root / room).rglob("messages.yaml")):
            page.append(f"\n## {path.parent.relative_to(root)}\n")
            page.append("| code | severity | 中文 | English | 处理 fix |\n|---|---|---|---|---|")
            for code, words in Catalogue(str(path)).entries.items():
                fix = " / ".join(words[n] for n in ("fix_zh", "fix_en") if n in words)
                cells = (words.get("severity", "error"), words["zh"], words["en"], fix)
                page.append(f"| `{code}` | " + " | ".join(_cell(cell) for cell in cells) + " |")
    print("\n".join(page))  # noqa: T201


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


main()
