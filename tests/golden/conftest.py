"""The small country of the intake's tests, with a calendar, so that measures can be made of it."""

from tests.assets.conftest import country, quick, registered

__all__ = ["country", "quick", "registered"]
