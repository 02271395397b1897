"""The fixtures of this folder's tests."""

from e2e.browser import browser, page

__all__ = ["browser", "page"]
