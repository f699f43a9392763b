-- The yardstick's files as the raw tables that the product's queries read: one invented school, the task's two years.
create schema raw;
create schema core;
create schema risk;
create schema history;
create schema yardstick;
create function yardstick.key(pupil_id) as lower(pupil_id) || '0000';
create function yardstick.attendance(files) as table
    select
        yardstick.key(pupil_id) as pupil_key,
        '9900000001' as school_reg_no,
        lesson_date,
        lesson_no,
        nullif(mark, '') as code,
        'yardstick' as source,
        'roll' as shape
    from read_parquet(files);
create view raw.mark as
    select
        yardstick.key(pupil_id) as pupil_key,
        '9900000001' as school_reg_no,
        mark_date,
        subject_id::varchar as subject_code,
        'work' as work_kind,
        (file_row_number % 128)::tinyint as sequence,
        value::varchar as mark_text
    from read_parquet('{data}/marks/*.parquet', file_row_number = true);
create table raw.enrolment as
    select
        yardstick.key(pupil_id) as pupil_key,
        '9900000001' as school_reg_no,
        entry_date,
        grade::integer as grade,
        null::varchar as class_label,
        exit_date,
        exit_reason as exit_status,
        'yardstick' as source
    from read_parquet('{data}/enrolment.parquet');
create table raw.exit_status_code as
    select '*' as source, status as exit_status, date '2000-01-01' as valid_from, null::date as valid_to, meaning
    from (values ('left_early', 'left_early'), ('moved', 'transferred'), ('graduated', 'graduated')) as code (status, meaning);
create table raw.pupil as
    select yardstick.key(pupil_id) as pupil_key, min(birth_date) as birth_date, min(sex) as sex
    from read_parquet('{data}/enrolment.parquet')
    group by pupil_id;
create view history.pupil as select pupil_key from raw.pupil;
create table raw.person_code_change (pupil_key varchar, former_pupil_key varchar, changed_on date);
create view history.person_code_change as select pupil_key, former_pupil_key from raw.person_code_change;
create table raw.period_mark (mark_text varchar);
create table raw.lesson (
    school_reg_no varchar, group_label varchar, lesson_date date, lesson_no tinyint, is_held boolean
);
create table raw.delivery as select 'yardstick' as source, 'attendance' as dataset;
create table raw.attendance_code as
    select
        '*' as source,
        '*' as school_reg_no,
        code,
        date '2000-01-01' as valid_from,
        null::date as valid_to,
        meaning
    from
        (values ('n', 'absent_unexcused'), ('ns', 'absent_ill'), ('nc', 'absent_other'), ('k', 'late')) as map (
            code, meaning
        );
create table core.institution as
    select
        '9900000001' as school_reg_no,
        date '2000-01-01' as valid_from,
        'LV0001000' as atvk_code,
        'general' as kind,
        null::date as valid_to;
create table raw.calendar_day as
    with semester (school_year, semester, first_day, last_day) as (
        values
            ('2024/2025', 1, date '2024-09-02', date '2024-12-20'),
            ('2024/2025', 2, date '2025-01-06', date '2025-05-30'),
            ('2025/2026', 1, date '2025-09-01', date '2025-12-19'),
            ('2025/2026', 2, date '2026-01-05', date '2026-05-29')
    )
    select
        school_year,
        day::date as date,
        1 as grade_from,
        13 as grade_to,
        null::varchar as school_reg_no,
        semester,
        'school_day' as kind
    from semester, generate_series(first_day, last_day, interval 1 day) as days (day)
    where isodow(day) < 6;
create table risk.stand (as_of date, known_on date, first_as_of date, week_anchor date);
create table risk.as_of_date (
    as_of date, week_no integer, month varchar, is_listed boolean, is_month_close boolean
);
