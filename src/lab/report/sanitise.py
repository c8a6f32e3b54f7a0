"""Let only harmless markup from notebooks into a report.

An output is parsed and written anew from an allow-list: what is not on it appears as
text, so a reader still sees a meter called `<script>`. Outputs that are not one of the
project's own cards may consist of tables only, and a table cell holds text only,
because pandas' Styler escapes neither headers nor index.
"""

import re
from collections import defaultdict
from html import escape
from html.parser import HTMLParser

from lab.report import css

TABLE_TAGS = frozenset("div table caption thead tbody tfoot tr th td p".split())
PROSE_TAGS = TABLE_TAGS | frozenset(
    "a abbr article b blockquote br code dd dl dt em h2 h3 h4 header hr i img kbd li mark ol pre "
    "section small span strong sub sup ul".split()
)
VOID_TAGS = frozenset("br hr img".split())
TEXT_ONLY = frozenset("th td caption".split())
PANDAS_CLASS = re.compile(
    r"dataframe|col_heading|row_heading|index_name|blank|data|(?:level|row|col)\d+"
)
OWN_CLASS = re.compile(r"lab-[a-z0-9-]+")
STYLER_ID = re.compile(r"T_\d+(?:_[a-z]+\d+)*")
SAFE_URL = re.compile(r"(?:https?://|#|(?![a-z][a-z0-9+.-]*:|//))[^\s\\]*", re.IGNORECASE)
EMBEDDED_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
NUMBER = re.compile(
    r"[-+\u2212]?[\d,\u202f ]*\.?\d+(?:e[-+]?\d+)?\s?%?|nan|-?inf", re.IGNORECASE
)
BLANK = frozenset(("", "...", "\u2026", "nan", "NaN", "NaT", "None", "<NA>", "-", "\u2013"))
LEADING_STYLE = re.compile(r"\s*(?:<div>\s*)?<style[^>]*>(.*?)</style\s*>", re.DOTALL)
OWN_START = re.compile(r"\s*<(?:div|section|p|article) class=\"lab-")
MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~&:])")


def plain(value: object) -> str:
    r"""Return `value` as Markdown that shows exactly this text.

    Use it wherever a name from the data enters a computed sentence.

    Examples
    --------
    >>> print(plain("a_b <b>"))
    a\_b \<b\>
    """
    return MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def safe_url(url: str) -> str | None:
    """Return `url` if it leads to http(s), into this page or to a relative file, else None."""
    url = url.strip()
    return url if SAFE_URL.fullmatch(url) else None


def sanitise(markup: str) -> str:
    """Return the harmless part of an HTML output; the rest of it becomes visible text.

    Parameters
    ----------
    markup : str
        HTML as a cell displayed it. When it starts with an element of a class `lab-…`
        (the project's own cards) links, images and text elements are allowed as well;
        otherwise only tables.

    Returns
    -------
    str
        Balanced HTML without scripts, event handlers, foreign content or any address
        that the browser would load.
    """
    style = LEADING_STYLE.match(markup)
    rules = css.rules(style[1]) if style else ""
    rest = markup[: style.start(1)].partition("<style")[0] + markup[style.end() :] if style else markup
    writer = _Writer(PROSE_TAGS if OWN_START.match(markup) else TABLE_TAGS)
    writer.feed(rest)
    writer.close()
    return (f"<style>{rules}</style>\n" if rules else "") + writer.text()


class _Writer(HTMLParser):
    """Writes what it parses, as far as the allow-list goes."""

    # Nothing is raw text to this parser: a `<script>` that was never closed must not
    # swallow the rest of a table.
    CDATA_CONTENT_ELEMENTS = ()
    RCDATA_CONTENT_ELEMENTS = ()

    def __init__(self, tags: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.parts: list[str] = []
        self.open: list[str] = []
        self.columns = _Columns()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an allowed tag with its allowed attributes; show any other as text."""
        self._close_cell_before(tag)
        inside_text = bool(self.open) and self.open[-1] in TEXT_ONLY
        if tag not in self.tags or inside_text:
            self.handle_data(self.get_starttag_text() or "")
            return
        kept = _attributes(tag, attrs, own=self.tags is PROSE_TAGS)
        self.columns.start(tag, kept, position=len(self.parts))
        self.parts.append(_tag(tag, kept))
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element that is open, with everything still open inside it."""
        if tag not in self.open:
            if tag not in VOID_TAGS:
                self.handle_data(f"</{tag}>")
            return
        while self.open:
            last = self.open.pop()
            self.columns.end(last)
            self.parts.append(f"</{last}>")
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        """Write text, escaped."""
        self.columns.text(data)
        self.parts.append(escape(data))

    def _close_cell_before(self, tag: str) -> None:
        """End an open cell where the next one begins, as browsers do."""
        if tag in ("td", "th", "tr") and self.open and self.open[-1] in ("td", "th"):
            self.handle_endtag(self.open[-1])

    def text(self) -> str:
        """Return everything written, with what is still open closed."""
        while self.open:
            self.handle_endtag(self.open[-1])
        for position in self.columns.numeric_cells():
            self.parts[position] = _add_class(self.parts[position], "num")
        return "".join(self.parts)


class _Columns:
    """Finds the columns of numbers, which a report aligns to the right.

    Columns count from the right-hand end, because pandas leaves out repeated index
    cells on the left.
    """

    def __init__(self) -> None:
        self.rows: list[list[dict[str, object]]] = []
        self.cell: dict[str, object] | None = None
        self.table = 0

    def start(self, tag: str, attributes: dict[str, str], position: int) -> None:
        """Note a row or a cell that begins at `position` of the written parts."""
        if tag == "table":
            self.table += 1
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.cell = {
                "tag": tag,
                "table": self.table,
                "position": position,
                "span": int(attributes.get("colspan", 1)),
                "text": "",
            }
            self.rows[-1].append(self.cell)

    def end(self, tag: str) -> None:
        """Note that a cell ends."""
        if tag in ("td", "th"):
            self.cell = None

    def text(self, data: str) -> None:
        """Add to the text of the open cell."""
        if self.cell is not None:
            self.cell["text"] = f"{self.cell['text']}{data}"

    def numeric_cells(self) -> list[int]:
        """Return the positions of all cells, headers too, in columns of numbers."""
        columns: dict[tuple[object, int], list[dict[str, object]]] = defaultdict(list)
        for row in self.rows:
            column = 0
            for cell in reversed(row):
                if cell["span"] == 1:
                    columns[cell["table"], column].append(cell)
                column += int(str(cell["span"]))
        return [
            int(str(cell["position"]))
            for cells in columns.values()
            if _is_numeric([str(cell["text"]).strip() for cell in cells if cell["tag"] == "td"])
            for cell in cells
        ]


def _is_numeric(texts: list[str]) -> bool:
    """Tell whether every text that is not a blank is a number, and there is one."""
    values = [text for text in texts if text not in BLANK]
    return bool(values) and all(NUMBER.fullmatch(text) for text in values)


def _attributes(tag: str, attrs: list[tuple[str, str | None]], own: bool) -> dict[str, str]:
    """Return the allowed attributes of `tag` with harmless values."""
    kept = {}
    for name, value in attrs:
        harmless = _attribute(tag, name, value or "", own)
        if harmless:
            kept[name] = harmless
    return kept


def _attribute(tag: str, name: str, value: str, own: bool) -> str | None:
    """Return the harmless form of one attribute's value, None to drop it."""
    if name == "class":
        allowed = OWN_CLASS if own else PANDAS_CLASS
        return " ".join(token for token in value.split() if allowed.fullmatch(token))
    if name == "style":
        return css.declarations(value)
    if name == "id":
        return value if STYLER_ID.fullmatch(value) else None
    if name in ("colspan", "rowspan"):
        return value if re.fullmatch(r"[1-9]\d{0,3}", value) else None
    if own and (tag, name) == ("a", "href"):
        return safe_url(value)
    if own and (tag, name) == ("img", "src"):
        return value if EMBEDDED_IMAGE.fullmatch(value) else None
    return value if own and name in ("alt", "title", "aria-label", "aria-hidden") else None


def _tag(tag: str, attributes: dict[str, str]) -> str:
    """Return the start tag with escaped attributes."""
    return f"<{tag}" + "".join(f' {k}="{escape(v)}"' for k, v in attributes.items()) + ">"


def _add_class(start_tag: str, name: str) -> str:
    """Return the start tag with one class more."""
    if ' class="' in start_tag:
        return start_tag.replace(' class="', f' class="{name} ', 1)
    return f'{start_tag[:-1]} class="{name}">'
