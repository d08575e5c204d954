"""Is this a language tag, and how is it written?

The grammar is that of BCP 47 (RFC 5646, 2.1) without its grandfathered tags. Whether somebody has
registered a subtag is not asked: the registry grows, and a browser may know more than we do.
"""

import re

from events.refusals import Invalid

_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3})?|[a-z]{4,8})"  # language, and the variety of a macrolanguage
    r"(?:-[a-z]{4})?"  # script
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"  # region
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*)"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
)
_SINGLETON = re.compile("-([a-wyz0-9])(?=-)")


def normal_locale(text: str, field: str = "locale") -> str:
    """As RFC 5646 (2.1.1) recommends to write it: de-AT, zh-Hant-TW. Raises `Invalid`."""
    lower = text.lower()
    found = _TAG.fullmatch(lower)
    if found is None or _repeats(found):
        raise Invalid("must be a language tag, such as de-AT", code="not-a-locale", field=field)
    first, *others = lower.split("-")
    return "-".join([first, *_cased(others)])


def _repeats(found: re.Match[str]) -> bool:
    """No variant and no kind of extension may stand there twice."""
    variants = found["variants"].split("-")
    singletons = _SINGLETON.findall(found["extensions"])
    return any(len(set(each)) < len(each) for each in (variants, singletons))


def _cased(subtags: list[str]) -> list[str]:
    """Regions in capitals and scripts like names, but not behind a singleton."""
    shown, plain = [], False
    for subtag in subtags:
        plain = plain or len(subtag) == 1
        if plain:
            shown.append(subtag)
        else:
            shown.append({2: subtag.upper(), 4: subtag.title()}.get(len(subtag), subtag))
    return shown
