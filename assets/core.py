"""Typed and pseudonymised, one grain each, as known on a date."""

from assets.contracted import table

