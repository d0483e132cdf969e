"""Servers that do the same job in another way: `python -m tests.bench.peers.NAME PORT [SOCKET PREFIX SUFFIX]`."""
