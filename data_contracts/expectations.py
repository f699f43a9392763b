"""Great Expectations on a table's profile: the suite is made from the contract, the batch is one row."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from data_contracts.contract import Contract
from data_contracts.rules import check_names


@dataclass(frozen=True)
class Verdict:
    """Outcome of one rule: how many rows break it. Counts only, never a value."""

    rule: str
    description: str
    passed: bool
    broken: int


@cache
def _great_expectations() -> Any:
    # Importing takes seconds of CPU and asks a server unless told not to, so it happens on first use.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations

        return great_expectations


@cache
def _batch_definition() -> Any:
    context = _great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("profiles").add_dataframe_asset("profile")
    return asset.add_batch_definition_whole_dataframe("row")


def suite(rules: Sequence[str]) -> Any:
    """Build the expectation suite of a table over its one-row profile: no row breaks any of the rules."""
    gx = _great_expectations()
    expectations = [
        gx.expectations.ExpectColumnMaxToBeBetween(column=name, max_value=0, meta={"rule": name}) for name in rules
    ]
    return gx.ExpectationSuite(name="profile", expectations=expectations)


@lru_cache(maxsize=1024)
def _passed(rules: tuple[str, ...], broken: tuple[int, ...]) -> dict[str, bool]:
    """Validate one profile row; the same counts always come to the same, so they are validated once a process."""
    import pandas

    batch = _batch_definition().get_batch({"dataframe": pandas.DataFrame([dict(zip(rules, broken, strict=True))])})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = batch.validate(suite(rules), result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    return {r.expectation_config.meta["rule"]: bool(r.success) for r in result.results}


def judge(contract: Contract, profile: dict[str, Any]) -> list[Verdict]:
    """Run the contract's suite on its profile row {row_count, <rule>: breaches} and return a verdict per rule."""
    described = dict(check_names(contract))
    broken = tuple(int(profile[rule]) for rule in described)
    passed = _passed(tuple(described), broken)
    return [Verdict(n, text, passed[n], count) for (n, text), count in zip(described.items(), broken, strict=True)]
