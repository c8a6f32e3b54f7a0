from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report.markdown import Outline, cell_html, output_html


def cell(source, **options):
    return cell_html(source, Outline(), **options)


def test_headings_get_ids_and_enter_the_outline():
    outline = Outline()
    first = cell_html("## Error by *hour*", outline)
    cell_html("## Error by hour\n\n### <b>", outline)
    assert first == (
        '<h2 id="error-by-hour">Error by <em>hour</em>'
        '<a class="anchor" href="#error-by-hour" aria-label="Link to this section">#</a></h2>\n'
    )
    assert outline.headings == [
        {"id": "error-by-hour", "text": "Error by hour", "level": 2},
        {"id": "error-by-hour-2", "text": "Error by hour", "level": 2},
        {"id": "lt-b-gt", "text": "&lt;b&gt;", "level": 3},
    ]


def test_heading_of_signs_only_still_has_an_id():
    outline = Outline()
    cell_html("## ?", outline)
    assert outline.headings[0]["id"] == "section"


@pytest.mark.parametrize(
    "source",
    ["costs $5 and $6", "a $5 bill, US$60", r"\$x\$", "`$x$`", "    $x$", "a $ b $ c"],
    ids=["two-prices", "digit-behind", "escaped", "code", "code-block", "spaced"],
)
def test_dollars_that_are_no_formula(source):
    assert "<math" not in cell(source)
    assert "$" in cell(source)


@pytest.mark.parametrize(
    ("source", "display"),
    [
        ("with $R^2$ of", "inline"),
        ("$$x$$", "block"),
        ("$$\nx\n$$", "block"),
        ("\\begin{align}a&=b\\end{align}", "block"),
        ("a \\\\(x\\\\) b", "inline"),
        ("\\\\[x\\\\]", "block"),
    ],
    ids=["inline", "block", "block-of-lines", "environment", "brackets", "square-brackets"],
)
def test_formulas_become_mathml(source, display):
    assert f'<math display="{display}"' in cell(source)


def test_raw_markup_of_a_cell_is_text_but_typography_passes():
    assert cell("CO<sub>2</sub><br/>x") == "<p>CO<sub>2</sub><br>x</p>\n"
    assert cell("a <script>b</script>") == "<p>a &lt;script&gt;b&lt;/script&gt;</p>\n"
    assert cell("<sub onclick=x>a</sub>").startswith("<p>&lt;sub onclick=x&gt;")
    assert cell("<div>\nx\n</div>") == "<p>&lt;div&gt;\nx\n&lt;/div&gt;</p>\n"


def test_typography_that_does_not_pair_up_is_text():
    assert cell("a <sup>b") == "<p>a &lt;sup&gt;b</p>\n"


def test_no_raw_markup_from_outputs_at_all():
    assert output_html("a<br>b <img src=x onerror=y>") == (
        "<p>a&lt;br&gt;b &lt;img src=x onerror=y&gt;</p>\n"
    )


def test_headings_of_outputs_stay_out_of_the_contents():
    assert output_html("## Fake") == "<p><strong>Fake</strong></p>\n"


def test_links_only_where_they_are_safe():
    assert cell('[a](https://b.c "<i>")') == (
        '<p><a href="https://b.c" title="&lt;i&gt;">a</a></p>\n'
    )
    assert cell("[a](javascript:alert%281%29)") == "<p>a</p>\n"
    assert cell("[a](JAVASCRIPT:x)") == "<p>a</p>\n"


def test_images_only_where_they_are_attached(png):
    attached = {"p.png": {"image/png": png}}
    assert f'src="data:image/png;base64,{png}" alt="a"' in cell(
        "![a](attachment:p.png)", attachments=attached
    )
    assert cell("![a](http://evil/x.png)") == "<p><em>a</em></p>\n"
    assert cell("![a](attachment:none.png)", attachments=attached) == "<p><em>a</em></p>\n"
    evil = {"p.png": {"image/png": 'x" onerror="y'}}
    assert cell("![a](attachment:p.png)", attachments=evil) == "<p><em>a</em></p>\n"


def test_tables_scroll_inside_themselves():
    assert '<div class="scroll" role="region" tabindex="0"' in cell("|a|\n|-|\n|1|")


def test_code_blocks_are_escaped_whatever_their_language():
    assert "&lt;script&gt;" in cell("```\n<script>\n```")
    assert "<script>" not in cell("```mermaid\n</pre><script>\n```")
    assert "<script>" not in cell("```python\nx = '<script>'\n```")


PIECES = r"""
<script> </script> <img/src=x/onerror=y> ` ``` ```mermaid $ $$ [ ] (javascript:x) ![ ]( ) "t" *
** _ | |-| # > - \ \( \) \begin{align} \end{align} &lt; &#60; <sub> </sub> ~~ <http://a.b>
data:text/html,x
"""
LOADING = {"script", "img", "iframe", "object", "embed", "link", "style", "svg", "form", "base"}


@given(st.lists(st.sampled_from([*PIECES.split(), " ", "\n", "\n\n"]) | st.text(max_size=4)))
def test_no_markdown_whatever_becomes_harmful(pieces):
    class Check(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert tag not in LOADING
            for name, value in attrs:
                assert not name.startswith("on")
                assert name != "href" or not (value or "").lower().startswith(("java", "data"))

    for write in (output_html, cell):
        Check().feed(write("".join(pieces)))
