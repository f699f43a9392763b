"""A process that has everything loaded and forks a child for each task: a run costs seconds, not a cold start.

It reads one JSON task a line and answers with one JSON line: how the child ended. No DuckDB file is ever opened here,
so that no thread or lock is lost in the fork. Killing is always SIGKILL: from outside after so many CPU seconds of work
(they do not depend on how busy the machine is), or by the child itself at a boundary (tests/faults/boundary.py).
"""

import ctypes
import gc
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_CAPABILITY_VERSION = 0x20080522
_OVERRIDE = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def preload() -> None:
    """Import what a run imports, and resolve the job."""
    import duckdb  # noqa: F401
    import great_expectations  # noqa: F401
    import pyarrow  # noqa: F401
    import pyrage  # noqa: F401
    import sklearn.linear_model
    import sklearn.pipeline  # noqa: F401
    from dagster._core.storage.event_log.in_memory import InMemoryEventLogStorage

    from pipelines.definitions import defs
    from tests.assets import kit  # noqa: F401
    from tests.faults import boundary  # noqa: F401

    defs.resolve_job_def("weekly")
    _judge_clean_tables()
    # The events of a run stay in memory and reach no file; keeping them takes a third of a small run's time.
    InMemoryEventLogStorage.store_event = lambda *event: None  # type: ignore[method-assign]
    gc.collect()
    gc.freeze()


def _judge_clean_tables() -> None:
    """Validate the profile of every table that keeps its contract: the children find the verdicts made."""
    from data_contracts.contract import keys, load
    from data_contracts.expectations import judge
    from data_contracts.intake import accepted
    from data_contracts.rules import check_names

    for key in (key for layer in ("raw", "core", "risk", "listed", "published") for key in keys(layer)):
        contract = accepted(load(key)) if load(key).layer == "raw" else load(key)
        judge(contract, dict.fromkeys((name for name, _ in check_names(contract)), 0))


def _work(task: dict[str, Any]) -> int:
    """Do the task in the child and return its exit code."""
    from tests.faults import boundary

    if task.get("limit_bytes"):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (task["limit_bytes"], task["limit_bytes"]))
    watch = boundary.Watch(Path(task["home"]), task.get("kill_at"), task.get("trace"))
    if task.get("kill_at") is not None or task.get("trace"):
        watch.install()
    if task.get("without_privilege"):
        give_up_privilege()
    try:
        return _DO[task["kind"]](task)
    except SystemExit as ended:
        return int(ended.code or 0)


def give_up_privilege() -> None:
    """Let permissions bind this process even if it is root's: drop the right to override them."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for place in (0, 1):  # effective and permitted, of the first 32 rights
        sets[place] &= ~_OVERRIDE
    assert libc.capset(header, sets) == 0


def _take_in(task: dict[str, Any]) -> int:
    """Run the raw layer alone."""
    from assets.home import Home
    from pipelines.errors import told_plainly
    from pipelines.settings import settings
    from pipelines.weekly import only_run
    from tests.assets.kit import Country

    home = Home(Path(task["home"]), settings().secrets)
    with told_plainly(), only_run(home):
        Country(home).take_in()
    return 0


def _command(task: dict[str, Any]) -> int:
    """Run a command as its user does."""
    from pipelines.cli import main

    sys.argv = ["pumpurs", *task["words"]]
    main()
    return 0


def _launch(task: dict[str, Any]) -> int:
    """Run the job as the Dagster UI launches it."""
    import dagster as dg

    from pipelines.settings import settings

    os.environ["PUMPURS_HOME"] = task["home"]
    settings.cache_clear()
    from pipelines.definitions import defs

    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def("weekly")
        return 0 if job.execute_in_process(instance=instance, raise_on_error=True).success else 1


_DO = {"intake": _take_in, "command": _command, "launch": _launch}


def _child(task: dict[str, Any]) -> None:
    code = 99
    try:
        for stream, number in (("out", 1), ("err", 2)):
            file = os.open(f"{task['answers']}.{stream}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
            os.dup2(file, number)
        code = _work(task)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _cpu(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    return time.clock_gettime((~pid << 3) | 2)


def _wait(pid: int, kill_after: float | None) -> int:
    """Wait for the child's end; kill it when it has worked for so many CPU seconds."""
    begun = _cpu(pid)
    while kill_after is not None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
        if _cpu(pid) - begun >= kill_after:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.001)
    return os.waitpid(pid, 0)[1]


def perform(task: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for the task, wait, and tell how it ended."""
    before = os.times()
    pid = os.fork()
    if not pid:
        _child(task)
    status = _wait(pid, task.get("kill_after"))
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"code": os.waitstatus_to_exitcode(status), "cpu": cpu}


def main() -> None:
    """Serve tasks until the input ends."""
    preload()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(perform(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
