"""What a report says of the models that a rule stood in for."""

from types import SimpleNamespace

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from lab.backtest import said
from lab.backtest.results import fallen

ONE = ("vic", "lstm", 1, "2014-01-01", "2014-03-31", "mean_of_four", "did not converge")


def run(*rows):
    return SimpleNamespace(fallbacks=fallen(rows))


def changed(**told):
    names = ("series", "model", "lead", "first", "last", "rule", "reason")
    return tuple({**dict(zip(names, ONE, strict=True)), **told}.values())


@pytest.mark.parametrize("runs", [[], [run()], {"lstm": run(), "ridge": run()}])
def test_nothing_is_said_of_models_that_forecast(runs):
    assert said(runs) == ""


def test_a_model_gets_a_sentence_with_its_rule_and_days():
    assert said({"ridge": run(), "lstm": run(ONE)}) == (
        "**LSTM** failed from 2014-01-01 on (did not converge); "
        "mean of four stands in for it until 2014-03-31."
    )


def test_blocks_that_follow_on_are_one_spell_and_the_same_run_counts_once():
    after = changed(first="2014-04-01", last="2014-06-30")
    later = changed(first="2014-10-01", last="2014-12-31")
    told = run(later, ONE, after)
    assert said([told, told]) == (
        "**LSTM** failed 2 times from 2014-01-01 on (did not converge); mean of four "
        "stands in for it until 2014-06-30. It failed from 2014-10-01 on "
        "(did not converge); mean of four stands in for it until 2014-12-31."
    )


def test_many_spells_are_counted():
    days = [changed(first=f"2014-01-{n:02}", last=f"2014-01-{n:02}") for n in range(1, 12, 2)]
    text = said([run(*days)])
    assert text.count("(did not converge)") == 3
    assert text.endswith("3 more times, and a rule stands in for it, up to 2014-01-11.")


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ({"model": "ridge"}, "**ridge** failed"),
        ({"series": "nsw"}, "**LSTM** on nsw failed"),
        ({"lead": 2}, "**LSTM**, 2 days ahead, failed"),
        ({"lead": 0}, "**LSTM**, hour by hour, failed"),
    ],
    ids=["model", "series", "lead", "hours"],
)
def test_each_model_series_and_lead_has_a_paragraph(told, who):
    assert said([run(ONE), run(changed(**told))]).split("\n\n")[1].startswith(who)


@pytest.mark.parametrize(
    "reason",
    [
        "<script>alert(1)</script>",
        "*stars* _lines_ `code` **bold** ~~gone~~ # 1",
        "[link](javascript:alert(1)) ![image](http://example.org/a.png)",
        "$x$ and $$y$$ and \\(z\\) and \\[w\\] and \\begin{align}a\\end{align}",
        "a | b \\ c & d &lt; <http://example.org> http://example.org",
    ],
    ids=["html", "emphasis", "links", "formulas", "signs"],
)
def test_reasons_are_shown_as_they_are(reason):
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.tags, self.text = [], ""

        def handle_starttag(self, tag, attrs):
            self.tags.append(tag)

        def handle_data(self, data):
            self.text += data

    reader = Reader()
    reader.feed(markdown2html_mistune(said([run(changed(reason=reason, series="a<b>"))])))
    assert reader.tags == ["p", "strong"]
    assert f"({reason});" in reader.text


def test_a_long_reason_is_cut():
    text = said([run(changed(reason="word " * 1000))])
    assert len(text) < 400
    assert "word ...);" in text
