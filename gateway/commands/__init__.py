"""The commands. Each reads its arguments, calls one function and prints; no rule lives here.

What a command calls is imported when it runs, so that no process loads what it does not need.
"""
