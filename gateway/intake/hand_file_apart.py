"""The program that reads a workbook in a process of its own: the file on standard input, the table
or the word for what is wrong with it as JSON on standard output.

A workbook of a few kilobytes can ask its reader for hours or for all memory there is. Here it gets
so much of either and no more.
"""

import resource
import sys
from dataclasses import asdict

import orjson

from gateway.intake.hand_file import NotATable, read_table
from gateway.intake.hand_rows import head_of

_CPU_S = 15
_MEMORY_BYTES = 1_000_000_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    try:
        table = read_table(sys.stdin.buffer.read(), head_of)
    except NotATable as refused:
        answer: dict[str, object] = {"word": refused.word}
    else:
        answer = asdict(table)
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()
