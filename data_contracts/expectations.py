"""Great Expectations on a table's profile: the batch has a row for each rule of the contract, and no value."""

import os
import warnings
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
    return asset.add_batch_definition_whole_dataframe("rules")


def expectation() -> Any:
    """Expect of a profile {rule, broken} that no rule is broken by any row."""
    return _great_expectations().expectations.ExpectColumnValuesToBeBetween(column="broken", max_value=0)


@lru_cache(maxsize=1024)
def _failed(rules: tuple[str, ...], broken: tuple[int, ...]) -> frozenset[str]:
    """Validate a profile; the same counts always come to the same, so they are validated once a process."""
    import pandas

    batch = _batch_definition().get_batch({"dataframe": pandas.DataFrame({"rule": rules, "broken": broken})})
    # One expectation names all rules that fail: one for each rule would cost as much as many small tables do.
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": ["rule"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = batch.validate(expectation(), result_format=wanted)
    failed = frozenset(row["rule"] for row in result.result.get("unexpected_index_list") or [])
    if result.success == bool(failed):
        raise RuntimeError("Great Expectations did not say which rules fail; this is a fault of the code")
    return failed


def judge(contract: Contract, profile: dict[str, Any]) -> list[Verdict]:
    """Validate a table's profile {row_count, <rule>: breaches} and return a verdict per rule."""
    described = dict(check_names(contract))
    broken = tuple(int(profile[rule]) for rule in described)
    failed = _failed(tuple(described), broken)
    return [
        Verdict(n, text, n not in failed, count) for (n, text), count in zip(described.items(), broken, strict=True)
    ]
