import re
import time
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report.canonical import canonicalise
from lab.report.markdown import output_html
from lab.report.sanitise import PROSE_TAGS, VOID_TAGS, plain, safe_url, sanitise

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</td></tr></table><h1>fake</h1><table>",
    "<style>body{display:none}</style>",
    "<b>bold</b>",
    "price $x$ & more",
    "<!-- comment -->",
    "<![CDATA[x]]>",
    "<?php x ?>",
    "<a href='javascript:alert(1)'>x</a>",
    '"><script>alert(1)</script>',
]


class Reader(HTMLParser):
    """What a browser would see: tags, attributes, text."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.attributes, self.words, self.depth = [], [], [], 0
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.depth += tag not in VOID_TAGS

    def handle_endtag(self, tag):
        self.depth -= 1

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)


def styled(frame):
    """Return a Styler's HTML with the numbered ids that `canonicalise` gives."""
    return re.sub(r"T_[0-9a-f]{5}", "T_1", frame.style.highlight_max(color="yellow").to_html())


def assert_harmless(markup):
    seen = Reader(markup)
    assert set(seen.tags) <= PROSE_TAGS | {"style"}
    assert seen.depth == 0, "every element is closed"
    for _, name, value in seen.attributes:
        assert not name.startswith("on")
        assert "javascript:" not in value.lower()
        assert name != "src" or value.startswith("data:image/")


@pytest.mark.parametrize("name", NASTY)
def test_names_from_data_appear_as_text_in_a_styler(name):
    frame = pd.DataFrame({name: [1.0, 2.0]}, index=pd.Index([name, "b"], name="meter"))
    clean = sanitise(styled(frame))
    assert_harmless(clean)
    assert set(Reader(clean).tags) <= {"style", "table", "thead", "tbody", "tr", "th", "td"}
    if "</td>" not in name:
        assert Reader(clean).text.count(name) == 2


def test_plain_frame_is_shown_as_pandas_escaped_it():
    frame = pd.DataFrame({"<script>": ["<img onerror=x>"]}, index=["<b>"])
    seen = Reader(sanitise(frame._repr_html_()))
    assert "<script>" in seen.text
    assert "<img onerror=x>" in seen.text
    assert not {"script", "img", "b", "style"} & set(seen.tags)


def test_columns_of_numbers_are_marked_and_text_is_not():
    frame = pd.DataFrame({"mae": [1.5, None], "note": ["a", "1"]}, index=["x", "y"])
    clean = sanitise(frame._repr_html_())
    assert '<th class="num">mae</th>' in clean
    assert '<td class="num">1.5</td>' in clean
    assert "<th>note</th>" in clean


def test_styler_keeps_its_colours():
    frame = pd.DataFrame({"mae": [1.0, 2.0]})
    clean = sanitise(styled(frame))
    assert clean.startswith("<style>#T_1_row1_col0 { background-color: yellow; color: #1f2933 }")
    assert 'id="T_1_row1_col0"' in clean


def test_own_cards_keep_their_classes_links_and_bars():
    card = (
        '<div class="lab-card other"><a href="x.html" onclick="y">t</a>'
        '<span class="lab-fill" style="width: 50%; position: fixed"></span></div>'
    )
    assert sanitise(card) == (
        '<div class="lab-card"><a href="x.html">t</a>'
        '<span class="lab-fill" style="width: 50%"></span></div>'
    )


def test_text_elements_are_text_outside_own_cards():
    assert sanitise("<h2>fake</h2>") == "&lt;h2&gt;fake&lt;/h2&gt;"
    assert sanitise('<div class="lab-card"><h2>real</h2></div>').endswith("<h2>real</h2></div>")


@pytest.mark.parametrize(
    ("markup", "clean"),
    [
        pytest.param("<table><tr><td>a", "<table><tr><td>a</td></tr></table>", id="left-open"),
        pytest.param("a</div>b", "a&lt;/div&gt;b", id="never-opened"),
        pytest.param(
            "<table><tr><td>a<td>b</table>",
            "<table><tr><td>a</td><td>b</td></tr></table>",
            id="cells-without-end",
        ),
        pytest.param(
            '<table><tr><td colspan="2" rowspan="x">a</td></tr></table>',
            '<table><tr><td colspan="2">a</td></tr></table>',
            id="spans-are-numbers",
        ),
        pytest.param("<p>a<br>b</br></p>", "<p>a&lt;br&gt;b</p>", id="void"),
        pytest.param("<p id=content>a</p>", "<p>a</p>", id="foreign-id"),
    ],
)
def test_markup_is_balanced_and_written_anew(markup, clean):
    assert sanitise(markup) == clean


def test_image_of_an_own_card_must_be_embedded():
    card = '<div class="lab-x"><img src="{}" alt="a"></div>'
    assert 'src="data:image/png;base64,AAAA"' in sanitise(card.format("data:image/png;base64,AAAA"))
    assert "src" not in sanitise(card.format("http://evil/x.png"))
    assert "src" not in sanitise(card.format("data:text/html;base64,AAAA"))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.b/c?d=e#f", True),
        ("#part", True),
        ("demand_forecast.html", True),
        ("../x/y.html#z", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" \tjavascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil/x", False),
        ("\\\\evil\\x", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
    ],
)
def test_links_lead_to_the_web_this_page_or_beside_it(url, safe):
    assert (safe_url(url) is not None) is safe


PIECES = [
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</tr>",
    "</table>",
    "<thead>",
    "</thead>",
    "<div>",
    "</div>",
    "<p",
    "<",
    ">",
    "<br/>",
    "'",
    '"',
    "<a",
    "<th~class='x~onclick=y'>",
    '<div~class="lab-card">',
    "&lt;script&gt;",
    "<img~src='data:image/png;base64,AA=='>",
]
markup_pieces = st.lists(
    st.sampled_from([*(piece.replace("~", " ") for piece in PIECES), *NASTY]) | st.text(max_size=8),
    max_size=14,
).map("".join)


@given(markup_pieces)
def test_no_markup_whatever_becomes_harmful(markup):
    assert_harmless(sanitise(markup))


@given(markup_pieces)
def test_clean_markup_stays_as_it_is(markup):
    clean = sanitise('<div class="lab-x">' + markup)
    assert sanitise(clean) == clean


@pytest.mark.parametrize("piece", ["<a ", "<td x='", "<tr><td>", "<", "<!-", "<div>"])
def test_long_broken_markup_takes_no_longer_per_letter(piece):
    begin = time.process_time()
    sanitise("<table><tr>" + piece * 20_000)
    assert time.process_time() - begin < 3


@given(st.text(max_size=40))
def test_plain_shows_exactly_the_text(text):
    shown = Reader(output_html(f"start {plain(text)} end"))
    assert set(shown.tags) <= {"p"}
    assert shown.text.strip() == f"start {' '.join(text.split())} end"


def test_canonical_notebook_gives_ids_that_pass(code, notebook, shown):
    frame = pd.DataFrame({"a": [1, 2]})
    cell = code("x", shown(html=frame.style.highlight_max().to_html()))
    html = canonicalise(notebook(cell)).cells[0].outputs[0].data["text/html"]
    assert "#T_1_row1_col0" in sanitise(html)
