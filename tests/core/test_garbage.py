"""The collector of cycles is held back for a while, and only for that."""

import gc

import pytest

from ceasewire.garbage import uncollected


def test_it_is_held_back_and_let_go_again() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_one_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
