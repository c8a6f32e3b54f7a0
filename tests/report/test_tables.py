import pandas as pd

from lab.report.sanitise import sanitise


def rows(markup):
    return markup.count("<tr")


def test_index_name_moves_into_the_header_row():
    frame = pd.DataFrame({"mae": [1, 2]}, index=pd.Index(["a", "b"], name="model"))
    clean = sanitise(frame._repr_html_())
    assert rows(clean) == 3
    assert '<th>model</th>\n      <th class="num">mae</th>' in clean


def test_names_of_two_index_levels_move_together():
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["model", "hour"])
    clean = sanitise(pd.DataFrame({"mae": [1, 2]}, index=index)._repr_html_())
    assert rows(clean) == 3
    assert clean.index("model") < clean.index("hour") < clean.index("mae")


def test_names_stay_where_the_row_above_is_taken():
    frame = pd.DataFrame({1: [2.0]}, index=pd.Index(["x"], name="day"))
    frame.columns.name = "hour"
    clean = sanitise(frame._repr_html_())
    assert rows(clean) == 3
    assert clean.index("hour") < clean.index("day")


def test_numbers_beside_a_repeated_index_cell_are_recognised():
    index = pd.MultiIndex.from_tuples([("a", "p"), ("a", "q")])
    frame = pd.DataFrame({"mae": [1.5, -2.0], "unit": ["MW", "MW"]}, index=index)
    clean = sanitise(frame._repr_html_())
    assert clean.count('<td class="num">') == 2
    assert "<td>MW</td>" in clean


def test_a_header_over_two_columns_is_not_marked():
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["h"], ["p", "q"]]))
    clean = sanitise(frame._repr_html_())
    assert '<th colspan="2">h</th>' in clean
    assert '<th class="num">q</th>' in clean


def test_a_column_of_blanks_only_is_not_numeric():
    assert "num" not in sanitise("<table><tr><td>nan</td></tr></table>")


def test_negative_percent_and_thousands_are_numbers():
    cells = "".join(f"<tr><td>{text}</td></tr>" for text in ("-1,234.5", "3 %", "1e-05", "…"))
    assert sanitise(f"<table>{cells}</table>").count('class="num"') == 4
