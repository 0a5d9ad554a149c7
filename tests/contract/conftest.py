"""The ports that read gathered items, over the store and over the desk's fakes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.stock import KINDS, Reading, elastic


@pytest.fixture(params=[*KINDS, pytest.param("elastic", marks=pytest.mark.elasticsearch)])
async def reading(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reading]:
    """Empty at first; a test lets come what it needs."""
    url = request.getfixturevalue("elasticsearch") if request.param == "elastic" else ""
    async with elastic(url) if url else KINDS[request.param](tmp_path) as made:
        yield made
