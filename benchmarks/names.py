"""Made-up full names: pronounceable, some with accents, some shared by several people."""

from collections.abc import Iterator
from random import Random

_STARTS = ("Al", "Bea", "Chi", "Dmi", "El", "Fé", "Gra", "Ho", "In", "Jö", "Ka", "Lu", "Mi", "No")
_ENDS = ("an", "bel", "co", "da", "en", "fia", "gor", "ha", "la", "mir", "na", "ra", "ssa", "za")
_FAMILIES = ("Ander", "Berg", "Čer", "Dahl", "Eck", "Fitz", "Grün", "Hop", "Iva", "Kest", "Love")
_TAILS = ("berg", "croft", "dal", "feld", "ham", "kov", "lace", "man", "ov", "sen", "ström", "ton")


def full_names(count: int, random: Random) -> Iterator[str]:
    """So many full names, drawn from some 26,000 different ones."""
    for _ in range(count):
        first = random.choice(_STARTS) + random.choice(_ENDS)
        family = random.choice(_FAMILIES) + random.choice(_TAILS)
        yield f"{first} {family}"
