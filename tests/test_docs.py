"""The documentation: every block runs and prints what the page says, links lead somewhere."""

import inspect
import re
import tomllib
from pathlib import Path

import pytest

import pricegrad as pg
from tests.blocks import run_page
from tests.printed import same

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


def names(pages):
    return [str(page.relative_to(ROOT / "docs")) for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_block_runs_and_prints_what_the_page_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for said, printed in run_page(page):
        same(printed, said)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=[*names(PAGES), "README.md"])
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)):
        file, _, anchor = target.partition("#")
        if target.startswith(("http:", "https:")):
            continue
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(there), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_menu_and_every_entry_is_a_page():
    nav = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]

    def entries(nodes):
        for node in nodes:
            for inner in node.values():
                yield from [inner] if isinstance(inner, str) else entries(inner)

    assert sorted(entries(nav)) == sorted(names(PAGES))


def test_every_public_name_is_explained():
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    for name in pg.__all__:
        assert f"::: pricegrad.{name}\n" in reference, name
        assert inspect.getdoc(getattr(pg, name)), name
