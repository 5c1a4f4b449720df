"""Reading an uploaded file without holding up or endangering the process that was given it."""

import asyncio
import os
import sys

import orjson

from gateway.intake.hand_file import NotATable, Table, is_workbook, read_table
from gateway.intake.hand_rows import head_of

_READER = "gateway.intake.hand_file_apart"
_PATIENCE_S = 30.0
# It needs none of our secrets.
_OURS = "BAOTIN_"


async def read_file(content: bytes) -> Table:
    """Raises NotATable."""
    if not is_workbook(content):
        return await asyncio.to_thread(read_table, content, head_of)
    answer = orjson.loads(await _read_apart(content))
    if "word" in answer:
        raise NotATable(answer["word"])
    return Table(**answer)


async def _read_apart(content: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _READER),
        env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            told, _ = await process.communicate(content)
    except TimeoutError:
        raise NotATable("too_large") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise NotATable("too_large")
    return told
