"""Let only harmless markup from notebooks into a report.

An output is parsed and written anew from an allow-list: what is not on it appears as
text, so a reader still sees a meter called `<script>`. Outputs that are not one of the
project's own cards may consist of tables only, and a table cell holds text only,
because pandas' Styler escapes neither headers nor index.
"""

import re
from html import escape
from html.parser import HTMLParser
from typing import Any

from lab.report import css
from lab.report.css import words
from lab.report.tables import Tables

TABLE_TAGS = words("div table caption thead tbody tfoot tr th td p")
PROSE_TAGS = TABLE_TAGS | words(
    "a abbr article b blockquote br code dd dl dt em h2 h3 h4 header hr i img kbd li mark ol pre "
    "section small span strong sub sup ul"
)
VOID_TAGS = words("br hr img")
TEXT_ONLY = words("th td caption")
PANDAS_CLASS = re.compile(
    r"dataframe|col_heading|row_heading|index_name|blank|data|(?:level|row|col)\d+"
)
OWN_CLASS = re.compile(r"lab-[a-z0-9-]+")
STYLER_ID = re.compile(r"T_\d+(?:_[a-z]+\d+)*")
SAFE_URL = re.compile(r"(?:https?://|#|(?![a-z][a-z0-9+.-]*:|//))[^\s\\]*", re.IGNORECASE)
EMBEDDED_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
LEADING_STYLE = re.compile(r"\s*(?:<div>\s*)?<style[^>]*>(.*?)</style\s*>", re.DOTALL)
OWN_START = re.compile(r"\s*<(?:div|section|p|article) class=\"lab-")
NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")
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
    rest = markup[: markup.index("<style")] + markup[style.end() :] if style else markup
    writer = _Writer(PROSE_TAGS if OWN_START.match(markup) else TABLE_TAGS)
    # Declarations and tags that never end are text: the parser stumbles over the first and
    # searches for the end of the others again and again.
    writer.feed(NO_TAG.sub("&lt;", rest))
    writer.close()
    return (f"<style>{rules}</style>\n" if rules else "") + writer.text()


class _Writer(HTMLParser):
    """Writes what it parses, as far as the allow-list goes."""

    def __init__(self, tags: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.parts: list[str] = []
        self.open: list[str] = []
        self.tables = Tables()

    def set_cdata_mode(self, *_: Any, **__: Any) -> None:
        """Treat nothing as raw text: an open `<script>` must not swallow a table's rest."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an allowed tag with its allowed attributes; show any other as text."""
        self._close_before(tag)
        inside_text = bool(self.open) and self.open[-1] in TEXT_ONLY
        if tag not in self.tags or inside_text:
            self.handle_data(self.get_starttag_text() or "")
            return
        kept = _attributes(tag, attrs, own=self.tags is PROSE_TAGS)
        self.tables.start(tag, int(kept.get("colspan", 1)), len(self.parts))
        self.parts.append(_tag(tag, kept))
        if tag in TEXT_ONLY:
            self.parts.append("")
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
            self.tables.end(last, len(self.parts))
            self.parts.append(f"</{last}>")
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        """Write text, escaped."""
        self.tables.add_text(data)
        self.parts.append(escape(data))

    def _close_before(self, tag: str) -> None:
        """End an open cell or row where the next one begins, as browsers do."""
        ended = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr")}.get(tag, ())
        while self.open and self.open[-1] in ended:
            self.handle_endtag(self.open[-1])

    def text(self) -> str:
        """Return everything written, with what is still open closed."""
        while self.open:
            self.handle_endtag(self.open[-1])
        self.tables.improve(self.parts)
        return "".join(self.parts)


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
    return _own_attribute(tag, name, value) if own else None


def _own_attribute(tag: str, name: str, value: str) -> str | None:
    """Return the harmless form of an attribute that only the project's cards may have."""
    if (tag, name) == ("a", "href"):
        return safe_url(value)
    if (tag, name) == ("img", "src"):
        return value if EMBEDDED_IMAGE.fullmatch(value) else None
    return value if name in ("alt", "title", "aria-label", "aria-hidden") else None


def _tag(tag: str, attributes: dict[str, str]) -> str:
    """Return the start tag with escaped attributes."""
    return f"<{tag}" + "".join(f' {k}="{escape(v)}"' for k, v in attributes.items()) + ">"
