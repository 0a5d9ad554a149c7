"""The ports that read gathered items, over the store and over the desk's fakes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.stock import KINDS, Reading


@pytest.fixture(params=list(KINDS))
async def reading(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reading]:
    """Empty at first; a test lets come what it needs."""
    async with KINDS[request.param](tmp_path) as made:
        yield made
