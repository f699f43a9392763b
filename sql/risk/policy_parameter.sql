-- Grain: one row per parameter and validity start.
-- To change a number, end its row and add one: past lists keep the number they were made with.
select
    parameter,
    value,
    unit,
    authority,
    valid_from,
    valid_to
from (
    values
    (
        'least_days_4w',
        3,
        'days',
        'own choice: a rate over fewer recorded days says little',
        date '2000-01-01',
        null::date
    ),
    (
        'least_days_2w',
        2,
        'days',
        'own choice: a rate over one recorded day says little',
        date '2000-01-01',
        null
    ),
    ('least_days_12w', 10, 'days', 'own choice: twelve weeks are not read from two of them', date '2000-01-01', null),
    ('least_weeks_slope', 6, 'weeks', 'own choice: a line through fewer weeks follows chance', date '2000-01-01', null),
    ('least_marks_12w', 8, 'marks', 'own choice: level, spread and line of fewer marks follow chance', date '2000-01-01', null),
    ('least_classmates', 5, 'pupils', 'own choice: fewer others are no class to compare with', date '2000-01-01', null),
    (
        'least_full_days_weekday',
        4,
        'days',
        'own choice: of fewer days missed, several fall on one weekday by chance',
        date '2000-01-01',
        null
    ),
    (
        'least_lessons_subject',
        8,
        'lessons',
        'own choice: of fewer lessons missed, many fall on one subject by chance',
        date '2000-01-01',
        null
    ),
    (
        'least_days_outlook',
        15,
        'days',
        'own choice: three weeks of a semester before it is projected to its end',
        date '2000-01-01',
        null
    ),
    ('least_days_before', 5, 'days', 'own choice: the earlier level needs a week of records', date '2000-01-01', null),
    (
        'least_days_year',
        10,
        'days',
        'own choice: chronic absence is not read in the first days',
        date '2000-01-01',
        null
    ),
    ('least_marks_subject', 3, 'marks', 'own choice: a mean of fewer marks says little', date '2000-01-01', null),
    ('least_subjects_fall', 3, 'subjects', 'own choice: one subject is not a fall', date '2000-01-01', null),
    ('least_school_days_4w', 3, 'days', 'own choice: no verdict on data in a holiday', date '2000-01-01', null),
    ('at_risk_least_families', 2, 'families', 'own choice: two of absence, marks and path', date '2000-01-01', null),
    ('completeness_weeks', 8, 'weeks', 'own choice: a school is compared with its last weeks', date '2000-01-01', null),
    ('completeness_least_weeks', 3, 'weeks', 'own choice: fewer weeks are no custom', date '2000-01-01', null),
    ('completeness_least_rows', 20, 'rows', 'own choice: a few rows more or less say nothing', date '2000-01-01', null),
    ('completeness_small_share', 0.5, 'share', 'own choice: half of what is usual', date '2000-01-01', null),
    ('completeness_large_share', 2, 'share', 'own choice: twice what is usual', date '2000-01-01', null),
    ('completeness_shown_weeks', 4, 'weeks', 'own choice: the weeks behind the measures', date '2000-01-01', null),
    ('delivery_due', 14, 'days', 'own choice: after the week, while a school has no custom', date '2000-01-01', null),
    ('delivery_grace', 7, 'days', 'own choice: a week above the custom of the school', date '2000-01-01', null),
    ('delivery_longest', 35, 'days', 'own choice: a month and its holidays', date '2000-01-01', null),
    ('outcome_horizon', 84, 'days', 'own choice: twelve weeks', date '2000-01-01', null),
    ('least_feedback_answers', 10, 'answers', 'own choice: fewer answers could be told apart', date '2000-01-01', null),
    ('least_situations', 5, 'situations', 'own choice: fewer could be somebody', date '2000-01-01', null),
    ('days_to_talk', 14, 'days', 'own choice: noticed and not spoken with for longer is stuck', date '2000-01-01', null),
    ('days_to_support', 28, 'days', 'own choice: noticed and not supported for longer is stuck', date '2000-01-01', null),
    ('days_to_plan', 28, 'days', 'own choice: at risk for longer without a plan is a question', date '2000-01-01', null),
    ('days_to_report', 14, 'days', 'own choice: a report of absence is late after two weeks', date '2000-01-01', null),
    ('days_to_reply', 14, 'days', 'own choice: a hand-over waits too long after two weeks', date '2000-01-01', null),
    ('days_for_parties', 28, 'days', 'own choice: one party alone for longer is a question', date '2000-01-01', null),
    ('hint_open_percent', 3, 'percent', 'own choice: this share of lessons open or unexcused is a talk with parents', date '2000-01-01', null),
    ('hint_below_4_percent', 15, 'percent', 'own choice: this share of pupils with marks below 4 asks for plans', date '2000-01-01', null),
    ('hint_spread_percent', 1, 'percent', 'own choice: schools differ where chance explains it more rarely', date '2000-01-01', null),
    ('hint_vocational_percent', 25, 'percent', 'own choice: a quarter of pupils in vocational schools', date '2000-01-01', null),
    ('hint_over_age_percent', 5, 'percent', 'own choice: one pupil in twenty is older than the grade', date '2000-01-01', null),
    (
        'supervisions_a_school',
        2,
        'supervisions',
        'programme: at least two a school over its term',
        date '2000-01-01',
        null
    ),
    (
        'list_retention',
        365,
        'days',
        'proposal until the file plan says otherwise: twelve months',
        date '2000-01-01',
        null
    )
) as parameter (parameter, value, unit, authority, valid_from, valid_to)
