"""Many notes: a local process pool now; other engines beside it, with the same items in and the same outcomes out."""

from __future__ import annotations

from notecheck.batch.local import Checked, Outcome, check_all

__all__ = ["Checked", "Outcome", "check_all"]
