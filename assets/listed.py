"""About a pupil, for a named person: the attention list."""

from assets.contracted import table

attention_list = table("listed.attention_list")
