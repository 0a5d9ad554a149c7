"""The sample day behind the desk's button: in a store of its own, on a port of its own, once."""

from pathlib import Path

import aiohttp

from embedded.demo.play import SampleDays
from process.places import Places


async def test_the_button_starts_one_sample_day_in_a_store_of_its_own(tmp_path: Path) -> None:
    places = Places(config=tmp_path / "config", data=tmp_path / "data")
    days = SampleDays(places)
    try:
        address = await days.start()
        assert await days.start() == address
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            assert response.status == 200
            assert "sample" in (await response.text()).lower()
        assert not places.store.exists()
        assert (places.data / "sample" / "ceasewire.db").exists()
    finally:
        await days.stop()


async def test_stop_without_a_day_does_nothing(tmp_path: Path) -> None:
    await SampleDays(Places(config=tmp_path / "config", data=tmp_path / "data")).stop()
