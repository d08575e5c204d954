"""Which files may be attached, and is one what it says it is?"""

import unicodedata

import msgspec

from events.refusals import Invalid

MAX_NAME_BYTES = 255
HEAD = TAIL = 64 << 10  # of a file, looked at
UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


class FileType(msgspec.Struct, frozen=True):
    """`content` names what its bytes must look like, `also` what else clients call it."""

    media_type: str
    extensions: tuple[str, ...]
    content: str
    also: frozenset[str] = frozenset()


TYPES = (
    FileType("image/png", ("png",), "png"),
    FileType("image/jpeg", ("jpg", "jpeg"), "jpeg", frozenset({"image/jpg", "image/pjpeg"})),
    FileType("image/gif", ("gif",), "gif"),
    FileType("image/webp", ("webp",), "webp"),
    FileType("image/bmp", ("bmp",), "bmp", frozenset({"image/x-ms-bmp"})),
    FileType("image/tiff", ("tif", "tiff"), "tiff"),
    FileType("image/heic", ("heic", "heif"), "heic", frozenset({"image/heif"})),
    FileType("application/pdf", ("pdf",), "pdf"),
    FileType("application/msword", ("doc",), "ole"),
    FileType("application/vnd.ms-excel", ("xls",), "ole"),
    FileType("application/vnd.ms-powerpoint", ("ppt",), "ole"),
    FileType(f"{_OFFICE}.wordprocessingml.document", ("docx",), "docx"),
    FileType(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",), "xlsx"),
    FileType(f"{_OFFICE}.presentationml.presentation", ("pptx",), "pptx"),
    FileType(f"{_OPEN}.text", ("odt",), "odt"),
    FileType(f"{_OPEN}.spreadsheet", ("ods",), "ods"),
    FileType(f"{_OPEN}.presentation", ("odp",), "odp"),
    FileType("application/rtf", ("rtf",), "rtf", frozenset({"text/rtf"})),
    FileType("application/zip", ("zip",), "zip", frozenset({"application/x-zip-compressed"})),
    FileType("application/gzip", ("gz", "tgz"), "gzip", frozenset({"application/x-gzip"})),
    FileType("application/x-7z-compressed", ("7z",), "7z"),
    FileType("text/plain", ("txt", "log"), "text"),
    FileType(
        "text/csv",
        ("csv",),
        "text",
        frozenset({"text/plain", "application/csv", "application/vnd.ms-excel"}),
    ),
    FileType("text/markdown", ("md",), "text", frozenset({"text/plain", "text/x-markdown"})),
    FileType("application/json", ("json",), "text", frozenset({"text/plain", "text/json"})),
)
BY_EXTENSION = {extension: each for each in TYPES for extension in each.extensions}
BY_MEDIA_TYPE = {each.media_type: each for each in TYPES}
KNOWN = frozenset(BY_MEDIA_TYPE).union(*(each.also for each in TYPES))

# content: where which bytes stand in every such file
SIGNATURES: dict[str, tuple[tuple[int, bytes], ...]] = {
    "png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "jpeg": ((0, b"\xff\xd8\xff"),),
    "gif": ((0, b"GIF87a"), (0, b"GIF89a")),
    "webp": ((8, b"WEBP"),),
    "bmp": ((0, b"BM"),),
    "tiff": ((0, b"II*\x00"), (0, b"MM\x00*")),
    "heic": ((4, b"ftyphei"), (4, b"ftyphev"), (4, b"ftypmif1"), (4, b"ftypmsf1")),
    "pdf": ((0, b"%PDF-"),),
    "ole": ((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),),
    "rtf": ((0, b"{\\rtf"),),
    "zip": ((0, b"PK\x03\x04"), (0, b"PK\x05\x06")),
    "gzip": ((0, b"\x1f\x8b\x08"),),
    "7z": ((0, b"7z\xbc\xaf\x27\x1c"),),
}
# a zip file that has these names among its members
_MEMBERS = {
    "docx": (b"[Content_Types].xml", b"word/document"),
    "xlsx": (b"[Content_Types].xml", b"xl/workbook"),
    "pptx": (b"[Content_Types].xml", b"ppt/presentation"),
    "odt": (b"mimetypeapplication/vnd.oasis.opendocument.text",),
    "ods": (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",),
    "odp": (b"mimetypeapplication/vnd.oasis.opendocument.presentation",),
}
# what a browser would run, whatever it is called
_ACTIVE = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<iframe")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def checked_name(name: str) -> str:
    """As it is shown and kept. Raises `Invalid`."""
    clean = unicodedata.normalize("NFC", name.strip())
    if not clean or clean in (".", ".."):
        raise _bad_name(name, "must have a name")
    if len(clean.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise _bad_name(name, f"must have a name of at most {MAX_NAME_BYTES} bytes")
    if "/" in clean or "\\" in clean:
        raise _bad_name(name, "must have a name without / and \\")
    # Cc: controls; Cf: invisible ones, such as those that turn the reading direction; Cs: halves
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in clean):
        raise _bad_name(name, "must have a name without control characters")
    return clean


def declared_type(name: str, media_type: str | None) -> FileType:
    """What a file is by its name and by what its sender says. Raises `Invalid`."""
    said = (media_type or "").partition(";")[0].strip().lower()
    stem, dot, extension = name.rpartition(".")
    by_name = BY_EXTENSION.get(extension.lower()) if stem and dot else BY_MEDIA_TYPE.get(said)
    if by_name is None or (said not in KNOWN and said not in UNKNOWN):
        raise Invalid(
            f"{name}: files of this type are not taken",
            code="file-type-not-allowed",
            field="files",
            file=name,
            content_type=said,
        )
    if said not in UNKNOWN and said != by_name.media_type and said not in by_name.also:
        raise mismatch(name, f"is said to be {said}, but named like {by_name.media_type}")
    return by_name


class Sniffer:
    """Looks at a file as it comes by; raises `Invalid` as soon as it is not of its type."""

    def __init__(self, name: str, kind: FileType) -> None:
        self._name = name
        self._kind = kind
        self._head = b""
        self._tail = b""
        self._checked = False
        self._wide = False

    def feed(self, chunk: bytes) -> None:
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        if self._kind.content in _MEMBERS:
            self._tail = (self._tail + chunk)[-TAIL:]
        if not self._checked and len(self._head) >= 64:
            self._check_head()
        if self._kind.content == "text" and self._checked:
            self._check_text(chunk)

    def finish(self) -> None:
        if not self._checked:
            self._check_head()
        names = _MEMBERS.get(self._kind.content, ())
        if not all(name in self._head or name in self._tail for name in names):
            raise self._other()

    def _check_head(self) -> None:
        self._checked = True
        content = self._kind.content
        if content == "text":
            start = self._head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
            if start.startswith(_ACTIVE) or any(map(self._begins_like, SIGNATURES)):
                raise self._other()
            self._wide = self._head.startswith(_UTF16)
            self._check_text(self._head)
        elif not self._begins_like("zip" if content in _MEMBERS else content):
            raise self._other()

    def _begins_like(self, content: str) -> bool:
        return any(self._head.startswith(mark, at) for at, mark in SIGNATURES[content])

    def _check_text(self, chunk: bytes) -> None:
        if not self._wide and len(chunk.translate(None, _CONTROLS)) != len(chunk):
            raise self._other()

    def _other(self) -> Invalid:
        return mismatch(self._name, f"is not what {self._kind.media_type} looks like")


def mismatch(name: str, detail: str) -> Invalid:
    return Invalid(f"{name} {detail}", code="file-type-mismatch", field="files", file=name)


def _bad_name(name: str, detail: str) -> Invalid:
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:100])
    return Invalid(f"a file {detail}", code="bad-file-name", field="files", file=shown)
