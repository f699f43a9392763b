"""Every number that shapes the invented country, in one place."""

from dataclasses import dataclass

from models.reference.calendar import YEARS

# Chance of leaving early within a school year, by grade. General schools: rare under the age of compulsory education,
# highest in grades 9-11. Vocational years are written as grades 10-13.
LEAVING_GENERAL = (0.004, 0.004, 0.005, 0.006, 0.007, 0.009, 0.016, 0.030, 0.048, 0.070, 0.060, 0.035)
LEAVING_VOCATIONAL = (0.112, 0.097, 0.077, 0.052)


@dataclass(frozen=True)
class Parameters:
    """What is drawn and how; shares are of pupils and a school year unless a comment says otherwise.

    Marks of certainty as in the docs: (V) a public figure, (A) an assumption chosen so that totals come out right.
    """

    pupils: int
    school_years: int = 1
    seed: int = 7

    # Schools. (V) 375 pupils on average, the smallest about 8, the largest about 1,600; about a tenth below 45.
    mean_school: float = 375.0
    school_spread: float = 1.15  # standard deviation of the logarithm of the size
    smallest_school: int = 8
    largest_school: int = 1600
    secondary_from: int = 250  # pupils from which a school may teach grades 10-12
    secondary_chance: float = 0.8
    secondary_pull: float = 0.95  # pupils in one of grades 10-12 per pupil in one of grades 1-9 of such a school
    vocational_share: float = 0.11  # (V) 28,000 of 252,000
    vocational_mean: float = 600.0  # (V) 28,000 pupils in about 45 schools
    vocational_from: int = 300  # pupils from which the country has a vocational school at all
    special_share: float = 0.015  # (V) 37 schools; (A) of about 100 pupils
    special_mean: float = 100.0
    schools_per_municipality: float = 2.0  # in a small country; the whole country has about 15
    class_size: int = 25
    special_class_size: int = 9
    school_effect: float = 0.35  # how far whole schools differ, in standard deviations of a pupil's trouble
    bracket_schools: float = 0.3  # (A) schools that write the kind of work into the mark: 7(p.d.)

    # People.
    male_share: float = 0.51
    immigrant_share: float = 0.012  # (V) 2,196 of 223,696 from Ukraine; they carry a new personal code at any age
    over_age: float = 0.06
    trouble_memory: float = 0.8  # correlation of a pupil's trouble between school years

    # Coming and going. (V) early leavers 7-8 % of a cohort aged 18-24; (A) 3 % of all pupils a year, most in grades 8+.
    leaving_general: tuple[float, ...] = LEAVING_GENERAL
    leaving_vocational: tuple[float, ...] = LEAVING_VOCATIONAL
    non_academic: float = 0.25  # share of leavers whose attendance and marks show nothing
    leaving_slope: float = 0.5  # how strongly trouble raises the chance of leaving, academic leavers only
    abroad: float = 0.004
    transfer: float = 0.026  # drawn; those who draw their own school stay, so about 2 % change school
    late_entry: float = 0.012
    repeating: float = 0.01
    # (V) 6.2 % of grade 9 did not pass in 2025 and a third of them do not go on; (A) the rest go abroad or to work.
    not_on_after_9: float = 0.05

    # Drift before leaving, and what looks like it. Amplitude = share of lessons missed without excuse at the end.
    drift_amplitude: tuple[float, float] = (0.04, 0.36)
    drift_weeks: tuple[float, float] = (4.0, 16.0)
    lookalike: float = 0.06  # the same drift, which ends and leads nowhere
    lookalike_amplitude: tuple[float, float] = (0.08, 0.40)
    hard_term: float = 0.04  # marks fall, attendance does not
    mark_fall: float = 5.0  # points lost on the 10-point scale per unit of drift
    drift_in_marks: float = 1.2
    drift_in_marks_most: float = 0.5

    # Absence. (A) 7-10 % of lessons held: about 5 % ill, 1.5 % other excused, 2 % without excuse.
    sick_spells: float = 3.0  # a pupil-year
    sick_days: float = 3.0  # school days, mean of a spell
    long_illness: float = 0.015  # pupils ill for 3-7 weeks
    excused_days: float = 0.013  # share of days, family and other reasons
    athlete: float = 0.06  # pupils away for sport and competitions
    athlete_days: float = 0.05
    excused_lesson: float = 0.003
    skipping: float = 0.0082  # share of lessons at average trouble in grades 7-9
    skipping_by_band: tuple[float, ...] = (0.25, 0.5, 1.0, 1.3, 1.9)  # grades 1-3, 4-6, 7-9, 10-12, vocational
    skipping_slope: float = 0.75
    whole_day_skip: float = 0.45  # share of a day's skipping risk that takes the whole day
    coming_late: float = 0.012
    late_excuse: float = 0.5  # excused absences that stand as `n` in the month's delivery and are corrected later

    # Lessons. (V) State Audit Office: fewer mathematics lessons held than planned.
    not_held: float = 0.03
    not_held_mathematics: float = 0.07

    # Marks. (A) 150-200 a pupil-year in grades 4-12, fewer in grades 1-3; mean about 6.6, about 5 % below 4.
    assessed_lesson: float = 0.185
    assessed_lesson_primary: float = 0.09
    skill_mean: float = 6.5
    skill_trouble: float = -0.5
    skill_spread: float = 0.95
    subject_spread: float = 0.7
    mark_noise: float = 1.25
    unmarked: float = 0.06  # present at assessed work and still without a mark
    owed_test: float = 0.6  # absent at a test: `nv` or `n` instead of nothing
    not_there: float = 0.25  # of these, those of teachers who write `n` for not there, and leave it at that
    made_up: float = 0.55  # of `nv`
    resit: float = 0.3  # of test marks below 4
    late_mark: float = 0.6  # of made-up and re-sat marks, those that reach us in the corrections only
    exempt: float = 0.003

    # Support. (V) 21,732 plans in 2019/20 among about 216,000 pupils; 80 % of measures answer learning and school.
    planned_pupils: float = 0.10
    plan_both_semesters: float = 0.4

    def __post_init__(self) -> None:
        """Refuse what cannot be built; ValueError names the limit."""
        if not 1 <= self.school_years <= len(YEARS):
            known = " and ".join(year.label for year in YEARS)
            raise ValueError(f"school_years must be 1 to {len(YEARS)}: the calendar holds {known}")
        if self.pupils < 2 * self.smallest_school:
            raise ValueError(f"pupils must be at least {2 * self.smallest_school}: two of the smallest schools")
        if self.seed < 0:
            raise ValueError("seed must be 0 or more")
