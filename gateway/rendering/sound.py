"""What a recording is: WAV or MP3, and how long. Only its head is looked at, nothing is decoded.

Source: the RIFF/WAVE chunks (fmt, data); ISO 11172-3 and 13818-3, layer III frame headers.
"""

from dataclasses import dataclass
from struct import unpack_from

# kbit/s by the index in the header of a frame: MPEG 1, and MPEG 2 with 2.5.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_1, _NO_VERSION, _LAYER_3, _NO_FREQUENCY = 3, 1, 1, 3


class NotASound(ValueError):
    """Neither WAV nor MP3."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """`length_s` of an MP3 is exact where its bit rate is constant."""

    extension: str
    length_s: float


def read_sound(content: bytes) -> Sound:
    """Raises NotASound."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Sound(extension="wav", length_s=_wav_s(content))
    return Sound(extension="mp3", length_s=_mp3_s(content[_tag_length(content) :]))


def _wav_s(content: bytes) -> float:
    """Any coding that says how many bytes a second has, telephone's µ-law among them."""
    per_s, place = 0, 12
    while place + 8 <= len(content):
        name, length = content[place : place + 4], unpack_from("<I", content, place + 4)[0]
        here = content[place + 8 : place + 8 + length]
        if name == b"fmt " and len(here) >= 16:
            per_s = unpack_from("<I", here, 8)[0]
        if name == b"data" and here and per_s:
            return len(here) / float(per_s)
        place += 8 + length + length % 2
    raise NotASound


def _mp3_s(frames: bytes) -> float:
    if len(frames) < 4 or frames[0] != 0xFF or frames[1] & 0xE0 != 0xE0:
        raise NotASound
    version, layer = frames[1] >> 3 & 3, frames[1] >> 1 & 3
    rate, frequency = frames[2] >> 4, frames[2] >> 2 & 3
    if version == _NO_VERSION or layer != _LAYER_3 or frequency == _NO_FREQUENCY:
        raise NotASound
    if not 0 < rate < len(_RATES_1):
        raise NotASound
    kbit_per_s = (_RATES_1 if version == _MPEG_1 else _RATES_2)[rate]
    return len(frames) * 8 / (kbit_per_s * 1000)


def _tag_length(content: bytes) -> int:
    """Of what stands before the first frame (ID3v2), whose length is written in sevens of bits."""
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    length = 0
    for seven in content[6:10]:
        length = length << 7 | seven & 0x7F
    return 10 + length
