"""`pumpurs evaluate`: the model report and card."""

from pathlib import Path

from assets.home import write_text
from assets.warehouse import Warehouse
from pipelines.errors import DONE, UsageError
from pipelines.output import print_json
from pipelines.settings import settings


def command(folder: Path | None, as_json: bool) -> int:
    """Evaluate on the warehouse at hand, write the report beside the runs, and print it."""
    from assets.scoring import evaluation_of
    from models.evaluation import report_text

    chosen = settings()
    warehouse = Warehouse(chosen.home_folder(folder), chosen.memory_limit, chosen.threads)
    if not warehouse.exists():
        raise UsageError(f"{warehouse.home.root} holds no warehouse yet; run `pumpurs run` first")
    evaluation = evaluation_of(warehouse)
    text = report_text(evaluation)
    write_text(warehouse.home.root / "model_report.md", text)
    print_json(evaluation.as_dict()) if as_json else print(text)
    return DONE
