"""Timing p2pvpn beside other ways through the same link; `bench/run` is the command."""
