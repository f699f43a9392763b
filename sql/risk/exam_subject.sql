-- Grain: one row per grade, subject and validity start.
-- Codes are the sending system's: a system that calls mathematics otherwise needs rows of its own, or nobody there has
-- an exam.
select
    grade,
    subject_code,
    subject_lv,
    authority,
    valid_from,
    valid_to
from (
    values
    (9, 'LAT', 'latviešu valoda', 'common practice, to be confirmed for each year', date '2000-01-01', null::date),
    (9, 'MAT', 'matemātika', 'common practice, to be confirmed for each year', date '2000-01-01', null),
    (9, 'ANG', 'svešvaloda (angļu)', 'common practice, to be confirmed for each year', date '2000-01-01', null)
) as exam (grade, subject_code, subject_lv, authority, valid_from, valid_to)
