"""When somebody comes of age (New York, Public Health Law §2504: at eighteen). Pure."""

from datetime import date

ADULT_YEARS = 18


def latest_adult_birth(*, today: date) -> date:
    """The latest birth date of an adult; those born on February 29 come of age on March 1."""
    try:
        return today.replace(year=today.year - ADULT_YEARS)
    except ValueError:  # February 29, and eighteen years ago there was none
        return today.replace(year=today.year - ADULT_YEARS, day=28)


def is_minor(*, birth_date: date, today: date) -> bool:
    """Whether a parent or guardian still acts for somebody of that birth date."""
    return birth_date > latest_adult_birth(today=today)
