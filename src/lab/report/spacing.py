"""Numbers stay on one line: with their unit, and with their exponent."""

import re

UNITS = r"%|‰|°C|(?:[kMGT]?Wh?|h|min|ms|s|kg|GB|MB|EUR|USD|AUD)\b"
UNIT = re.compile(rf"(?<=\d) (?={UNITS})")
EXPONENT = re.compile(r"(?<=\de)-(?=\d)")


def unbroken(text: str) -> str:
    """Return text whose numbers stay on one line with their unit.

    Examples
    --------
    >>> unbroken("5.3 % of 1 MW on 3 days, by 1e-9")
    '5.3\\xa0% of 1\\xa0MW on 3 days, by 1e\\u20119'
    """
    return EXPONENT.sub("\u2011", UNIT.sub("\u00a0", text))
