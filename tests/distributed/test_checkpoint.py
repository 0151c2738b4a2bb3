"""A checkpoint is whole or it is refused."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricegrad.distributed import TornCheckpoint, checkpoint


def test_comes_back_and_leaves_nothing_beside_it(tmp_path):
    checkpoint.save(tmp_path / "new" / "c", b"one")
    checkpoint.save(tmp_path / "new" / "c", b"two" * 1000)
    assert checkpoint.load(tmp_path / "new" / "c") == b"two" * 1000
    assert os.listdir(tmp_path / "new") == ["c"]


@settings(max_examples=30)
@given(payload=st.binary(min_size=1, max_size=200), data=st.data())
def test_any_cut_or_changed_byte_is_detected(tmp_path_factory, payload, data):
    file = tmp_path_factory.mktemp("c") / "c"
    checkpoint.save(file, payload)
    whole = file.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    file.write_bytes(whole[:cut])
    with pytest.raises(TornCheckpoint):
        checkpoint.load(file)
    changed = bytearray(whole)
    changed[cut] ^= 0xFF
    file.write_bytes(bytes(changed))
    with pytest.raises(TornCheckpoint):
        checkpoint.load(file)


def test_a_crash_while_writing_leaves_the_old_one(tmp_path, monkeypatch):
    checkpoint.save(tmp_path / "c", b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
    with pytest.raises(OSError, match="power cut"):
        checkpoint.save(tmp_path / "c", b"new")
    assert checkpoint.load(tmp_path / "c") == b"old"
