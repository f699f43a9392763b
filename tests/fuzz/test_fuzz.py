"""The fuzzer's targets: their seeds always, and the fuzzer itself for a bounded number of runs."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import SEEDS, TARGETS

ROOT = Path(__file__).parents[2]
RUNS = {"delimited": 2_000, "note": 20_000, "workbook": 1_000}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds_and_their_halves(name: str):
    for seed in SEEDS[name]:
        for cut in (seed, seed[: len(seed) // 2], seed + b"\xff", b""):
            TARGETS[name](cut)


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not there for this Python")
@pytest.mark.parametrize("name", TARGETS)
def test_the_fuzzer_finds_nothing(name: str, tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "tests.fuzz",
        name,
        f"-runs={RUNS[name]}",
        "-seed=1",
        "-timeout=60",
        "-rss_limit_mb=2048",
    ]
    told = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    assert f"Done {RUNS[name]} runs" in told.stderr
