"""LaTeX formulas as MathML, which browsers draw without any script."""

import re
from html import escape, unescape
from typing import TYPE_CHECKING, Literal

from latex2mathml import exceptions
from latex2mathml.converter import Converter

from lab.report.css import words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TAGS = words(
    "math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt "
    "mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none menclose"
)
ATTRIBUTES = words(
    "accent columnalign columnlines columnspacing depth display displaystyle fence form height "
    "largeop linethickness lspace mathbackground mathcolor mathvariant maxsize minsize "
    "movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric "
    "voffset width"
)
CHILDREN = {"mfrac": 2, "mover": 2, "mroot": 2, "msub": 2, "msubsup": 3, "msup": 2, "munder": 2}
CHILDREN["munderover"] = 3
ATTRIBUTE_VALUE = re.compile(r"[\w\s.,%#+-]*")
# Definitions are refused: one that mentions itself would never end.
DEFINITION = re.compile(r"\\(?:def|let|newcommand|renewcommand|newenvironment|DeclareMathOperator)")
BRACE = re.compile(r"(?<!\\)(?:\\\\)*([{}])")
LONGEST = 2000
ERRORS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type)),
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


def to_mathml(latex: str, display: Literal["inline", "block"] = "inline") -> str:
    """Return a formula as a `<math>` element, or its source in `<code>` if it is broken.

    Parameters
    ----------
    latex : str
        LaTeX between the dollar signs; HTML entities are resolved first.
    display : {"inline", "block"}
        Whether it stands in a sentence or in a paragraph of its own.

    Returns
    -------
    str
        HTML whose every text and attribute is escaped and checked.
    """
    source = unescape(latex).strip()
    body = _body(source, display)
    if body is None:
        return f"<code>{escape(source)}</code>"
    label = escape(" ".join(source.split()))
    return f'<math display="{display}" alttext="{label}">{body}</math>'


def _body(source: str, display: str) -> str | None:
    """Return what stands inside `<math>`, None where the source is broken."""
    if not source or len(source) > LONGEST or DEFINITION.search(source) or not _balanced(source):
        return None
    try:
        tree = Converter(display=display).convert_to_element(source)
        sound = all(_sound(element) for row in tree for element in row.iter())
        return "".join(_markup(row) for row in tree) if sound else None
    except ERRORS:
        return None


def _balanced(source: str) -> bool:
    """Tell whether the braces of the source pair up; the converter does not look."""
    depth = 0
    for brace in BRACE.findall(source):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _sound(element: "Element") -> bool:
    r"""Tell whether an element is plain MathML with all its parts.

    The converter passes unknown commands on as text that starts with a backslash, and
    `\href`, `\style` and `\class` as attributes.
    """
    text = element.text or ""
    return (
        element.tag in TAGS
        and set(element.attrib) <= ATTRIBUTES
        and all(ATTRIBUTE_VALUE.fullmatch(value) for value in element.attrib.values())
        and len(element) == CHILDREN.get(element.tag, len(element))
        and (element.tag == "mtext" or not text.startswith("\\"))
    )


def _markup(element: "Element") -> str:
    """Return an element as HTML; the converter's text holds entities, resolved here."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attrib.items())
    text = escape(unescape(element.text or ""), quote=False)
    body = text + "".join(_markup(child) for child in element)
    return f"<{element.tag}{attributes}>{body}</{element.tag}>"
