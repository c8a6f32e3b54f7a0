"""Fetch from folders, and from a server on this machine that misbehaves in every way."""

import gzip
import hashlib
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from lab.data.fetch import fetch
from lab.errors import BusyError, FetchError, UsageError

BODY = b"Date,Price,Exogenous 1,Exogenous 2\n" + b"2016-01-01 00:00:00,1,2,3\n" * 4000
SHA = hashlib.sha256(BODY).hexdigest()
OTHER = BODY.replace(b"Price", b"Prices")


class Handler(BaseHTTPRequestHandler):
    """Each path misbehaves in the way that it is named after."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        getattr(self, self.path.strip("/").replace(".", "_").split("?")[0])()

    def send(self, body, length=None, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def go_to(self, place):
        self.send_response(302)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def good(self):
        self.send(BODY)

    def breaks_off(self):
        self.send(BODY[: len(BODY) // 2], length=len(BODY))
        self.close_connection = True

    def breaks_off_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"400\r\n" + BODY[:1024] + b"\r\n")
        self.close_connection = True

    def once(self):
        """Break off at the first request, behave at the second."""
        self.good() if self.server.asked.count(self.path) > 1 else self.breaks_off()

    def hangs_up(self):
        self.close_connection = True

    def stalls(self):
        self.send(BODY[:100], length=len(BODY))
        self.wfile.flush()
        self.server.over.wait(20)
        self.close_connection = True

    def silent(self):
        self.server.over.wait(20)
        self.close_connection = True

    def redirects(self):
        self.go_to("/redirects_again")

    def redirects_again(self):
        self.go_to("/good")

    def loops(self):
        self.go_to("/loops")

    def to_file(self):
        self.go_to("file:///etc/passwd")

    def to_nonsense(self):
        self.go_to("http://[::")

    def wrong(self):
        self.send(OTHER)

    def page(self):
        self.send(b"<html>\n<p>Sorry, we moved.</p></html>\n")

    def empty(self):
        self.send(b"")

    def missing(self):
        self.send(b"no", status=404)

    def broken(self):
        self.send(b"no", status=500)

    def bad_length(self):
        self.send(BODY, length="many")
        self.close_connection = True

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    """A server on this machine; its port is free again afterwards."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked, server.over = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def project(tmp_path, server, monkeypatch):
    """Make a project whose set `prices` comes from one path of the server; return its root."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.asked.clear()

    def make(path="/good", sha256=SHA, **more):
        url = path if "://" in path else f"http://127.0.0.1:{server.server_port}{path}"
        listed = {"public": {"BE.csv": {"url": url, "sha256": sha256}}}
        return write_register(tmp_path / "project", {"prices": listed | more})

    return make


def write_register(root: Path, sets: dict) -> Path:
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "params.yaml").touch()
    sets = {name: {"licence": "MIT", "citation": "me", **one} for name, one in sets.items()}
    content = {"tables": {}, "benchmarks": sets}
    (root / "data" / "sources.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return root


def contents(root: Path, name: str = "prices") -> list[str]:
    folder = root / "data" / "benchmarks" / name
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_download_lands_under_its_name(project):
    root = project()
    target = root / "data" / "benchmarks" / "prices" / "BE.csv"
    assert fetch("prices", root=root) == [target]
    assert target.read_bytes() == BODY
    assert contents(root) == ["BE.csv"]


def test_what_is_there_with_its_checksum_is_not_fetched_again(project, server):
    root = project()
    fetch("prices", root=root)
    fetch("prices", root=root)
    assert server.asked == ["/good"]


def test_what_is_there_with_another_checksum_is_fetched_again(project, server):
    root = project()
    [target] = fetch("prices", root=root)
    target.write_bytes(b"half")
    fetch("prices", root=root)
    assert target.read_bytes() == BODY


def test_redirects_are_followed(project, server):
    root = project("/redirects")
    [target] = fetch("prices", root=root)
    assert target.read_bytes() == BODY
    assert server.asked == ["/redirects", "/redirects_again", "/good"]


BROKEN = {
    "/breaks_off": "IncompleteRead|Connection broken",
    "/breaks_off_chunked": "InvalidChunkLength|Connection broken|ended prematurely",
    "/hangs_up": "ConnectionError",
    "/stalls": "timed out",
    "/silent": "timed out",
    "/loops": "TooManyRedirects",
    "/to_file": "InvalidSchema",
    "/to_nonsense": "Invalid IPv6 URL",
    "/wrong": f"SHA-256 .* the register declares {SHA} for BE.csv; it was not kept",
    "/empty": "SHA-256 .*was not kept",
    "/missing": "404",
    "/broken": "500",
    "/bad_length": "BE.csv could not be downloaded",
    "http://127.0.0.1:1/": "ConnectionError",
}


@pytest.mark.parametrize("path", BROKEN)
@pytest.mark.parametrize("before", [None, b"old"], ids=["fresh", "with an older file"])
def test_a_broken_download_leaves_what_was_there(project, path, before):
    root = project(path)
    folder = root / "data" / "benchmarks" / "prices"
    if before is not None:
        folder.mkdir(parents=True)
        (folder / "BE.csv").write_bytes(before)
    start = time.monotonic()
    with pytest.raises(FetchError, match=BROKEN[path]) as caught:
        fetch("prices", root=root, timeout_s=0.3)
    assert time.monotonic() - start < 10
    assert "\n" not in str(caught.value)
    final = [] if before is None else ["BE.csv"]
    assert contents(root) == final
    assert before is None or (folder / "BE.csv").read_bytes() == before


@pytest.mark.parametrize("path", ["/breaks_off", "/stalls"])
def test_without_a_checksum_half_a_file_is_still_refused(project, path):
    root = project(path, sha256=None, open=True)
    with pytest.raises(FetchError):
        fetch("prices", root=root, timeout_s=0.3)
    assert "BE.csv" not in contents(root)


def test_without_a_checksum_an_error_page_is_refused(project):
    root = project("/page", sha256=None, open=True)
    with pytest.raises(FetchError, match="gave no table with a date and a price"):
        fetch("prices", root=root)
    assert "BE.csv" not in contents(root)


def test_without_a_checksum_a_table_is_taken(project):
    root = project("/wrong", sha256=None, open=True)
    [target] = fetch("prices", root=root)
    assert target.read_bytes() == OTHER


def test_the_next_try_starts_anew(project, server):
    root = project("/once")
    with pytest.raises(FetchError, match="the same command starts anew"):
        fetch("prices", root=root)
    [target] = fetch("prices", root=root)
    assert target.read_bytes() == BODY
    assert contents(root) == ["BE.csv"]


def test_what_a_killed_fetch_left_is_swept(project):
    root = project()
    part = root / "data" / "benchmarks" / "prices" / ".part"
    part.mkdir(parents=True)
    (part / "BE.csv").write_bytes(BODY[:10])
    (part / "tmp123").write_bytes(BODY[:10])
    fetch("prices", root=root)
    assert contents(root) == ["BE.csv"]


def test_a_killed_fetch_leaves_nothing_under_the_final_name(project, server):
    root = project("/stalls")
    code = f"from lab.data.fetch import fetch; fetch('prices', root={str(root)!r})"
    part = root / "data" / "benchmarks" / "prices" / ".part"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        deadline = time.monotonic() + 20
        while not list(part.glob("*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert contents(root) == [".part"]
    fetch("prices", root=project("/good"))
    assert contents(root) == ["BE.csv"]


def test_two_fetches_of_one_set_do_not_meet(project):
    root = project()
    folder = root / "data" / "benchmarks" / "prices"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"), pytest.raises(BusyError, match="Another fetch of prices"):
        fetch("prices", root=root)


def test_a_place_that_cannot_be_written_is_a_sentence(project):
    root = project()
    (root / "data" / "benchmarks").write_text("a file where a folder belongs")
    with pytest.raises(FetchError, match="data/benchmarks/prices cannot be written"):
        fetch("prices", root=root)


@pytest.mark.parametrize("name", ["nope", "../epf", "<b>", ""])
def test_an_unknown_set_is_refused_with_the_list(project, name):
    with pytest.raises(UsageError, match="Unknown benchmark set .* choose one of prices"):
        fetch(name, root=project())


FOLDER_FILE = gzip.compress(BODY, mtime=0)


@pytest.fixture
def delivered(tmp_path):
    """A folder as someone hands it over, and a project that knows one of its markets."""
    folder = tmp_path / "delivered" / "epf"
    folder.mkdir(parents=True)
    (folder / "BE.csv.gz").write_bytes(FOLDER_FILE)
    (folder / "NP.csv").write_bytes(OTHER)
    (folder / "published_forecasts_NP.csv").write_bytes(b"Date,Real price,DNN 1\n2016,1,2\n")
    (folder / "shopping.csv").write_bytes(b"what,how many\nmilk,2\n")
    (folder / "notes.txt").write_text("Date,Price\n")
    (folder / "folder.csv").mkdir()
    sha = hashlib.sha256(FOLDER_FILE).hexdigest()
    packed = {name: {"path": f"epf/{name}", "sha256": sha} for name in ("BE.csv.gz", "FR.csv.gz")}
    sets = {
        "epf": {"packed": packed, "open": True},
        "battery": {"packed": {"BE.csv.gz": packed["BE.csv.gz"], "other.npz": {"path": "other"}}},
    }
    return write_register(tmp_path / "project", sets), folder


@pytest.mark.parametrize("inner", [True, False], ids=["the folder above", "the folder itself"])
def test_every_market_in_the_folder_is_copied_known_or_not(delivered, inner):
    root, folder = delivered
    got = fetch("epf", from_dir=folder.parent if inner else folder, root=root)
    assert [path.name for path in got] == ["BE.csv.gz", "NP.csv", "published_forecasts_NP.csv"]
    assert contents(root, "epf") == ["BE.csv.gz", "NP.csv", "published_forecasts_NP.csv"]
    assert got[0].read_bytes() == FOLDER_FILE
    assert fetch("epf", from_dir=folder, root=root) == got


def test_a_listed_file_with_other_bytes_is_refused(delivered):
    root, folder = delivered
    (folder / "BE.csv.gz").write_bytes(gzip.compress(OTHER))
    with pytest.raises(FetchError, match=r"BE\.csv\.gz has the SHA-256 .* it was not kept"):
        fetch("epf", from_dir=folder, root=root)
    assert "BE.csv.gz" not in contents(root, "epf")


def test_a_cut_off_market_is_refused_before_anything_is_copied(delivered):
    root, folder = delivered
    (folder / "DE.csv.gz").write_bytes(FOLDER_FILE[:-10])
    with pytest.raises(FetchError, match=r"DE\.csv\.gz: the gzip stream is cut off"):
        fetch("epf", from_dir=folder, root=root)
    assert not (root / "data" / "benchmarks").exists()


def test_a_closed_set_needs_all_its_files(delivered):
    root, folder = delivered
    with pytest.raises(FetchError, match=r"lacks other\.npz of the set battery; nothing was"):
        fetch("battery", from_dir=folder, root=root)


def test_a_folder_without_any_market_is_refused(delivered, tmp_path):
    root, _ = delivered
    (tmp_path / "bare").mkdir()
    with pytest.raises(FetchError, match=r"bare lacks BE\.csv\.gz, FR\.csv\.gz of the set epf"):
        fetch("epf", from_dir=tmp_path / "bare", root=root)


@pytest.mark.parametrize("name", ["nothing", "delivered/epf/NP.csv"])
def test_from_must_be_a_folder(delivered, tmp_path, name):
    root, _ = delivered
    with pytest.raises(UsageError, match="--from must be a folder, got"):
        fetch("epf", from_dir=tmp_path / name, root=root)


def test_a_set_without_an_address_comes_only_from_a_folder(delivered):
    root, _ = delivered
    with pytest.raises(UsageError, match="only from a folder: lab fetch epf --from DIR"):
        fetch("epf", root=root)


def test_copying_a_set_onto_itself_changes_nothing(delivered):
    root, folder = delivered
    first = fetch("epf", from_dir=folder, root=root)
    assert fetch("epf", from_dir=first[0].parent, root=root) == first
    assert first[1].read_bytes() == OTHER
