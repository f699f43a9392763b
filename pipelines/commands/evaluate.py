"""`pumpurs evaluate`: the model report and card, and how each indicator did."""

from datetime import date
from pathlib import Path

from assets.home import write_text
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json
from pipelines.standing import opened, standing

_JUDGED = "select count(*) as n from duckdb_tables() where schema_name = 'risk' and table_name = 'indicator_evaluation'"


def command(folder: Path | None, as_of: date | None, known_on: date | None, as_json: bool) -> int:
    """Evaluate on the warehouse at hand, or as known and standing on other days; write the report and print it."""
    from assets.scoring import JUDGED_BY, LEARNT_FROM, evaluation_of, indicators_of
    from models.evaluation import report_text
    from models.indicator_report import indicator_text

    name = "model_report.md"
    with standing(opened(folder), as_of, known_on, (*LEARNT_FROM, *JUDGED_BY)) as warehouse:
        if not warehouse.query(_JUDGED)["n"][0]:
            raise UsageError(f"{warehouse.home.warehouse} was built by an older version; run `pumpurs run`")
        evaluation, (indicators, horizon) = evaluation_of(warehouse), indicators_of(warehouse)
        if as_of or known_on:
            # The report of a past day does not take the place of the newest.
            name = "model_report.{}_{}.md".format(*warehouse.query("select as_of, known_on from risk.stand").row(0))
    text = report_text(evaluation) + "\n" + indicator_text(indicators, horizon)
    write_text(warehouse.home.root / name, text)
    print_json(evaluation.as_dict() | {"indicators": indicators.to_dicts()}) if as_json else print(text)
    return DONE
