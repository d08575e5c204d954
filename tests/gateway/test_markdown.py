"""What Markdown becomes, and what it can never become."""

import time

import pytest

from gateway.resources.markdown import render

LIMIT = 10_000


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** _em_ `code`", "<p><strong>bold</strong> <em>em</em> <code>code</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~gone~~ <u>line</u>", "<p><s>gone</s> <u>line</u></p>"),
        (
            "# Head\n\n> said\n\n---",
            "<h1>Head</h1>\n<blockquote>\n<p>said</p>\n</blockquote>\n<hr>",
        ),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>'),
        ("R&D <3 &lt;b&gt;", "<p>R&amp;D &lt;3 &lt;b&gt;</p>"),
        ("", ""),
    ],
)
def test_markdown_reads_as_it_was_meant(text: str, html: str) -> None:
    assert render(text) == html


def test_links_say_that_they_lead_elsewhere() -> None:
    link = '<a href="{0}" rel="nofollow noopener noreferrer">{1}</a>'
    address = "https://example.org/a?b=1"
    assert render(f"[here]({address})") == f"<p>{link.format(address, 'here')}</p>"
    assert render(f"see {address}.") == f"<p>see {link.format(address, address)}.</p>"
    mail = link.format("mailto:ada@example.org", "ada@example.org")
    assert render("to ada@example.org") == f"<p>to {mail}</p>"


def test_a_line_of_many_links_has_them_all() -> None:
    line = " ".join(f"https://example.org/{n}" for n in range(200))
    assert render(line).count("<a ") == 200


def test_tables_are_tables() -> None:
    html = render("|a|b|\n|-|-:|\n|1|2|")
    assert "<th>a</th>" in html
    assert '<td style="text-align:right">2</td>' in html


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java&#x0A;script:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](\x01javascript:alert(1))",
        "[x](vbscript:x)",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](//evil.example)",
        "[x](/relative)",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "javascript:alert(1)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x](javascript:alert(1))",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="jav&#x09;ascript:alert(1)">x</a>',
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    ],
)
def test_no_link_leads_anywhere_but_to_web_and_mail(text: str) -> None:
    html = render(text)
    assert "<a" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<p onclick='alert(1)'>x</p>",
        "<u title='\"><script>alert(1)</script>'>x</u>",
        "<div>\n<iframe src=https://evil.example></iframe>\n</div>",
        "<style>*{display:none}</style>",
        "<table><td style='background:url(https://evil.example)'>x</td></table>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        '```"onmouseover=alert(1)\nx\n```',
        '[x](https://a.example "\\"onmouseover=alert(1)")',
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_no_tag_or_attribute_comes_through_that_could_act(text: str) -> None:
    html = render(text)
    for tag in ("script", "img", "iframe", "style", "div", "svg", "math", "noscript"):
        assert f"<{tag}" not in html
    inside = [piece.partition(">")[0] for piece in html.split("<")[1:]]
    for tag_text in inside:
        assert " on" not in tag_text.partition('title="')[0]
        assert "evil" not in tag_text


def test_what_is_no_markup_of_ours_shows_as_it_was_typed() -> None:
    assert render("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert render("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>"


@pytest.mark.parametrize(
    "piece",
    ["[", "![[", "*a **a ", "[a](b", "`a``b", "<", ">", "- ", "&", "a@", "http://", "|a", "_a",
     "~~a", "<u>", "<p ", "\\", "<!--", "<?", "[a]: b\n", "|a|\n|-|\n", "://", "ftp:// ",
     "//a.b/{", "http://[ ", "://" * 150 + "\u2028"],
)  # fmt: skip
def test_the_longest_text_takes_no_long_time(piece: str) -> None:
    text = (piece * LIMIT)[:LIMIT]
    began = time.process_time()
    render(text)
    assert time.process_time() - began < 2
