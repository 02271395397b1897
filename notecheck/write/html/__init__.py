"""Pages for a browser: the audit's own (`write`), and what they share with the web page: `environment`, `view`, `_report.html` and STATIC.

A page shows one report with `{% include "_report.html" %}`, given `view=view(note, report, elements)`, and links `style.css` and `report.js`.
The script works by delegation on the document, so that a fragment put in later needs no call.
"""

from __future__ import annotations

from notecheck.write.html.environment import STATIC, environment
from notecheck.write.html.site import write
from notecheck.write.html.view import view

__all__ = ["STATIC", "environment", "view", "write"]
