"""What it takes to read a call aloud at this site."""

from dataclasses import dataclass, field

from gateway.domain.call import NO_PROMPTS, Prompts
from gateway.domain.speech import READER, Reader


@dataclass(frozen=True, kw_only=True, eq=False)
class Aloud:
    """How a site reads calls aloud, and what it has recorded. Told apart by identity: one for each
    process."""

    reader: Reader = READER
    prompts: Prompts = field(default_factory=lambda: NO_PROMPTS)


PLAINLY = Aloud()
