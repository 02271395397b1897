"""Many notes: a local process pool now; other engines beside it, with the same items in and the same outcomes out."""

from __future__ import annotations

from notecheck.batch.local import check_all
from notecheck.batch.outcomes import Checked, Outcome

__all__ = ["Checked", "Outcome", "check_all"]
