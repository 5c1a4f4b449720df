"""Words to sound, by espeak-ng where it is installed: to check a reading, not to call citizens."""

import asyncio
import struct
from asyncio.subprocess import DEVNULL, PIPE

from gateway.errors import VoiceUnavailable

_PROGRAM = "espeak-ng"
_ARGUMENTS = ("-v", "vi", "-s", "140", "--stdin", "--stdout")
_LONGEST = 4000  # characters; about five minutes
_HEADER_BYTES = 44
_MISSING = (
    "espeak-ng is not installed, so there is no voice to speak with;"
    " on Debian and Ubuntu: apt-get install espeak-ng"
)


async def wav_of(spoken: str, *, time_limit_s: float = 15.0) -> bytes:
    """`spoken`, which holds words only, as a WAV file. Raises VoiceUnavailable.

    The text goes through standard input: a list of processes does not show it.
    """
    if not spoken.strip():
        raise VoiceUnavailable("there is nothing to say")
    if len(spoken) > _LONGEST:
        raise VoiceUnavailable(f"a text of more than {_LONGEST} characters is not spoken")
    process = await _started()
    try:
        async with asyncio.timeout(time_limit_s):
            sound, _ = await process.communicate(spoken.encode())
    except TimeoutError:
        raise VoiceUnavailable(f"espeak-ng took longer than {time_limit_s:g} s") from None
    finally:
        await _ended(process)
    if process.returncode or len(sound) < _HEADER_BYTES:
        raise VoiceUnavailable("espeak-ng failed; does it have its Vietnamese voice?")
    return _with_its_length(sound)


async def _started() -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            _PROGRAM, *_ARGUMENTS, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        raise VoiceUnavailable(_MISSING) from None


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _with_its_length(sound: bytes) -> bytes:
    """A program that writes into a pipe cannot know the length when it writes the header."""
    riff, data = struct.pack("<I", len(sound) - 8), struct.pack("<I", len(sound) - _HEADER_BYTES)
    return sound[:4] + riff + sound[8:40] + data + sound[_HEADER_BYTES:]
