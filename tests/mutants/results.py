"""What was found out already, in a file: so a long run goes on where it stopped."""

import json
from hashlib import sha256
from pathlib import Path

from tests.mutants.operators import Mutant
from tests.mutants.parts import ROOT


class Results:
    """Mutant -> what killed it ("" where nothing did), as long as its module stays as it is."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, str] = {}
        if path is not None and path.exists():
            self._found = dict(map(json.loads, path.read_text().splitlines()))

    def get(self, mutant: Mutant) -> str | None:
        """What killed the mutant, or None where it was not tried."""
        return self._found.get(_key(mutant))

    def put(self, mutant: Mutant, killer: str) -> None:
        """Writes it down."""
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps([_key(mutant), killer]) + "\n")


def _key(mutant: Mutant) -> str:
    text = (ROOT / mutant.path).read_bytes()
    return f"{mutant} of {sha256(text).hexdigest()[:16]}"
