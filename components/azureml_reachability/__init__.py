"""Packets as sets: what a network lets through, decided for every possible packet."""
