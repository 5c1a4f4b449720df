"""The RQ side: bells that wake workers, the worker itself, and the thread its event loop lives in.

RQ carries no message. A job says "lane X has something due"; what is due stands in the ledger.
"""
