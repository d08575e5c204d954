"""Is a file what its name and its sender say?"""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.file_types import TYPES, FileType, Sniffer, checked_name, declared_type
from events.refusals import Invalid
from tests.support.files import PNG


def looked_at(name: str, content: bytes, media_type: str | None = None, piece: int = 100) -> str:
    """Its type. Raises `Invalid`."""
    kind = declared_type(name, media_type)
    sniffer = Sniffer(name, kind)
    for start in range(0, len(content), piece):
        sniffer.feed(content[start : start + piece])
    sniffer.finish()
    return kind.media_type


def zipped(*names: str, large: int = 0) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("first.bin", bytes(large))
        for name in names:
            archive.writestr(name, "<x/>")
    return written.getvalue()


DOCX = ("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.png", PNG, "image/png"),
        ("a.JPEG", b"\xff\xd8\xff\xe0" + bytes(90), "image/jpeg"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("a.zip", zipped("a.txt"), "application/zip"),
        ("a.zip", zipped(*DOCX), "application/zip"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "application/msword"),
        ("a.txt", "grüße\r\n\tja".encode(), "text/plain"),
        ("a.txt", "grüße".encode("latin-1"), "text/plain"),
        ("a.txt", "grüße".encode("utf-16"), "text/plain"),
        ("a.csv", b"a,b\n" * 100_000, "text/csv"),
        ("README", b"read me", "text/plain"),
    ],
)
def test_an_honest_file_is_taken(name: str, content: bytes, media_type: str) -> None:
    for piece in (7, 100, 1 << 20):
        assert looked_at(name, content, media_type, piece) == media_type


@pytest.mark.parametrize("large", [0, 300_000])
def test_an_office_file_is_told_by_its_members(large: int) -> None:
    """Wherever they stand: in front, or in the list at the end."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert looked_at("a.docx", zipped(*DOCX, large=large)) == kind
    for other in ("a.xlsx", "a.pptx", "a.odt"):
        with pytest.raises(Invalid):
            looked_at(other, zipped(*DOCX, large=large))


@pytest.mark.parametrize("said", [None, "", "application/octet-stream", "text/plain"])
def test_a_sender_may_say_little(said: str | None) -> None:
    assert looked_at("a.csv", b"a,b", said) == "text/csv"


def test_parameters_of_the_type_do_not_count() -> None:
    assert looked_at("a.txt", b"a", "Text/Plain; charset=utf-8") == "text/plain"


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.exe", None), ("a", None), ("a.png", "text/html"), (".png", None), ("a.tar.xz", None)],
)
def test_other_types_are_not_taken(name: str, said: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        looked_at(name, PNG, said)
    assert refused.value.code == "file-type-not-allowed"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", PNG, "image/jpeg"),
        ("a.jpg", PNG, None),
        ("a.txt", PNG, None),
        ("a.txt", b"%PDF-1.7 " + b"text " * 99, None),
        ("a.txt", b"\xef\xbb\xbf\n<HTML>", None),
        ("a.txt", b"text" * 99_999 + b"\x01", None),
        ("a.png", PNG[:4], None),
        ("a.docx", zipped("a.txt"), None),
    ],
)
def test_a_disguised_file_is_refused(name: str, content: bytes, said: str | None) -> None:
    for piece in (7, 100, 1 << 20):
        with pytest.raises(Invalid) as refused:
            looked_at(name, content, said, piece)
        assert refused.value.code == "file-type-mismatch"


@given(st.binary(min_size=1, max_size=300), st.sampled_from(TYPES), st.integers(1, 99))
def test_a_file_is_judged_alike_however_it_comes(
    content: bytes, kind: FileType, piece: int
) -> None:
    def verdict(size: int) -> bool:
        name = f"a.{kind.extensions[0]}"
        try:
            looked_at(name, content, None, size)
        except Invalid:
            return False
        return True

    assert verdict(piece) == verdict(1000)


@pytest.mark.parametrize("name", ["plan.pdf", " plan.pdf ", "Überblick 图.png", "a.b.c", ".env"])
def test_a_good_name_is_kept(name: str) -> None:
    assert checked_name(name) == name.strip()


def test_a_name_is_kept_in_one_spelling() -> None:
    assert checked_name("u\u0308.png") == "\u00fc.png"


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "a/b", "a\\b", "a\x00b", "a\x7fb", "a\x85b", "a\u202eb", "é" * 128],
)
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_name(name)
    assert refused.value.code == "bad-file-name"
