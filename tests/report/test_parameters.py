from lab.report.parameters import effective


def table(source, *injected):
    return [(row["name"], row["value"], row["note"]) for row in effective(source, injected)]


def test_value_and_note_of_each_line():
    source = 'days: int = 7  # length of the window [d]\nname = "a#b"\nlevels = [1, -2]'
    assert table(source) == [
        ("days", "7", "length of the window [d]"),
        ("name", "'a#b'", ""),
        ("levels", "[1, -2]", ""),
    ]


def test_injected_values_win_and_keep_the_note():
    assert table("days = 7  # [d]\nx = 1", "days = 9\nnew = None") == [
        ("days", "9", "[d]"),
        ("x", "1", ""),
        ("new", "None", ""),
    ]


def test_a_dictionary_gives_one_line_per_leaf():
    source = """stuck = {
    # a load moves
    # all the time
    'hours': 6,
    'deep': {'a': 1},  # why
}"""
    assert table(source) == [
        ("stuck.hours", "6", "a load moves all the time"),
        ("stuck.deep.a", "1", "why"),
    ]


def test_a_value_that_is_no_literal_is_shown_as_written():
    assert table("x = 2 * 3\ny = {}") == [("x", "2 * 3", ""), ("y", "{}", "")]


def test_letters_beyond_ascii_do_not_shift_the_note():
    assert table("zone = 'Zürich'  # größte") == [("zone", "'Zürich'", "größte")]
