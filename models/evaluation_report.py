"""Write an evaluation for readers who decide whether the score may be used: plain words first, then the numbers."""

from models.evaluation_result import DIFFERENCE, ORDERINGS, TOP_SHARE, Evaluation, Refusal

NAMES = {"model": "the score", "raised_count": "counting raised indicators", "random": "drawing lots"}
COLUMNS = {
    "auc": "AUC",
    "average_precision": "average precision",
    "precision_at_capacity": "precision, school list",
    "recall_at_capacity": "recall, school list",
    "precision_at_top_share": f"precision, top {TOP_SHARE:.0%}",
    "recall_at_top_share": f"recall, top {TOP_SHARE:.0%}",
}
SHOWN_WEIGHTS = 10


def report_text(evaluation: Evaluation | Refusal) -> str:
    """Write the model report as Markdown."""
    parts = _refused(evaluation) if isinstance(evaluation, Refusal) else _evaluated(evaluation)
    return "\n\n".join(["# Early-leaving score: model report", *parts]) + "\n"


def _refused(refusal: Refusal) -> list[str]:
    return [f"There is no evaluation on {refusal.as_of}. {refusal.reason}", _USE]


_USE = (
    "The score does not order the coordinators' list. The list follows published rules, and a person decides; "
    "the score is shown beside it, if at all, until its use is decided separately."
)
_LIMITS = """\
## What it cannot see

- Attendance and marks show one of the nineteen named risks of a support plan fully and two partly.
  Family, money, health, safety and belonging are outside the data.
- The outcome is what the registers record. Exit statuses are understood differently from school to school.
- A high chance is no cause: the measures that weigh most are signs, and help against the sign need not help the pupil.
- Pupils who got support are in the data like all others: support that worked makes a true warning look false.
- Groups (sex, language of instruction, municipality, special programmes) are not compared here.
  That is due before any use.
- Measures that move together share their weight; no single weight, nor its sign, should be read alone."""


def _evaluated(evaluation: Evaluation) -> list[str]:
    return [
        _plain_words(evaluation),
        _USE,
        _dates(evaluation),
        _comparison(evaluation),
        _calibration(evaluation),
        _weights(evaluation),
        _LIMITS,
    ]


def _plain_words(evaluation: Evaluation) -> str:
    model = evaluation.model
    hits = {name: 100 * evaluation.value(name, "precision_at_capacity") for name in ORDERINGS}
    return (
        f"The score `{model.version}` is a logistic regression on {len(model.measures)} measures of a pupil on a date. "
        f"It estimates the chance that the pupil leaves school early within {evaluation.horizon_days} days. "
        f"If each school could talk about {evaluation.capacity} pupils on each test date, then of 100 such places "
        f"{hits['model']:.1f} would go to a pupil who then left when filled by the score, {hits['raised_count']:.1f} "
        f"when filled by the number of raised indicators, and {hits['random']:.1f} when filled by lot.\n\n"
        f"**{_verdict(evaluation)}**"
    )


def _verdict(evaluation: Evaluation) -> str:
    low, high = (100 * evaluation.value(DIFFERENCE, f"precision_at_capacity_{end}") for end in ("low", "high"))
    gained = 100 * evaluation.value(DIFFERENCE, "precision_at_capacity")
    span = f"{gained:+.1f} places of 100, 95 % interval {low:+.1f} to {high:+.1f}"
    if low > 0:
        return f"On the test dates the score found more leavers than counting ({span})."
    if high < 0:
        return f"On the test dates the score found fewer leavers than counting ({span})."
    return f"On the test dates the score cannot be told apart from counting ({span})."


def _dates(evaluation: Evaluation) -> str:
    model = evaluation.model
    lines = [
        "| | dates | from | to | rows | rows of pupils who left | pupils who left |",
        "|---|--:|---|---|--:|--:|--:|",
    ]
    for name, dates, *counts in (
        ("training", evaluation.train_dates, evaluation.n_train, evaluation.n_train_left, model.leavers),
        ("test", evaluation.test_dates, evaluation.n_test, evaluation.n_test_left, evaluation.test_leavers),
    ):
        numbers = " | ".join(f"{count:,}" for count in counts)
        lines.append(f"| {name} | {len(dates)} | {dates[0]} | {dates[-1]} | {numbers} |")
    note = (
        "A row is a pupil on a date; a pupil has many. Every training outcome was known by the first test date. "
        f"The score abstains from {evaluation.n_abstained:,} test rows, for want of data; they stay in the comparison, "
        "below all others. The score in use is the same recipe, fitted on every outcome known on "
        f"{evaluation.as_of}, and so bears another version."
    )
    return "\n".join(["## Trained and tested on", "", *lines, "", note])


def _comparison(evaluation: Evaluation) -> str:
    lines = [f"| ordering | {' | '.join(COLUMNS.values())} |", "|---|" + "--:|" * len(COLUMNS)]
    for name in ORDERINGS:
        values = (f"{evaluation.value(name, metric):.3f}" for metric in COLUMNS)
        lines.append(f"| {NAMES[name]} | {' | '.join(values)} |")
    low, high = (evaluation.value(DIFFERENCE, f"auc_{end}") for end in ("low", "high"))
    note = (
        f"AUC of the score minus AUC of counting: {evaluation.value(DIFFERENCE, 'auc'):+.3f} "
        f"(95 % interval {low:+.3f} to {high:+.3f}, drawing pupils, not rows). "
        "Equal scores share their places: precision and recall are what a lot among them would give on average."
    )
    return "\n".join(["## Beside counting and chance", "", *lines, "", note])


def _calibration(evaluation: Evaluation) -> str:
    bins = [metric.detail for metric in evaluation.metrics if metric.metric == "calibration_count"]
    lines = ["| tenth of rows | predicted | observed | rows |", "|---|--:|--:|--:|"]
    for detail in bins:
        predicted, observed, rows = (
            evaluation.value("model", f"calibration_{name}", detail)
            for name in ("mean_predicted", "observed_rate", "count")
        )
        lines.append(f"| {detail} | {predicted:.2%} | {observed:.2%} | {rows:,.0f} |")
    slope, intercept = (evaluation.value("model", f"calibration_{name}") for name in ("slope", "intercept"))
    note = (
        f"Slope {slope:.2f} and intercept {intercept:+.2f} in log-odds (1 and 0 would be perfect; a slope under 1 "
        f"means chances too extreme). Brier score {evaluation.value('model', 'brier'):.5f}, "
        f"against {evaluation.value('model', 'brier_of_base_rate'):.5f} for giving everyone the training average."
    )
    return "\n".join(["## Are the chances right?", "", *lines, "", note])


def _weights(evaluation: Evaluation) -> str:
    model = evaluation.model
    rows = list(zip(model.measures, model.value_weights, model.missing_weights, strict=True))
    rows.sort(key=lambda row: -max(abs(row[1]), abs(row[2])))
    lines = ["| measure | log-odds per standard deviation | log-odds when missing |", "|---|--:|--:|"]
    lines += [f"| {name} | {value:+.2f} | {missing:+.2f} |" for name, value, missing in rows[:SHOWN_WEIGHTS]]
    return "\n".join(["## What weighs most", "", *lines])
