"""One headless Chromium for all tests of the page; without it they are skipped, and the reason says so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricegrad.report.page import Payload, write

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """The browser."""
    where = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if where is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, tmp_path: Path) -> Iterator:
    """`visit(payload, ...)` opens its page offline; console messages, errors and requests fail the test."""
    contexts, trouble = [], []

    def opened(payload: Payload, **options: object):
        path = write(payload, tmp_path / "report.html")
        options.setdefault("viewport", {"width": 1280, "height": 900})
        contexts.append(chromium.new_context(offline=True, accept_downloads=True, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: _note(request.url, path, trouble))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


def _note(url: str, path: Path, trouble: list[str]) -> None:
    if url != path.as_uri() and not url.startswith(("data:", "blob:")):
        trouble.append(f"request to {url}")
