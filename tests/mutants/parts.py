"""The floors as the mutation test sees them: their modules, and the tests of the part itself."""

from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]


@attrs.frozen
class Part:
    """A floor: its sources, the tests that are its own, and how many mutants they must kill."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]

    def paths(self) -> list[str]:
        """The modules, by path from the root."""
        found = [each for pattern in self.sources for each in ROOT.glob(pattern)]
        return sorted(each.relative_to(ROOT).as_posix() for each in found if _has_code(each))

    def own_tests(self, path: str) -> list[str]:
        """The test file of one module where it has one, else the tests of the part."""
        beside = [f"{folder}/test_{Path(path).stem}.py" for folder in self.tests]
        return [each for each in beside if (ROOT / each).is_file()] or self.all_tests()

    def all_tests(self) -> list[str]:
        """The tests of the part that are there."""
        return [each for each in self.tests if (ROOT / each).exists()]


def _has_code(path: Path) -> bool:
    return path.name != "__init__.py"


PARTS = {
    part.name: part
    for part in (
        Part("domain", ("coursetrack/domain/**/*.py", "coursetrack/errors.py"), ("tests/domain",)),
        Part("listing", ("coursetrack/listing/**/*.py",), ("tests/listing",)),
        Part("knowledge", ("coursetrack/knowledge/**/*.py",), ("tests/knowledge", "tests/tracker")),
        Part("endpoint", ("coursetrack/endpoint/**/*.py",), ("tests/endpoint",)),
        Part("tracker", ("coursetrack/*.py",), ("tests/tracker",)),
        Part("sharding", ("coursetrack/sharding/**/*.py",), ("tests/sharding",)),
        Part("simulation", ("coursetrack/simulation/**/*.py",), ("tests/simulation",)),
    )
}
"""By name, from the ground up."""
