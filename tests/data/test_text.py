import gzip

import pytest

from lab.data import text
from lab.errors import DataError


def test_cells_stay_text():
    table = text.parse(b'a,b c\n1,"x, y"\n,\xc3\xa9\n', "f")
    assert table.rows == 2
    assert {name: cells.to_pylist() for name, cells in table.columns.items()} == {
        "a": ["1", ""],
        "b c": ["x, y", "é"],
    }


@pytest.mark.parametrize(
    "data",
    [b"a,b\r\n1,2\r\n", b"a,b\r1,2\r", b"\xef\xbb\xbfa,b\n1,2", b" a , b \n1,2\n\n\n"],
    ids=["crlf", "cr", "bom, no last newline", "spaces in the header, blank end"],
)
def test_the_same_table_in_another_dress(data):
    columns = text.parse(data, "f").columns
    assert {name: cells.to_pylist() for name, cells in columns.items()} == {"a": ["1"], "b": ["2"]}


BROKEN = {
    "no bytes": (b"", "f: the file is empty"),
    "only white space": (b" \r\n\n ", "f: the file is empty"),
    "only a bom": (b"\xef\xbb\xbf", "f: the file is empty"),
    "only a header": (b"a,b\n", "f: it has a header and no rows"),
    "blank header": (b"\n1,2\n", "row 1 .*the header is an empty line"),
    "column twice": (b"a,a\n1,2\n", "column 'a', row 1 .*comes twice"),
    "open quote in the header": (b'"a,b\n1,2\n', "row 1 .*not a line of CSV"),
    "short row": (b"a,b\n1,2\n3\n", "row 3 .*1 cells where the header has 2"),
    "long row": (b"a,b\n1,2,3\n", "row 2 .*3 cells where the header has 2"),
    "nul": (b"a,b\n1,2\n3,\0\n", "row 3 .*NUL"),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "row 1 .*NUL"),
    "latin-1": ("a,b\n1,2\n3,°\n".encode("latin-1"), "row 3 .*not UTF-8"),
    "open quote": (b'a,b\n1,"2\n', "row 2 .*quote is not closed"),
    "cell over two lines": (b'a,b\n1,"2\n3"\n', "row 2 .*quote is not closed"),
    "nested quotes over lines": (b'a,b\nx"y,"2\n3,4"z"\n', "row 3|several lines"),
    "hidden line break": (b'a,b\nx"y,"2\n3,4\n5,"6"""\n', "several lines|row"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_text_ends_in_one_sentence_with_its_row(case):
    data, expected = BROKEN[case]
    with pytest.raises(DataError, match=expected):
        text.parse(data, "f")


def test_a_very_long_cell_is_read():
    assert text.parse(b"a,b\n" + b"1" * 3_000_000 + b",2\n", "f").rows == 1


def test_plain_and_gzipped_data_come_out_the_same():
    assert text.unzip(gzip.compress(b"abc"), "f.csv.gz") == b"abc"
    assert text.unzip(gzip.compress(b"abc"), "f.csv") == b"abc"
    assert text.unzip(gzip.compress(b"ab") + gzip.compress(b"c"), "f.csv.gz") == b"abc"
    assert text.unzip(b"abc", "f.csv") == b"abc"
    assert text.unzip(b"", "f.csv.gz") == b""


@pytest.mark.parametrize("cut", [1, 5, 12, 25, -1])
def test_a_truncated_gzip_is_refused(cut):
    data = gzip.compress(bytes(range(256)))[:cut]
    with pytest.raises(DataError, match=r"f\.csv\.gz: the gzip stream is (cut off|damaged)"):
        text.unzip(data, "f.csv.gz")


GZIP = gzip.compress(b"abcdef", mtime=0)


@pytest.mark.parametrize(
    "data",
    [b"a,b\n1,2\n", GZIP[:10] + b"\xff" * 20, GZIP[:-8] + bytes(8), GZIP + b"more"],
    ids=["plain", "damaged", "wrong checksum", "rubbish behind"],
)
def test_what_is_no_gzip_is_refused(data):
    with pytest.raises(DataError, match="the gzip stream is damaged"):
        text.unzip(data, "f.csv.gz")


def test_a_zip_bomb_stops_at_the_limit():
    bomb = gzip.compress(bytes(5_000_000))
    assert len(bomb) < 10_000
    with pytest.raises(DataError, match="more than 1000000 bytes"):
        text.unzip(bomb, "f.csv.gz", limit=1_000_000)
    with pytest.raises(DataError, match="more than 3 bytes"):
        text.unzip(b"abcd", "f.csv", limit=3)


@pytest.mark.parametrize("name", ["nothing", "folder", "nul\0byte", "x" * 300])
def test_an_unreadable_path_is_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="^data/raw/x: "):
        text.read_bytes(tmp_path / name, "data/raw/x")


def test_sha256_is_that_of_the_standard():
    # FIPS 180-2, appendix B.1.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert text.sha256(b"abc") == expected
