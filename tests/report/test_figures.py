import pytest

from lab.report.figures import pair_captions, png_size


def facts(notebook):
    return [
        output.metadata.figure
        for cell in pair_captions(notebook).cells
        for output in cell.get("outputs", [])
        if "figure" in output.metadata
    ]


def test_the_sentence_behind_a_figure_becomes_its_caption(code, notebook, shown):
    cell = code("plot()", shown(png=True), shown(markdown="It *rises* by 3 %."))
    made = notebook("## Demand", cell)
    assert facts(made) == [{"number": 1, "section": "Demand", "caption": "It *rises* by 3 %."}]
    assert len(made.cells[1].outputs) == 1


def test_the_sentence_of_the_next_cell(code, notebook, shown):
    made = notebook(code("plot()", shown(png=True)), code("say()", shown(markdown="It rises.")))
    assert facts(made)[0]["caption"] == "It rises."
    assert made.cells[1].outputs == []


def test_the_sentence_before_a_figure_drawn_at_the_end_of_its_cell(code, notebook, shown):
    made = notebook(code("plot()", shown(markdown="It rises."), shown(png=True)))
    assert facts(made)[0]["caption"] == "It rises."


def test_two_figures_of_a_cell_keep_their_own_sentences(code, notebook, shown):
    outputs = [shown(png=True), shown(markdown="A."), shown(png=True), shown(markdown="B.")]
    found = facts(notebook(code("plot()", *outputs)))
    assert [(each["number"], each["caption"]) for each in found] == [(1, "A."), (2, "B.")]


@pytest.mark.parametrize(
    "text",
    ["# Heading", "- item", "| a |\n|-|", "One.\n\nTwo.", "> quote", "1. first", ""],
)
def test_what_is_no_single_sentence_stays_where_it_is(code, notebook, shown, text):
    made = notebook(code("plot()", shown(png=True), shown(markdown=text)))
    assert facts(made)[0]["caption"] is None
    assert len(made.cells[0].outputs) == 2


def test_a_cell_that_shows_more_than_a_sentence_keeps_it(code, notebook, shown):
    following = code("say()", shown(markdown="It rises."), shown(plain="1"))
    made = notebook(code("plot()", shown(png=True)), following)
    assert facts(made)[0]["caption"] is None


def test_a_table_with_an_image_beside_it_is_no_figure(code, notebook, shown):
    assert facts(notebook(code("x", shown(png=True, html="<table></table>")))) == []


def test_size_of_a_png(png):
    assert png_size(png) == (30, 20)


def test_size_of_something_else():
    assert png_size("") is None
    assert png_size("AAAA") is None
