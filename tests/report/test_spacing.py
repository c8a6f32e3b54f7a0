import pytest

from lab.report.markdown import output_html
from lab.report.spacing import unbroken


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("5.3 % in 2014 and 9 MW at 3 °C", "5.3\u00a0% in 2014 and 9\u00a0MW at 3\u00a0°C"),
        ("24 h, 5 ms, 30 minutes, 2 homes", "24\u00a0h, 5\u00a0ms, 30 minutes, 2 homes"),
        ("by 1e-9 at most, 2016-2017", "by 1e\u20119 at most, 2016-2017"),
        ("of % and kWh", "of % and kWh"),
    ],
)
def test_numbers_stay_with_their_unit(text, kept):
    assert unbroken(text) == kept


def test_also_in_sentences_but_not_in_code():
    html = output_html("Saves **37.3 %** of 5 kWh, `x = 5 kWh`.")
    assert "37.3\u00a0%" in html
    assert "of 5\u00a0kWh" in html
    assert "x = 5 kWh" in html
