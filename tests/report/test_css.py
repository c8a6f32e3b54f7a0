import pytest

from lab.report.css import declarations, rules


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        pytest.param("color: red", "color: red", id="colour"),
        pytest.param("COLOR : Red ;", "color: Red", id="case-and-space"),
        pytest.param("width: 10em; height:80%", "width: 10em; height: 80%", id="two"),
        pytest.param(
            "background: linear-gradient(90deg, #d65f5f 50.0%, transparent 50.0%)",
            "background: linear-gradient(90deg, #d65f5f 50.0%, transparent 50.0%)",
            id="bar-of-styler",
        ),
        pytest.param(
            "background-color: yellow",
            "background-color: yellow; color: #1f2933",
            id="highlight-gets-dark-ink",
        ),
        pytest.param("background: url(http://evil/x)", "", id="address"),
        pytest.param("background: \\75rl(x)", "", id="escaped-address"),
        pytest.param("color: expression(alert(1))", "", id="expression"),
        pytest.param("position: fixed", "", id="property-not-allowed"),
        pytest.param("color", "", id="no-value"),
        pytest.param("color: red}</style><script>", "", id="closes-the-sheet"),
    ],
)
def test_only_harmless_declarations_are_kept(style, kept):
    assert declarations(style) == kept


def test_rules_of_a_styler_table_are_kept():
    sheet = "#T_1_row0_col0, #T_1_row1_col0 {\n color: red;\n}\n/* x */\n#T_1 td:hover {width: 1em}"
    assert rules(sheet) == (
        "#T_1_row0_col0, #T_1_row1_col0 { color: red }\n#T_1 td:hover { width: 1em }"
    )


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param("body { color: red }", id="whole-page"),
        pytest.param("#T_1, .answer { color: red }", id="one-selector-outside"),
        pytest.param("@import 'http://evil/x.css';", id="import"),
        pytest.param("#T_1 { background: url(x) }", id="address"),
        pytest.param("#T_1[title=x] { color: red }", id="attribute-selector"),
    ],
)
def test_other_rules_are_dropped(sheet):
    assert rules(sheet) == ""
