"""About a pupil, for a named person: the attention list, and how far it can be trusted."""

from assets.contracted import table

attention_list = table("listed.attention_list")
school_week_coverage = table("listed.school_week_coverage")
