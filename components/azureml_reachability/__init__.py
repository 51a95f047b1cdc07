"""Packets as sets."""
