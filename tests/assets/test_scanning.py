"""The pass over the bytes sees what decoding, counting and looking at each line would see."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.scanning import LONGEST_LINE, NotUtf8, Scan
from models.delivery import DeliveryRefused

MANY = settings(max_examples=300, deadline=None)
texts = st.text(alphabet='aā€😀 ,;\t\n\r"', max_size=12)
broken = st.lists(
    st.sampled_from([b"a", b"\x80", b"\xc4\x81", b"\xc4", b"\xe2\x82", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\xff"])
)


def scanned(content: bytes, size: int = 1 << 20) -> Scan:
    scan = Scan("x.csv")
    for start in range(0, len(content), size):
        scan.feed(content[start : start + size])
    scan.close()
    return scan


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(broken.map(b"".join), st.integers(1, 4))
@example(b"\xc4a\x81", 9)
@example(b"\xf0\x9f\x98", 1)
@MANY
def test_it_takes_for_utf_8_what_a_decoder_takes(content: bytes, size: int):
    try:
        scanned(content, size)
    except NotUtf8:
        assert not is_utf8(content)
    else:
        assert is_utf8(content)


@given(texts, st.integers(1, 5))
@MANY
def test_pieces_of_any_size_show_the_same(text: str, size: int):
    whole, pieces = scanned(text.encode()), scanned(text.encode(), size)
    for name in ("records", "delimiters", "has_quotes", "has_loose_spaces", "has_odd_signs", "is_too_long"):
        assert getattr(whole, name) == getattr(pieces, name)


long_texts = st.lists(st.tuples(st.sampled_from(['"', "\n", '"\n', "", '""']), st.integers(0, 70)), max_size=40).map(
    lambda parts: "".join(sign + "a" * run for sign, run in parts)
)


@given(st.one_of(texts, long_texts), st.sampled_from([7, 64, 65, 1000, 1 << 20]))
@example('"' + "a" * 62 + '"\n' + '"' + "a" * 63 + '\n"', 64)
@MANY
def test_line_ends_outside_quotes_are_counted(text: str, size: int):
    outside = "".join(text.split('"')[::2])
    expected = None if text.count('"') % 2 else outside.count("\n") + (not text.endswith("\n") and text != "")
    assert scanned(text.encode(), size).records == expected


@pytest.mark.parametrize(
    ("text", "is_loose"),
    [("a ,b", True), ("a, b", True), ("a b,c", False), (" a", True), ("a ", True), ("a\n b", True), ('" a"', True)],
)
def test_a_space_at_the_edge_of_a_cell_is_seen(text: str, is_loose: bool):
    assert {scanned(text.encode(), size).has_loose_spaces for size in (1, 2, 9)} == {is_loose}


@pytest.mark.parametrize("sign", ["\xa0", "\xad", "\u200b", "\u0304", "а", "３", "ð", "\ufeff"])
def test_a_sign_that_may_need_tidying_is_seen(sign: str):
    assert scanned(f"a{sign}".encode()).has_odd_signs
    assert not scanned("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽéöü".encode()).has_odd_signs


def test_a_line_too_long_is_seen_over_the_seams_of_pieces():
    line = b"x" * (LONGEST_LINE // 2 + 1)
    assert scanned(b"a\n" + line + line + b"\na\n", LONGEST_LINE // 3).is_too_long
    assert not scanned((line + b"\n") * 3, LONGEST_LINE // 3).is_too_long


@pytest.mark.parametrize("letter", "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ")
def test_text_made_utf_8_twice_is_refused(letter: str):
    with pytest.raises(DeliveryRefused, match="made UTF-8 twice"):
        scanned(f"a{letter.encode().decode('latin-1')}b".encode())


@pytest.mark.parametrize("text", ["Ärzte", "ÅSA", "Ä", "Åland, Ämari"])
def test_letters_of_neighbours_are_no_mistake(text: str):
    assert scanned(text.encode()).records == 1
