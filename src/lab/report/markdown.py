"""Markdown of cells and outputs to HTML: formulas as MathML, no markup from data."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar

from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathBlockParser,
    MathInlineParser,
)

from lab.report.maths import to_mathml
from lab.report.sanitise import EMBEDDED_IMAGE, safe_url
from lab.report.spacing import unbroken

# Typography that Markdown has no sign for; anything else in angle brackets is text.
BARE_TAG = re.compile(r"<(/?)(br|kbd|mark|small|sub|sup)\s*/?>", re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")


@dataclass
class Outline:
    """Headings in the order of the page, each with an id of its own."""

    headings: list[dict[str, Any]] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)

    def add(self, html: str, level: int) -> str:
        """Note a heading and return its id."""
        text = TAG.sub("", html)
        slug = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
        self.taken[slug] += 1
        if self.taken[slug] > 1:
            slug = f"{slug}-{self.taken[slug]}"
        self.headings.append({"id": slug, "text": text, "level": level})
        return slug


class InlineParser(MathInlineParser):
    """A dollar sign opens a formula only where Pandoc would: `$5 and $6` are prices."""

    INLINE_MATH_TEX = (
        r"(?s:(?<![$\\])\$(?=[^\s$])(?P<math_inline_tex>(?:\\.|[^$\\])+?)(?<!\s)\$(?![\d$]))"
    )
    SPECIFICATION: ClassVar[dict[str, str]] = {
        **MathInlineParser.SPECIFICATION,
        "inline_math_tex": INLINE_MATH_TEX,
    }


class Renderer(IPythonRenderer):
    """Writes HTML without any raw markup, foreign address or unescaped text.

    Parameters
    ----------
    outline : Outline or None
        Where headings are noted; None for outputs, whose headings get no anchor.
    attachments : dict
        Images pasted into the cell, by name and kind.
    """

    def __init__(self, outline: Outline | None, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, attachments=attachments)
        self.outline = outline

    def text(self, text: str) -> str:
        """Write plain text, numbers unbroken."""
        return str(super().text(unbroken(text)))

    def heading(self, text: str, level: int, **_attrs: Any) -> str:
        """Write a heading that links to itself."""
        if self.outline is None:
            return f"<p><strong>{text}</strong></p>\n"
        slug = self.outline.add(text, level)
        return (
            f'<h{level} id="{escape(slug)}">{text}'
            f'<a class="anchor" href="#{escape(slug)}" aria-label="Link to this section">#</a>'
            f"</h{level}>\n"
        )

    def inline_html(self, html: str) -> str:
        """Show raw markup as text, except bare typography in the author's own cells."""
        if self.outline is not None and (match := BARE_TAG.fullmatch(html)):
            return f"<{match[1]}{match[2].lower()}>"
        return escape(html)

    def block_html(self, html: str) -> str:
        """Show a block of raw markup as text."""
        return f"<p>{escape(html.strip())}</p>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Write a link to http(s), this page or a file beside it; else only its text."""
        target = safe_url(url)
        if target is None:
            return text
        hint = f' title="{escape(title)}"' if title else ""
        return f'<a href="{escape(target)}"{hint}>{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Embed an attached image; show the description of any other."""
        name = url.removeprefix("attachment:")
        for kind, content in self.attachments.get(name, {}).items():
            source = f"data:{kind};base64,{content}"
            if EMBEDDED_IMAGE.fullmatch(source):
                return f'<img src="{source}" alt="{escape(text)}">'
        return f"<em>{text}</em>"

    def table(self, text: str) -> str:
        """Write a table that scrolls inside itself."""
        return scrolling(f"<table>\n{text}</table>")

    def block_mermaidjs(self, code: str) -> str:
        """Show a diagram's source: drawing it would need a script."""
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def block_math(self, body: str) -> str:
        """Write a displayed formula."""
        return to_mathml(body, "block")

    def inline_math(self, body: str) -> str:
        """Write a formula within a sentence."""
        return to_mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        """Write a LaTeX environment such as `align`."""
        return to_mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def scrolling(table: str) -> str:
    """Wrap a table so that it scrolls inside itself, by keyboard too."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="Table">{table}</div>\n'


def cell_html(
    source: str, outline: Outline, attachments: dict[str, dict[str, str]] | None = None
) -> str:
    """Return a markdown cell as HTML and note its headings in the outline."""
    return _balanced(_render(source, Renderer(outline, attachments or {})))


def output_html(source: str) -> str:
    """Return a computed Markdown output as HTML."""
    return _render(source, Renderer(None, {}))


def _render(source: str, renderer: Renderer) -> str:
    parser = MarkdownWithMath(
        renderer=renderer, block=MathBlockParser(), inline=InlineParser(hard_wrap=False)
    )
    return str(parser.render(source))


def _balanced(html: str) -> str:
    """Show bare typography as text where its tags do not pair up."""
    tags = Counter((name, slash) for slash, name in BARE_TAG.findall(html) if name != "br")
    for name in {name for name, _ in tags}:
        if tags[name, ""] != tags[name, "/"]:
            html = re.sub(rf"<(/?){name}>", rf"&lt;\g<1>{name}&gt;", html)
    return html
