-- Grain: one row per grade and validity start.
-- Grades 1-3 are not judged in points, and vocational years follow other rules: no row is no rule, not a rule of none.
select
    grade,
    subjects_below_4_allowed,
    authority,
    valid_from,
    valid_to
from (
    values
    (4, 1, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: one subject below 4 after a re-sit', date '2000-01-01', null::date),
    (5, 1, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: one subject below 4 after a re-sit', date '2000-01-01', null),
    (6, 1, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: one subject below 4 after a re-sit', date '2000-01-01', null),
    (7, 1, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: one subject below 4 after a re-sit', date '2000-01-01', null),
    (8, 1, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: one subject below 4 after a re-sit', date '2000-01-01', null),
    (9, 0, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: no subject below 4', date '2000-01-01', null),
    (10, 0, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: no subject below 4', date '2000-01-01', null),
    (11, 0, 'MK noteikumi Nr. 11 (2022), 25.-26. p.: no subject below 4', date '2000-01-01', null),
    (12, 0, 'own choice: as grades 10 and 11', date '2000-01-01', null)
) as rule (grade, subjects_below_4_allowed, authority, valid_from, valid_to)
