"""What may stand in a cell of a spreadsheet?"""

import re
from datetime import date, datetime, time

LONGEST = 32_767
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown(text: str) -> str:
    """As much as a cell takes, without what XML forbids."""
    if text.isprintable():
        return text[:LONGEST]
    return _FORBIDDEN.sub("", _LINE_END.sub("\n", text))[:LONGEST]


def inert(text: str) -> str:
    """As CSV, which cannot say that something is text: an apostrophe says so to spreadsheets."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def midnight(day: date) -> datetime:
    """Spreadsheets know no zones."""
    return datetime.combine(day, time())
