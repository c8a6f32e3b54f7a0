from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report.maths import ATTRIBUTES, TAGS, to_mathml


def test_a_fraction():
    assert to_mathml(r"\frac{1}{n}") == (
        r'<math display="inline" alttext="\frac{1}{n}"><mrow>'
        "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac></mrow></math>"
    )


def test_a_displayed_sum_shows_its_sign():
    markup = to_mathml(r"\sum_{i=1}^{n} x_i", "block")
    assert markup.startswith('<math display="block"')
    assert "<mo>∑</mo>" in markup


@pytest.mark.parametrize(
    "latex", ["x < y", "x &lt; y", r"x \lt y"], ids=["bare", "entity", "command"]
)
def test_less_than_is_escaped_once(latex):
    assert "<mo>&lt;</mo>" in to_mathml(latex)


def test_text_in_a_formula_is_escaped():
    assert "<mtext>&lt;b&gt;</mtext>" in to_mathml(r"\text{<b>}")


@pytest.mark.parametrize(
    "latex",
    [
        pytest.param(r"\unknown{x}", id="unknown-command"),
        pytest.param("{a", id="brace-left-open"),
        pytest.param("a}b", id="brace-never-opened"),
        pytest.param("a}{b", id="braces-crossed"),
        pytest.param(r"\frac{1}", id="half-a-fraction"),
        pytest.param("x^", id="no-exponent"),
        pytest.param(r"\left( a", id="no-right"),
        pytest.param("a_b_c", id="two-subscripts"),
        pytest.param(r"\href{javascript:alert(1)}{x}", id="link"),
        pytest.param(r"\style{color:red}{x}", id="style"),
        pytest.param(r"\class{bar}{x}", id="class"),
        pytest.param(r'\color{red" onclick="x}{x}', id="attribute-breaks-out"),
        pytest.param(r"\def\a{\a\a}\a", id="endless-definition"),
        pytest.param("x" * 2001, id="too-long"),
        pytest.param("\\", id="lone-backslash"),
        pytest.param("{" * 900 + "x" + "}" * 900, id="too-deep"),
    ],
)
def test_broken_formulas_show_their_source(latex):
    markup = to_mathml(latex)
    assert markup.startswith("<code>")
    assert "<math" not in markup


def test_empty_formula():
    assert to_mathml(" ") == "<code></code>"


def test_escaped_braces_are_no_groups():
    assert '<mo stretchy="false">{</mo>' in to_mathml(r"\{a\}")


PIECES = [
    r"\frac",
    r"{",
    r"}",
    r"^",
    r"_",
    r"&",
    r"\\",
    r"\left(",
    r"\right)",
    r"\text",
    r"\sqrt",
    r"[",
    r"]",
    r"<script>",
    r"x",
    r"1",
    r"\begin{cases}",
    r"\end{cases}",
    r"\href",
    r'"',
    r"'",
    r"\unicode",
    r"\rule",
    r"\color",
    r"\sum",
    r"\hat",
    r"\over",
    r"\substack",
    r"\begin{align}",
    r"\end{align}",
    r"\mathrm",
    r"\operatorname",
    r"&#60;",
    r"\hspace",
    r"\binom",
]
pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=10).map("".join)


@given(pieces)
def test_no_source_whatever_gives_harmful_markup(latex):
    class Check(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert tag in TAGS | {"code"}
            assert {name for name, _ in attrs} <= ATTRIBUTES | {"alttext"}

    Check().feed(to_mathml(latex))
