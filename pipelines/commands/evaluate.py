"""`pumpurs evaluate`: the model report and card, how each indicator did, and whether support helped."""

from datetime import date
from pathlib import Path

from assets.home import write_text
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json
from pipelines.standing import opened, standing

_JUDGED = (
    "select count(*) as n from duckdb_tables()"
    " where schema_name = 'risk' and table_name in ('indicator_evaluation', 'support_start')"
)


def command(folder: Path | None, as_of: date | None, known_on: date | None, as_json: bool) -> int:
    """Evaluate on the warehouse at hand, or as known and standing on other days; write the report and print it."""
    from assets.scoring import JUDGED_BY, LEARNT_FROM, evaluation_of, indicators_of
    from assets.supporting import COMPARED_FROM, effects_of
    from models.evaluation import report_text
    from models.indicator_report import indicator_text
    from models.support_effect.report import effect_text

    name = "model_report.md"
    with standing(opened(folder), as_of, known_on, (*LEARNT_FROM, *JUDGED_BY, *COMPARED_FROM)) as warehouse:
        if warehouse.query(_JUDGED)["n"][0] < 2:
            raise UsageError(f"{warehouse.home.warehouse} was built by an older version; run `pumpurs run`")
        evaluation, (indicators, horizon) = evaluation_of(warehouse), indicators_of(warehouse)
        effects = effects_of(warehouse)
        if as_of or known_on:
            # The report of a past day does not take the place of the newest.
            name = "model_report.{}_{}.md".format(*warehouse.query("select as_of, known_on from risk.stand").row(0))
    text = "\n".join([report_text(evaluation), indicator_text(indicators, horizon), effect_text(effects)])
    write_text(warehouse.home.root / name, text)
    told = {"indicators": indicators.to_dicts(), "support": [effect.as_dict() for effect in effects]}
    print_json(evaluation.as_dict() | told) if as_json else print(text)
    return DONE
