"""Let only harmless declarations from a cell's style sheet into a report."""

import re


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set.

    Examples
    --------
    >>> sorted(words("td th"))
    ['td', 'th']
    """
    return frozenset(text.split())


PROPERTIES = words(
    "background background-color border border-bottom border-collapse border-color border-left "
    "border-radius border-right border-style border-top border-width color display font-family "
    "font-size font-style font-variant-numeric font-weight height letter-spacing line-height "
    "margin-left margin-right max-width min-width opacity overflow-x padding padding-left "
    "padding-right text-align text-decoration text-transform vertical-align white-space width "
    "word-break"
)
FUNCTIONS = words("rgb rgba hsl hsla linear-gradient")
VALUE = re.compile(r"[\w\s.,%#()+'-]*")
FUNCTION = re.compile(r"([\w-]*)\(")
SELECTOR = re.compile(r"#T_\d+[\w\s#.:>-]*")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INK = "#1f2933"


def declarations(style: str) -> str:
    """Return the harmless declarations of a style attribute, without any address.

    A background colour without a text colour gets a dark one: Styler's highlights
    assume black text, which a dark page does not have.
    """
    kept = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in PROPERTIES and value and _harmless(value):
            kept[name] = value
    if "background-color" in kept and "color" not in kept:
        kept["color"] = INK
    return "; ".join(f"{name}: {value}" for name, value in kept.items())


def rules(sheet: str) -> str:
    """Return the rules that select inside one Styler table, with harmless declarations."""
    kept = []
    for selectors, style in RULE.findall(COMMENT.sub("", sheet)):
        names = [name.strip() for name in selectors.split(",")]
        body = declarations(style)
        if body and all(SELECTOR.fullmatch(name) for name in names):
            kept.append(f"{', '.join(names)} {{ {body} }}")
    return "\n".join(kept)


def _harmless(value: str) -> bool:
    """Tell whether a value holds plain words, numbers and colours only."""
    return bool(VALUE.fullmatch(value)) and set(FUNCTION.findall(value)) <= FUNCTIONS
