"""The keys of a phone while a call waits for them, one after the other."""

import asyncio

KEYS = "0123456789*#"


class Keypad:
    """Takes keys until there are `most` of them (None: any number) or `ends_with` was pressed. That
    one belongs to `pressed`, but not to `digits`."""

    def __init__(self, most: int | None = 1, ends_with: str = "") -> None:
        self.most = most
        self.ends_with = ends_with
        self.pressed = ""
        self.digits = ""
        self.complete = False
        self._news = asyncio.Event()

    @property
    def several(self) -> bool:
        return self.most != 1

    def press(self, key: str) -> None:
        if self.complete:
            return
        self.pressed += key
        self.digits += "" if key == self.ends_with else key
        self.complete = key == self.ends_with or len(self.digits) == self.most
        self._news.set()

    async def touched(self, within_s: float) -> bool:
        """Whether any key has been pressed; waits for the first one."""
        if not self.pressed and await self.another(within_s):
            self._news.set()
        return bool(self.pressed)

    async def another(self, within_s: float) -> bool:
        """Whether a key is pressed in this time, or was since this was asked last."""
        try:
            await asyncio.wait_for(self._news.wait(), within_s)
        except TimeoutError:
            return False
        self._news.clear()
        return True
