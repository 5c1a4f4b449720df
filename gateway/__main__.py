"""`python -m gateway` is `baotin`."""

from gateway.cli import main

main()
