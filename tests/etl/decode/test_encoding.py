"""The stream of UTF-8 and what it says of bytes that are none."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.decode import DecodeProblem
from etl.decode.encoding import HEAD, Utf8Stream, candidates, opening
from tests.etl.decode.factory import contract, field, rows_of

FEED = contract(field("town"), field("name"), field("n"))


@given(
    # NUL and Ctrl-Z at the end are padding, and cut off.
    st.text(st.characters(codec="gb18030", exclude_characters="\0\x1a鐨锛浜鍖涓鏄澶闂鍏绗")),
    st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]),
    st.lists(st.integers(1, 7), min_size=1),
)
def test_any_text_in_any_steps(text: str, encoding: str, steps: list[int]) -> None:
    stream = Utf8Stream(io.BytesIO(text.encode(encoding)), encoding)
    parts = [stream.read(steps[n % len(steps)]) for n in range(4 * len(text) + 2)]
    assert b"".join(parts) == text.encode()
    assert stream.exhausted()


@pytest.mark.parametrize("before", [0, 5, HEAD - 2, HEAD - 1, HEAD, HEAD + 1, 2 * HEAD - 1])
@pytest.mark.parametrize("character", ["中", "𬱖", "a"])
def test_the_place_of_a_bad_byte_is_right_also_at_a_block_s_edge(
    before: int, character: str
) -> None:
    good = b"x" * (before // 2) + b"\n" + b"y" * (before - before // 2)
    data = good + character.encode() + b"\xff, and more"
    with pytest.raises(DecodeProblem) as caught:
        Utf8Stream(io.BytesIO(data), "utf-8", file="a.csv").read()
    offset = data.index(b"\xff")
    assert caught.value.reason.row == 2
    assert str(caught.value.reason.found).endswith(f"@ {offset}")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes("town,name,n\r\n黄村,一,1\r\n".encode(encoding))
        assert rows_of(path, FEED) == [(1, "黄村", "一", "1")]


def test_a_character_cut_off_at_the_end() -> None:
    with pytest.raises(DecodeProblem):
        Utf8Stream(io.BytesIO("黄村".encode()[:-1]), "utf-8").read()


def test_candidates() -> None:
    assert candidates(b"\xef\xbb\xbfa", ["gb18030"]) == (["utf-8"], 3)
    assert candidates(b"\xff\xfea\0", ["utf-8"]) == (["utf-16-le"], 2)
    assert candidates(b"a,b", ["GBK", "utf8", "big5"])[0] == ["gb18030", "utf-8", "big5hkscs"]
    assert candidates(b"\0\0\0\0abc", ["utf-8"]) == ([], 0)


def test_opening() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert opening(' {"编号'.encode(encoding)).startswith('{"编号')
    assert opening(b"\0\0\0\0") == ""


def test_rare_characters_that_look_like_mojibake_are_left_alone() -> None:
    """Each stands in real text; only a whole line that is UTF-8 as well is refused."""
    text = "涓涓细流，鐨鏄之名\n浜鍖锛\n"
    assert Utf8Stream(io.BytesIO(text.encode("gb18030")), "gb18030").read() == text.encode()
    with pytest.raises(DecodeProblem) as caught:
        Utf8Stream(io.BytesIO(text.encode("gb18030") + "的是中国人\n".encode()), "gb18030").read()
    assert caught.value.reason.row == 3
