"""A `Payload` as one HTML file: template, style, scripts and data in a single string, no request anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib.resources import files
from pathlib import Path

from pricegrad.report.page.payload import Payload

SCRIPTS = (
    "base.js", "colour.js", "graph.js", "layout.js", "origin.js", "flow.js", "detail.js", "ladder.js",
    "certificate.js", "path.js", "comparison.js", "tables.js", "main.js",
)  # fmt: skip


def render(payload: Payload) -> str:
    """The page as text. Its content policy lets run only the scripts written here, known by their hash."""
    scripts = [_asset("d3.min.js"), "\n".join(_asset(name) for name in SCRIPTS)]
    parts = {
        "title": html.escape(payload.title),
        "policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src {' '.join(_hash(script) for script in scripts)}",
        "style": _asset("page.css"),
        "payload": payload.to_json(),
        "d3": scripts[0],
        "script": scripts[1],
    }
    before, *pieces = _asset("page.html").split("{{")
    for piece in pieces:
        name, after = piece.split("}}", 1)
        before += parts[name] + after
    return before


def write(payload: Payload, path: str | Path) -> Path:
    """Write the page to `path` and return it. The folder must exist."""
    target = Path(path)
    target.write_text(render(payload), encoding="utf-8")
    return target


def _asset(name: str) -> str:
    return files("pricegrad.report.page").joinpath("assets", name).read_text("utf-8")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
