"""Which shard a member is in: members hash to slots, slots belong to shards."""

from coursetrack.domain.values import as_id, as_int

SLOTS = 4096
"""How many slots there are unless told otherwise: room for shards to come and go."""

_BITS = 2**64 - 1


def slot_of(member_id: int, slots: int = SLOTS) -> int:
    """The slot of a member: the same in every process, on every platform, in every version.

    The id is mixed by the finaliser of SplitMix64, so that ids in a row, or all even, spread
    evenly. Never ``hash()``, whose result is Python's own affair.

    >>> slot_of(7), slot_of(8), slot_of(7, slots=2)
    (3860, 2536, 0)
    """
    if slots != SLOTS:
        as_int("slots", slots, low=1, high=2**32)
    mixed = as_id("member_id", member_id)
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _BITS
    return (mixed ^ (mixed >> 31)) % slots


def shard_of(member_id: int, shards: int) -> int:
    """The shard of a member, counted from 0, where each shard has a range of the slots.

    >>> [shard_of(member_id, 2) for member_id in (1, 2, 3, 4)]
    [0, 0, 1, 1]
    """
    return slot_of(member_id) * shards // SLOTS
