"""`python -m tests.fuzz TARGET [-runs=N -seed=N …]`: coverage-guided fuzzing of a reader; options are libFuzzer's."""

import shutil
import sys

import atheris

with atheris.instrument_imports(include=["assets", "models", "data_contracts"]):
    from tests.fuzz.targets import SEEDS, TARGETS, folder


def main() -> None:
    """Fuzz one target from its seeds; an input that breaks it is told, and the process ends with an error."""
    name = sys.argv.pop(1)
    corpus = folder() / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup([*sys.argv, str(corpus)], TARGETS[name])
    try:
        atheris.Fuzz()
    finally:
        shutil.rmtree(folder(), ignore_errors=True)


main()
