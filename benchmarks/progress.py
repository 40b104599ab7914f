"""The progress bar of every benchmark."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def progress_bar(console: Console, *, width: int = 0) -> Progress:
    """A bar that says what goes on, in a column of `width`, how far it is and for how long."""
    return Progress(
        TextColumn(f"{{task.description:{width or ''}}}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
