"""Chance by key: a draw depends on what it is for, and on nothing that was drawn before.

Two runs that differ in the course therefore meet the same chance wherever they do the same (common
random numbers), shards agree without talking, and the order of members does not matter.
"""

from hashlib import blake2b
from struct import Struct
from typing import NamedTuple

from coursetrack.domain.values import as_int
from coursetrack.errors import InvalidValue

_KEY = Struct("<qqq").pack
_WORDS = Struct("<8I").unpack
_to_unit = (1.0 / 4294967296.0).__mul__  # a call in C is half as dear as a loop in Python
_PERSON = b"coursetrack/draw"
_LARGEST = 2**63 - 1


class Uniforms(NamedTuple):
    """Eight numbers from 0 (included) to 1 (excluded), one for each purpose; multiples of 2**-32.

    What the shipped behaviours use each for is its name; a behaviour of your own may use them as
    it likes, as long as it uses each for one thing.
    """

    stop: float
    skip: float
    leap: float
    press: float
    gap: float
    pause: float
    delay: float
    extra: float


_made = tuple.__new__  # Uniforms._make without looking at the length, which is certain


class Draws:
    """The chance of one replication: ``draws(member_id, lesson_id, round)`` gives its uniforms.

    A keyed BLAKE2b of (seed, replication, member, lesson, round), so the same on every platform,
    Python and hash seed. `lesson_id` 0 is the member alone, negative ones are free for other
    things. O(1), some 2 us.
    """

    __slots__ = ("_base", "replication", "seed")

    def __init__(self, seed: int = 0, replication: int = 0) -> None:
        self.seed: int = as_int("seed", seed, low=-(2**63), high=_LARGEST)
        self.replication: int = as_int("replication", replication, low=0, high=_LARGEST)
        key = f"{self.seed}/{self.replication}".encode()
        self._base = blake2b(key=key, digest_size=32, person=_PERSON)

    def __call__(self, member_id: int, lesson_id: int = 0, round: int = 0) -> Uniforms:
        """The uniforms of this member, lesson and round."""
        hashed = self._base.copy()
        hashed.update(_KEY(member_id, lesson_id, round))
        return _made(Uniforms, map(_to_unit, _WORDS(hashed.digest())))

    def __repr__(self) -> str:
        """What it was made of."""
        return f"Draws(seed={self.seed}, replication={self.replication})"

    def __eq__(self, other: object) -> bool:
        """Whether `other` draws the same."""
        if not isinstance(other, Draws):
            return NotImplemented
        return (self.seed, self.replication) == (other.seed, other.replication)

    def __hash__(self) -> int:
        """Agrees with equality."""
        return hash((self.seed, self.replication))


def as_draws(value: object) -> Draws:
    """`value`, which is a Draws."""
    if isinstance(value, Draws):
        return value
    raise InvalidValue.of("draws", value, "a Draws(seed, replication)")
