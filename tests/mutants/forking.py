"""A function in a child process, within its limits of time and memory."""

import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep

_MEMORY = 6 * 2**30


def forked(
    run: Callable[[], int], seconds: float, meanwhile: Callable[[], object] = lambda: None
) -> int:
    """The exit code of `run` in a child; 1 where it raised, below 0 where it was ended.

    So it is after `seconds` of processor time, or ten times as long by the clock. `meanwhile` is
    called now and then, and once after the end.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setpgid(0, 0)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
            limit = int(seconds) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            code = run()
        finally:
            os._exit(code)
    until = monotonic() + 10 * seconds
    try:
        while monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            meanwhile()
            if ended:
                return os.waitstatus_to_exitcode(status)
            sleep(0.01)
        return -1
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # what it has started, too
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
