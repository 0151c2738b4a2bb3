"""Checkpoints that are whole or not there: temporary file, fsync, rename, checksum."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

from pricegrad.distributed.errors import TornCheckpoint

_MAGIC = b"PGCK0001"
_HEAD = struct.Struct("<8sQ32s")


def save(path: str | Path, payload: bytes) -> None:
    """Write `payload` to `path` so that a reader finds the old content or the new, never a part of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with open(part, "wb") as out:
        out.write(_HEAD.pack(_MAGIC, len(payload), hashlib.sha256(payload).digest()))
        out.write(payload)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load(path: str | Path) -> bytes:
    """The payload of `path`. Raises `TornCheckpoint` for anything but a whole file written by `save`."""
    data = Path(path).read_bytes()
    if len(data) < _HEAD.size:
        raise TornCheckpoint(f"{path}: {len(data)} bytes are too few for a checkpoint")
    magic, length, digest = _HEAD.unpack_from(data)
    payload = data[_HEAD.size :]
    if magic != _MAGIC:
        raise TornCheckpoint(f"{path} is not a checkpoint of this program")
    if len(payload) != length:
        raise TornCheckpoint(f"{path} is torn: {len(payload)} of {length} bytes are there")
    if hashlib.sha256(payload).digest() != digest:
        raise TornCheckpoint(f"{path} was altered: its checksum does not fit its content")
    return payload
