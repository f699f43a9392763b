"""Typed and pseudonymised, one grain each, as known on a date."""

from assets.contracted import table

attendance_code = table("core.attendance_code")
municipality = table("core.municipality")
institution = table("core.institution")
school_day = table("core.school_day")
school_semester = table("core.school_semester")
pupil_identity = table("core.pupil_identity")
pupil = table("core.pupil")
enrolment = table("core.enrolment")
pupil_day_attendance = table("core.pupil_day_attendance")
pupil_day_subject_absence = table("core.pupil_day_subject_absence")
mark_form = table("core.mark_form")
pupil_subject_mark = table("core.pupil_subject_mark")
school_week = table("core.school_week")
school_week_delivery = table("core.school_week_delivery")
pupil_period_mark = table("core.pupil_period_mark")
support_plan = table("core.support_plan")
support_plan_status = table("core.support_plan_status")
role_assignment = table("core.role_assignment")
school_doubt = table("core.school_doubt")
