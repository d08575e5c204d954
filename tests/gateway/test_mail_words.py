"""How a mail reads."""

from datetime import UTC, date, datetime

from gateway.mails import as_html, moment_told, one_line


def test_a_subject_is_one_line() -> None:
    assert one_line("Ada  assigned\r\nBcc:\x00 eve\u2028you\u202e") == "Ada assigned Bcc: eve you"


def test_what_joins_emoji_and_letters_stays_in_a_subject() -> None:
    family, persian = "\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u062e"
    assert one_line(f"{family} {persian}") == f"{family} {persian}"


def test_a_moment_is_told_in_words_for_people() -> None:
    assert moment_told(None, datetime(2026, 12, 1, 15, 30, tzinfo=UTC)) == "2026-12-01 15:30 UTC"
    assert moment_told(date(2026, 12, 1), None) == "2026-12-01"
    assert moment_told(None, None) is None


def test_long_words_do_not_make_a_mail_wider_than_a_phone() -> None:
    html = as_html("Eve", "W" * 400, "`x`", None, None)
    assert "overflow-wrap: anywhere" in html
    assert "width=device-width" in html


def test_what_is_quoted_is_read_in_its_own_direction() -> None:
    quoted = as_html("Eve", "Ada assigned you “Build”", "مراجعة العقد", None, None)
    assert '<blockquote dir="auto">' in quoted
