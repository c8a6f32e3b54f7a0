"""A real Chromium for the browser tests: the system's own, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from typing import NoReturn

import pytest

# Every one silences something that would otherwise talk to the network or ask a question.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "No browser found: install one (Debian: `apt-get install chromium`) "
    "or name its path in LAB_BROWSER, then run the browser tests again."
)


def find_browser() -> str | None:
    """Return the path of the browser: LAB_BROWSER, else the first known name on PATH."""
    named = os.environ.get("LAB_BROWSER")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def give_up(sentence: str) -> NoReturn:
    """Skip with `sentence`, or fail with it where a browser is required (CI)."""
    if os.environ.get("LAB_REQUIRE_BROWSER") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The executable of the system's browser."""
    return find_browser() or give_up(ADVICE)


# One browser per module, not per session: while Playwright is started its event loop counts
# as running in this thread, and tests elsewhere that execute a notebook here would fail.
@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator:
    """A headless browser (`playwright.sync_api.Browser`); open pages with `new_page()`."""
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, headless=True, args=list(ARGUMENTS)
        )
        yield started
        started.close()


@pytest.fixture
def page(browser) -> Iterator:
    """A fresh page in a context of its own, closed after the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
