"""What a read costs after each kind of write: the command runs, and tells of each pair."""

from rich.console import Console

from benchmarks import shapes


def test_each_write_is_followed_by_each_read() -> None:
    world = shapes.World(300, 2)
    found = shapes.measure(world, 2)
    reads = ["itself", *world.reads()]
    assert [*found] == [(write, read) for write in shapes.WRITES for read in reads]
    assert all(len(times) == 2 for times in found.values())
    world.store.check()


def test_medians_worst_rounds_and_growth_are_shown() -> None:
    table = shapes.shown([10, 100], [{("a", "b"): [1, 2, 9]}, {("a", "b"): [3, 5, 4]}])
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    told = captured.get()
    assert "2 (9)" in told
    assert "4 (5)" in told
    assert "2.0" in told
