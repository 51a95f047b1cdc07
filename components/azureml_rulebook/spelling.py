"""Suggestions for misspelt words, so that an error can name what was meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to ``word``, without regard to case, or None."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what to add to an error about an unknown ``word``.

    The nearest known word if one is close, else all of them: ``did you mean 'blob'?``
    or ``known: 'blob', 'file'``.
    """
    candidates = sorted(known)
    match = nearest(word, candidates)
    if match is not None:
        return f"did you mean '{match}'?"
    return "known: " + ", ".join(f"'{candidate}'" for candidate in candidates)
