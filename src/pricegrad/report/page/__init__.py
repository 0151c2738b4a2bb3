"""The report as one self-contained HTML page."""

from pricegrad.report.page.choose import page, report
from pricegrad.report.page.payload import Payload
from pricegrad.report.page.render import render, write

__all__ = ["Payload", "page", "render", "report", "write"]
