"""A seeded invented country in the intake format: schools, pupils, a year of lessons, absences, marks and support."""

from models.synthetic.country import Country, build_country
from models.synthetic.deliveries import Delivery, contents, schedule
from models.synthetic.parameters import Parameters

__all__ = ["Country", "Delivery", "Parameters", "build_country", "contents", "schedule"]
