-- Grain: one row per indicator that has a near relative in the literature.
-- Numbers as listed by Bowers, Sprott and Taff (2013) under list_no; of several relatives the nearest. Precision is computed
-- from the other three: who was flagged and left, of all flagged. An indicator without a row has no published figures.
with listed (
    indicator, list_no, study, study_year, grade_measured, grade_left, measured,
    pupils, base_rate, sensitivity, specificity, nearness, difference
) as (
    values
    (
        'unexcused_10', 39, 'Ekstrom', 1986, '10', '12', 'Cut classes', 24000, 0.15, 0.54, 0.75,
        'alike', 'the pupil''s own word on cutting classes, without a number of lessons'
    ),
    (
        'unexcused_15', 39, 'Ekstrom', 1986, '10', '12', 'Cut classes', 24000, 0.15, 0.54, 0.75,
        'alike', 'the pupil''s own word on cutting classes, without a number of lessons'
    ),
    (
        'unexcused_over_20', 39, 'Ekstrom', 1986, '10', '12', 'Cut classes', 24000, 0.15, 0.54, 0.75,
        'alike', 'the pupil''s own word on cutting classes, without a number of lessons'
    ),
    (
        'unexcused_confirmed_over_20', 39, 'Ekstrom', 1986, '10', '12', 'Cut classes', 24000, 0.15, 0.54, 0.75,
        'alike', 'the pupil''s own word on cutting classes, without a number of lessons'
    ),
    (
        'absence_4w', 4, 'Balfanz et al.', 2007, '6', '6', 'Attended 80 % of the time or less', 12037, 0.572, 0.233, 0.936,
        'alike', 'the same share, of another length of time than four weeks'
    ),
    (
        'absence_12w', 107, 'Troob', 1985, '9', '12', '16 or more absences in the first term of grade 9',
        11068, 0.257, 0.467, 0.967,
        'alike', 'a number of absences in a term, not a share of lessons in twelve weeks'
    ),
    (
        'chronic_absence', 4, 'Balfanz et al.', 2007, '6', '6', 'Attended 80 % of the time or less',
        12037, 0.572, 0.233, 0.936,
        'alike', 'a fifth of the time, not a tenth: a tenth raises more pupils'
    ),
    (
        'severe_absence', 4, 'Balfanz et al.', 2007, '6', '6', 'Attended 80 % of the time or less',
        12037, 0.572, 0.233, 0.936,
        'same', 'exactly a fifth missed raises both; ours counts lessons, of the year so far'
    ),
    (
        'subjects_below_4', 5, 'Balfanz et al.', 2007, '6', '6', 'Failed mathematics', 12037, 0.572, 0.212, 0.934,
        'alike', 'one given subject, not any; failed, not a running mean below the pass mark'
    ),
    (
        'below_4_beyond_allowed', 93, 'Silver et al.', 2008, '7', '12', 'Two or more Fs in middle school',
        48561, 0.52, 0.3, 0.783,
        'alike', 'two failed subjects, as ours in grades 4 to 8; from grade 9 on ours asks for one'
    ),
    (
        'mark_level', 106, 'Troob', 1985, '9', '12', 'Low or failing grade average in the first term of grade 9',
        9808, 0.258, 0.57, 0.961,
        'alike', 'low or failing, on another scale, in a term; ours is failing, in twelve weeks'
    ),
    (
        'mark_fall', 19, 'Bowers and Sprott (a)', 2012, '9', '12',
        'Growth mixture model of grade averages, term by term', 5400, 0.09, 0.918, 0.821,
        'alike', 'a statistical class of low or falling grade averages, not one difference of two semesters'
    ),
    (
        'exam_subjects', 96, 'Silver et al.', 2008, '9', '12', 'Does not pass algebra in grade 9',
        48561, 0.52, 0.788, 0.541,
        'alike', 'one subject of grade 9 that was failed; ours takes several, and just above the pass mark, too'
    ),
    (
        'over_age', 57, 'Hess and Lauber', 1985, '9', '9', 'Retention: aged 16 or older in grade 9',
        29942, 0.428, 0.048, 0.978,
        'alike', 'one to two years above the usual 14 to 15 of that grade there; ours at least two, in any grade'
    ),
    (
        'repeating', 38, 'Eide and Showalter', 2001, '10', '12', 'Retention: ever repeated a grade',
        7809, 0.165, 0.312, 0.894,
        'alike', 'at any time before; ours repeats the grade this year'
    ),
    (
        'school_change', 97, 'Silver et al.', 2008, '9', '12', 'Attends more than one high school',
        48561, 0.52, 0.235, 0.88,
        'alike', 'over all years of high school; ours within one school year'
    )
)

select
    indicator,
    list_no,
    study,
    study_year,
    grade_measured,
    grade_left,
    measured,
    pupils,
    base_rate,
    sensitivity,
    specificity,
    round(sensitivity * base_rate / (sensitivity * base_rate + (1 - specificity) * (1 - base_rate)), 3) as precision,
    nearness,
    difference
from listed
order by indicator
