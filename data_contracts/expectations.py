"""Great Expectations on a table's profile: the suite is made from the contract, the batch is one row."""

import os
import warnings
from dataclasses import dataclass
from functools import cache
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


def suite(contract: Contract) -> Any:
    """Build the expectation suite of a contract over its one-row profile."""
    gx = _great_expectations()
    expectations = [
        gx.expectations.ExpectColumnMaxToBeBetween(column=name, max_value=0, meta={"rule": name})
        for name, _ in check_names(contract)
    ]
    return gx.ExpectationSuite(name=contract.key, expectations=expectations)


def judge(contract: Contract, profile: dict[str, Any]) -> list[Verdict]:
    """Run the contract's suite on its profile row {row_count, <rule>: breaches} and return a verdict per rule."""
    import pandas

    batch = _batch_definition().get_batch({"dataframe": pandas.DataFrame([profile])})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = batch.validate(
            suite(contract), result_format={"result_format": "BASIC", "partial_unexpected_count": 0}
        )
    passed = {r.expectation_config.meta["rule"]: bool(r.success) for r in result.results}
    return [Verdict(name, description, passed[name], int(profile[name])) for name, description in check_names(contract)]
