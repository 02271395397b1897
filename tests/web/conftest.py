from collections.abc import Iterator

import httpx
import pytest
from web.serving import serving

from notecheck.web.settings import Settings


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of one server that all tests may use."""
    with serving(Settings(workers=1)) as address:
        yield address


@pytest.fixture
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=60) as c:
        yield c
