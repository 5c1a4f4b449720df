"""Counting what sources post in vain, so that somebody is told whose system sends errors.

Nothing of what was posted is kept but the place of the first field that was wrong. Refusing waits
for nobody: it is counted in memory, and every few seconds what was counted is added to the ledger.
A process that is killed loses the count of those seconds.
"""

import asyncio
from collections.abc import Iterator

import structlog

from gateway.errors import LedgerUnavailable
from gateway.intake.problems import FieldProblem, ProblemCode, Refusal, pointer_to
from gateway.intake.spelling import field_names
from gateway.ledger import refused_posts
from gateway.ledger.database import Database
from gateway.ledger.refused_posts import Kind, Times

log = structlog.get_logger()

_EVERY_S = 5.0
_LONGEST_POINTER = 200
# Of these, and of a header that cannot be read, the place is called as the source calls it, which
# may be anything.
_IN_THEIR_WORDS = frozenset({ProblemCode.MISSPELT, ProblemCode.UNSTORABLE})


class RefusedPosts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: dict[Kind, Times] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, source: str, refusal: Refusal) -> None:
        """One post, or one event of several. `source` is empty for whoever is none of ours."""
        first = refusal.errors[0] if refusal.errors else None
        kind = Kind(
            source=source,
            code=str(refusal.code),
            field=str(first.code) if first and first.code != refusal.code else "",
        )
        before = self._counted.get(kind, Times(times=0))
        pointer = _in_our_words(refusal, first) if first else ""
        self._counted[kind] = Times(times=before.times + 1, pointer=pointer or before.pointer)

    async def write(self) -> None:
        """Add what was counted to the ledger. Kept for the next time while the ledger is away."""
        counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            async with self._database.connection() as connection:
                await refused_posts.add(connection, counted)
        except LedgerUnavailable:
            for kind, one in counted.items():
                newer = self._counted.get(kind, Times(times=0))
                self._counted[kind] = Times(
                    times=one.times + newer.times, pointer=newer.pointer or one.pointer
                )

    def follow(self) -> None:
        """From now on, write every few seconds."""
        self._task = asyncio.create_task(self._keep_writing())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.write()

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.write()
            except Exception as error:
                log.exception("refused_posts_not_counted", error=type(error).__name__)


def _in_our_words(refusal: Refusal, first: FieldProblem) -> str:
    is_header = refusal.code == ProblemCode.NOT_A_CLOUDEVENT
    is_theirs = first.code in _IN_THEIR_WORDS or (
        is_header and first.code == ProblemCode.WRONG_FORMAT
    )
    pointer = pointer_to(*_known(first.pointer)) if is_theirs else first.pointer
    return pointer[:_LONGEST_POINTER]


def _known(pointer: str) -> Iterator[str]:
    """The steps of it up to the first that the contract does not know."""
    for step in pointer.split("/")[1:]:
        if step not in field_names() and not (step.isdecimal() and len(step) < 4):
            return
        yield step
