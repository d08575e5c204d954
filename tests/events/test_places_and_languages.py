"""The names of time zones and of languages."""

import pytest

from events.locales import normal_locale
from events.refusals import Invalid
from events.zones import known_zone


@pytest.mark.parametrize("zone", ["Europe/Rome", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_zone_is_known_by_its_name(zone: str) -> None:
    assert known_zone(zone, "zone") == zone


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "localtime", "../etc/passwd", "+02:00"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        known_zone(zone, "zone")
    assert refused.value.field == "zone"


@pytest.mark.parametrize(
    "tag",
    [
        "en",
        "de-AT",
        "zh-Hant-TW",
        "es-419",
        "sl-rozaj-biske",
        "de-CH-1901",
        "zh-cmn-Hans-CN",
        "en-US-u-ca-gregory-nu-latn",
        "de-DE-u-co-phonebk-x-private",
        "gsw",
    ],
)
def test_a_language_tag_is_kept_as_it_is_recommended(tag: str) -> None:
    assert normal_locale(tag) == normal_locale(tag.upper()) == normal_locale(tag.lower()) == tag


@pytest.mark.parametrize(
    "tag",
    ["", "e", "en_US", "en-", "-en", "de-419-DE", "x-klingon", "en-u", "deutschland", "12",
     "de-1901-1901", "en-a-bbb-a-ccc", "en-US-US", "en\n", "de-\u0661\u0669\u0660"],
)  # fmt: skip
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(Invalid) as refused:
        normal_locale(tag)
    assert refused.value.code == "not-a-locale"
