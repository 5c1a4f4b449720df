"""The same work done with what people would otherwise use: one job per message."""
