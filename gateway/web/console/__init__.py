"""The console of a centre's staff: pages made on the server, for whoever may see them.

`routes.py` is the one table of pages with the permission each needs; `guard.py` stands before every
one of them; `visit.py` is what a page finds out about its visitor and answers with.
"""

from gateway.web.console.app import build_console, go_in
from gateway.web.console.parts import CONSOLE, Console, Look

__all__ = ["CONSOLE", "Console", "Look", "build_console", "go_in"]
