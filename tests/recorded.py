"""Recorded prompts for tests: a folder with a manifest and short sounds."""

import struct
from pathlib import Path


def wav(seconds: float = 0.5, *, tone: int = 0, coding: int = 1, bits: int = 16) -> bytes:
    """8000 Hz, one channel; `tone` makes contents differ, `coding` 7 is the telephone's µ-law."""
    per_s = 8000 * bits // 8
    data = bytes([tone]) * int(per_s * seconds)
    form = struct.pack("<HHIIHH", coding, 1, 8000, per_s, bits // 8, bits)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def mp3(seconds: float = 1.0, *, tag: bytes = b"") -> bytes:
    """MPEG 1 layer III, 64 kbit/s."""
    frames = b"\xff\xfb\x50\xc4" + bytes(int(seconds * 8000) - 4)
    return b"ID3\x04\x00\x00" + struct.pack(">I", len(tag)) + tag + frames if tag else frames


def record(folder: Path, manifest: str, **sounds: bytes) -> Path:
    """Write a site's folder; `sounds` are kept as `km/NAME.wav`."""
    (folder / "km").mkdir(parents=True)
    (folder / "prompts.toml").write_text(manifest, encoding="utf-8")
    for name, content in sounds.items():
        (folder / "km" / f"{name}.wav").write_bytes(content)
    return folder
