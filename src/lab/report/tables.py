"""Small improvements to the tables pandas writes: numbers to the right, one header row."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

NUMBER = re.compile(r"[-+\u2212]?[\d,\u202f ]*\.?\d+(?:e[-+]?\d+)?\s?%?|-?inf", re.IGNORECASE)
BLANK = frozenset(
    ("", "\u00a0", "...", "\u2026", "nan", "NaN", "NaT", "None", "<NA>", "-", "\u2013")
)


@dataclass
class Cell:
    """A cell, by the places of its two tags among the written parts."""

    tag: str
    span: int
    start: int
    end: int = 0
    text: str = ""

    @property
    def blank(self) -> bool:
        """Whether the cell shows nothing that counts."""
        return self.text.strip() in BLANK


@dataclass
class Row:
    """A row, by the places of its two tags among the written parts."""

    start: int
    in_head: bool
    end: int = 0
    cells: list[Cell] = field(default_factory=list)

    def columns(self) -> Iterator[tuple[int, Cell]]:
        """Yield each cell with its column, counted from the right-hand end.

        On the left pandas leaves out repeated index cells.
        """
        column = 0
        for cell in reversed(self.cells):
            yield column, cell
            column += cell.span


class Tables:
    """Follows a writer through the tables of one output and edits what it wrote."""

    def __init__(self) -> None:
        self.tables: list[list[Row]] = []
        self.in_head = False
        self.cell: Cell | None = None

    def start(self, tag: str, span: int, place: int) -> None:
        """Note that `tag` begins at `place` of the parts."""
        if tag == "table":
            self.tables.append([])
        elif tag in ("thead", "tbody"):
            self.in_head = tag == "thead"
        elif tag == "tr" and self.tables:
            self.tables[-1].append(Row(place, self.in_head))
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.cell = Cell(tag, span, place)
            self.tables[-1][-1].cells.append(self.cell)

    def end(self, tag: str, place: int) -> None:
        """Note that `tag` ends at `place` of the parts."""
        if tag in ("td", "th") and self.cell:
            self.cell.end, self.cell = place, None
        elif tag == "tr" and self.tables and self.tables[-1]:
            self.tables[-1][-1].end = place

    def add_text(self, text: str) -> None:
        """Add to the text of the open cell."""
        if self.cell:
            self.cell.text += text

    def improve(self, parts: list[str]) -> None:
        """Edit the written parts: mark columns of numbers, merge the index names' row."""
        for rows in self.tables:
            for cell in _numeric_cells(rows):
                parts[cell.start] = add_class(parts[cell.start], "num")
            _merge_index_names([row for row in rows if row.in_head], parts)


def add_class(start_tag: str, name: str) -> str:
    """Return a start tag with one class more.

    Examples
    --------
    >>> add_class("<td>", "num")
    '<td class="num">'
    """
    if ' class="' in start_tag:
        return start_tag.replace(' class="', f' class="{name} ', 1)
    return f'{start_tag[:-1]} class="{name}">'


def _numeric_cells(rows: list[Row]) -> list[Cell]:
    """Return the cells, headers too, of the columns that hold numbers."""
    columns: dict[int, list[Cell]] = defaultdict(list)
    for row in rows:
        for column, cell in row.columns():
            if cell.span == 1:
                columns[column].append(cell)
    return [cell for cells in columns.values() if _is_numeric(cells) for cell in cells]


def _is_numeric(cells: list[Cell]) -> bool:
    """Tell whether every value that is not a blank is a number, and there is one."""
    values = [cell.text.strip() for cell in cells if cell.tag == "td" and not cell.blank]
    return bool(values) and all(NUMBER.fullmatch(value) for value in values)


def _merge_index_names(head: list[Row], parts: list[str]) -> None:
    """Move the index names, which pandas puts into a row of their own, one row up.

    Only where that row holds nothing else and the cells above them are free.
    """
    if len(head) < 2 or not head[-1].end:
        return
    above, last = head[-2], head[-1]
    free = {column: cell for column, cell in above.columns() if cell.span == 1}
    named = [(column, cell) for column, cell in last.columns() if not cell.blank]
    if not named or any(column not in free or not free[column].blank for column, _ in named):
        return
    for column, cell in named:
        target = free[column]
        parts[target.start + 1 : target.end] = _padded(
            "".join(parts[cell.start + 1 : cell.end]), target.end - target.start - 1
        )
    for place in range(last.start, last.end + 1):
        parts[place] = ""


def _padded(text: str, length: int) -> list[str]:
    """Return `length` parts that hold `text`, so that no other part moves."""
    return [text, *[""] * (length - 1)]
