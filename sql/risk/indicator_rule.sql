-- Grain: one row per indicator and version.
-- To change a threshold, end the row and add one with the next version: past lists keep theirs.
select
    indicator,
    version,
    measure,
    comparison,
    threshold,
    period,
    authority,
    valid_from,
    valid_to,
    indicator_group,
    family,
    severity,
    is_legal,
    unit,
    label_lv,
    label_en,
    reason_lv,
    reason_en,
    definition_lv,
    definition_en
from (
    values
    (
        'unexcused_10', 1, 'unexcused_lessons_semester', '>=', 10, 'semester',
        'school practice; step before the legal threshold',
        date '2000-01-01', null::date, 'unexcused', 'absence', 20, false, 'lessons',
        'Neattaisnoti kavējumi: 10 un vairāk',
        'Unexcused absence: 10 or more',
        'neattaisnoti kavētas vai neprecizētas stundas šajā semestrī: {value}',
        'lessons missed without excuse or clarification this semester: {value}',
        'Šajā semestrī neattaisnoti kavētas vai neprecizētas vismaz 10 stundas.',
        'At least 10 lessons this semester missed without excuse or with the reason not known.'
    ),
    (
        'unexcused_15', 1, 'unexcused_lessons_semester', '>=', 15, 'semester',
        'school practice; step before the legal threshold',
        date '2000-01-01', null::date, 'unexcused', 'absence', 30, false, 'lessons',
        'Neattaisnoti kavējumi: 15 un vairāk',
        'Unexcused absence: 15 or more',
        'neattaisnoti kavētas vai neprecizētas stundas šajā semestrī: {value}, tuvojas 20',
        'lessons missed without excuse or clarification this semester: {value}, close to 20',
        'Šajā semestrī neattaisnoti kavētas vai neprecizētas vismaz 15 stundas.',
        'At least 15 lessons this semester missed without excuse or with the reason not known.'
    ),
    (
        'unexcused_over_20', 1, 'unexcused_lessons_semester', '>', 20, 'semester',
        'MK noteikumi Nr. 89 (2011): more than 20 lessons a semester, the school informs the education board',
        date '2000-01-01', null::date, 'unexcused', 'absence', 50, true, 'lessons',
        'Neattaisnoti kavējumi: vairāk nekā 20',
        'Unexcused absence: more than 20',
        'neattaisnoti kavētas vai neprecizētas stundas šajā semestrī: {value} – skolai jāziņo izglītības pārvaldei',
        'lessons missed without excuse or clarification this semester: {value} – the school must inform the education board',
        'Šajā semestrī neattaisnoti kavētas vai neprecizētas vairāk nekā 20 stundas.',
        'More than 20 lessons this semester missed without excuse or with the reason not known.'
    ),
    (
        'absence_4w', 1, 'absence_rate_4w', '>=', 0.2, '4 weeks',
        'published practice: severe absence at 20 %',
        date '2000-01-01', null::date, 'absence_level', 'absence', 25, false, 'percent',
        'Kavējumi pēdējās 4 nedēļās',
        'Absence in the last 4 weeks',
        'kavēti {value} no pēdējo 4 nedēļu stundām',
        '{value} of the lessons of the last 4 weeks missed',
        'Kavēta vismaz piektā daļa no pēdējās četrās nedēļās notikušajām stundām, jebkura iemesla dēļ.',
        'At least a fifth of the lessons held in the last four weeks missed, for whatever reason.'
    ),
    (
        'absence_rise', 1, 'absence_rate_rise', '>=', 0.1, '4 weeks against the school year before them',
        'own choice: ten points above the pupil''s own level',
        date '2000-01-01', null::date, 'absence_rise', 'absence', 20, false, 'points',
        'Kavējumu pieaugums',
        'Rise of absence',
        'kavējumu īpatsvars par {value} procentpunktiem augstāks nekā iepriekš šajā mācību gadā',
        'absence rate {value} percentage points above the pupil''s own earlier level',
        'Pēdējo četru nedēļu kavējumu īpatsvars vismaz par 10 procentpunktiem pārsniedz paša izglītojamā iepriekšējo līmeni šajā mācību gadā.',
        'The absence rate of the last four weeks lies at least 10 percentage points above the pupil''s own earlier level this school year.'
    ),
    (
        'chronic_absence', 1, 'absence_rate_year', '>=', 0.1, 'school year, in all schools',
        'published practice: chronic absence at 10 % of lessons held',
        date '2000-01-01', null::date, 'absence_year', 'absence', 20, false, 'percent',
        'Ilgstoši kavējumi',
        'Chronic absence',
        'kavēti {value} no šī mācību gada stundām',
        '{value} of this school year''s lessons missed',
        'Šajā mācību gadā kavēta vismaz desmitā daļa no notikušajām stundām, visās skolās kopā.',
        'At least a tenth of the lessons held this school year missed, counted over all schools.'
    ),
    (
        'subjects_below_4', 1, 'subjects_below_4', '>=', 1, 'semester',
        'MK noteikumi Nr. 11 (2022), 25.-26. p.: promotion asks for 4',
        date '2000-01-01', null::date, 'marks_low', 'marks', 20, false, 'subjects',
        'Vidējais vērtējums zem 4',
        'Mean mark below 4',
        'vidējais vērtējums zem 4: priekšmetu skaits {value}',
        'mean mark below 4: number of subjects {value}',
        'Vismaz vienā priekšmetā šī semestra vismaz trīs ballu vērtējumu vidējais ir zem 4.',
        'In at least one subject the mean of at least three ten-point marks this semester is below 4.'
    ),
    (
        'open_nv', 1, 'open_nv', '>=', 3, 'semester',
        'own choice: a pile of owed work is a signal of its own',
        date '2000-01-01', null::date, 'marks_owed', 'marks', 15, false, 'marks',
        'Nenokārtoti darbi (nv)',
        'Work owed (nv)',
        'nenokārtoti darbi (nv): {value}',
        'work owed (nv): {value}',
        'Šajā semestrī ir vismaz trīs nenokārtoti darbi (nv).',
        'At least three pieces of work owed (nv) this semester.'
    ),
    (
        'mark_fall', 1, 'mark_fall', '>=', 1.0, 'semester against the one before',
        'published practice: a fall against the pupil''s own earlier marks',
        date '2000-01-01', null::date, 'marks_fall', 'marks', 15, false, 'points',
        'Vērtējumu kritums',
        'Fall of marks',
        'vidējais vērtējums par {value} zemāks nekā iepriekšējā semestrī tajos pašos priekšmetos',
        'mean mark {value} below the previous semester''s in the same subjects',
        'Vidējais vērtējums tajos pašos priekšmetos vismaz par vienu balli zemāks nekā iepriekšējā semestrī.',
        'The mean mark in the same subjects lies at least one point below the previous semester''s.'
    ),
    (
        'over_age', 1, 'over_age_years', '>=', 2, 'school year',
        'published practice: over-age for grade',
        date '2000-01-01', null::date, 'path_age', 'path', 10, false, 'years',
        'Vecāks par klasi',
        'Over-age for the grade',
        'vecāks, nekā klasē ierasts (gadi: {value})',
        'older than usual for the grade (years: {value})',
        'Vismaz divus gadus vecāks, nekā klasē ierasts.',
        'At least two years older than usual for the grade.'
    ),
    (
        'repeating', 1, 'repeats_grade', '>=', 1, 'school year',
        'MK noteikumi Nr. 11 (2022): repeats the grade',
        date '2000-01-01', null::date, 'path_repeat', 'path', 15, false, 'times',
        'Atkārto klasi',
        'Repeats the grade',
        'atkārtoti mācās tajā pašā klasē',
        'repeats the grade',
        'Mācās tajā pašā klasē, kurā iepriekšējā mācību gadā.',
        'Is in the same grade as in the school year before.'
    ),
    (
        'school_change', 1, 'school_changes_year', '>=', 1, 'school year',
        'published practice: mobility within the year',
        date '2000-01-01', null::date, 'path_move', 'path', 10, false, 'times',
        'Mainījis skolu',
        'Changed school',
        'šajā mācību gadā mainījis skolu (reizes: {value})',
        'changed school this school year (times: {value})',
        'Šajā mācību gadā mainījis izglītības iestādi.',
        'Changed school within this school year.'
    ),
    (
        'no_data', 1, 'unrecorded_share_4w', '>=', 0.5, '4 weeks',
        'own choice: no verdict where half of the school days have no record',
        date '2000-01-01', null::date, 'coverage', 'coverage', 0, false, 'percent',
        'Trūkst ierakstu',
        'Missing records',
        '{value} no pēdējo 4 nedēļu skolas dienām nav neviena ieraksta',
        '{value} of the school days of the last 4 weeks have no record',
        'Vismaz pusei no pēdējo četru nedēļu skolas dienām nav neviena ieraksta: tas nav kavējums un nav arī klātbūtne.',
        'At least half of the school days of the last four weeks have no record: that is neither absence nor presence.'
    )
) as rule (
    indicator, version, measure, comparison, threshold, period, authority, valid_from, valid_to,
    indicator_group,
    family,
    severity,
    is_legal,
    unit,
    label_lv,
    label_en,
    reason_lv,
    reason_en,
    definition_lv,
    definition_en
)
