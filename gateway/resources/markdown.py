"""What does Markdown that somebody wrote look like, as HTML that harms nobody?

Three layers: only some raw tags without attributes pass the parser, links go by an allow-list of
schemes, and what comes out is parsed and cleaned again as a browser would read it.
"""

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto"})
_BLOCKS = {"p", "pre", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
_TEXT = {"br", "strong", "em", "u", "s", "a", "code"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*) ?/?>|<|>")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")
_REMEMBERED = 200
_MOST_LINKS = 200  # in a line


@lru_cache(_REMEMBERED)
def render(markdown: str) -> str:
    """CommonMark with tables, strikethrough, bare links, and line ends as they were typed. For
    each link that might be the parser looks through its whole line: not where they are too many."""
    crowded = any(line.count("//") > _MOST_LINKS for line in markdown.split("\n"))
    parser = _without_bare_links if crowded else _parser
    return _cleaner.clean(parser.render(markdown)).strip()


def link_allowed(address: str) -> bool:
    """Nothing relative either: where the text will be shown, nobody knows."""
    scheme = _SCHEME.match(address)
    return scheme is not None and scheme[1].lower() in SCHEMES


def _escaped(text: str) -> str:
    """Raw HTML: plain tags of ours stay, all else is shown as what was typed."""

    def shown(found: re.Match[str]) -> str:
        name = (found[1] or "").lower()
        return found[0] if name in _BLOCKS | _TEXT else html.escape(found[0])

    return _TAG.sub(shown, text)


def _raw(self: Any, tokens: Sequence[Token], n: int, options: Any, env: Any) -> str:
    return _escaped(tokens[n].content)


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    match tag, attribute:
        case "a", "href":
            return value if link_allowed(value) else None
        case "code", "class":
            return value if _LANGUAGE.fullmatch(value) else None
    return value


def _make_parser(*, bare_links: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": bare_links, "breaks": True})
    parser.enable(["table", "strikethrough", "linkify"]).disable("image")
    parser.validateLink = link_allowed  # type: ignore[method-assign, assignment]
    parser.add_render_rule("html_inline", _raw)
    parser.add_render_rule("html_block", _raw)
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    return parser


_parser = _make_parser(bare_links=True)
_without_bare_links = _make_parser(bare_links=False)
_cleaner = nh3.Cleaner(
    tags=_BLOCKS | _TEXT | _TABLES,
    attributes={"a": {"href", "title"}, "code": {"class"}, "th": {"style"}, "td": {"style"}},
    attribute_filter=_attribute,
    filter_style_properties={"text-align"},
    url_schemes=set(SCHEMES),
    link_rel="nofollow noopener noreferrer",
)
