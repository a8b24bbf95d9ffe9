"""The pages' facts in the words of schema.org, for search engines (JSON-LD).

Only what the page says as well; nothing about patients can be in here.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from clinic.scheduling.rules.setting import Location, Setting
from clinic.site.presenters.articles import Article
from clinic.site.presenters.people import Profile
from clinic.site.rules.hours import OpenDays, opening_hours

Data = dict[str, Any]
CONTEXT = "https://schema.org"
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clinic_data(*, setting: Setting, base_url: str, today: dt.date, description: str) -> Data:
    """The clinic with its places, hours and services; it is referred to by its `@id`."""
    places = [_place(setting, one, today) for one in setting.locations.values()]
    only = places[0] if len(places) == 1 else {}
    found: Data = {
        "@context": CONTEXT,
        "@type": "MedicalClinic",
        "@id": f"{base_url}/#clinic",
        "name": setting.name,
        "description": description,
        "url": f"{base_url}/",
        "telephone": setting.phone,
        "medicalSpecialty": "Physiotherapy",
        **{key: value for key, value in only.items() if key in {"address", *HOURS}},
        "department": [] if only else places,
        "availableService": [
            {"@type": "MedicalTherapy", "name": one.name, "url": f"{base_url}/book/{one.slug}"}
            for one in setting.services.values()
            if one.online
        ],
    }
    return {key: value for key, value in found.items() if value}


HOURS = ("openingHoursSpecification",)


def _place(setting: Setting, place: Location, today: dt.date) -> Data:
    runs = opening_hours(setting=setting, location=place.slug, today=today)
    return {
        "@type": "MedicalClinic",
        "name": f"{setting.name}, {place.name}",
        "telephone": setting.phone,
        "address": ", ".join(place.address.splitlines()),
        "openingHoursSpecification": list(_hours(runs)),
    }


def _hours(runs: Iterable[OpenDays]) -> Iterable[Data]:
    for run in runs:
        for starts, ends in run.windows:
            yield {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": list(WEEK[run.first : run.last + 1]),
                "opens": _clock(starts),
                "closes": _clock(min(ends, 24 * 60 - 1)),
            }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def condition_data(*, article: Article, base_url: str) -> Data:
    """A page about a condition."""
    return {
        "@context": CONTEXT,
        "@type": "MedicalWebPage",
        "name": article.title,
        "description": article.summary,
        "url": f"{base_url}{article.path}",
        "about": {"@type": "MedicalCondition", "name": article.title.partition(":")[0]},
        "publisher": {"@id": f"{base_url}/#clinic"},
    }


def person_data(*, profile: Profile, base_url: str) -> Data:
    """Somebody who works at the clinic."""
    person = profile.person
    found = {
        "@context": CONTEXT,
        "@type": "Person",
        "name": person.name.partition(",")[0],
        "honorificSuffix": person.name.partition(",")[2].strip(),
        "description": person.focus,
        "url": f"{base_url}{person.page}",
        "knowsLanguage": [word.strip() for word in person.languages.split(",") if word.strip()],
        "worksFor": {"@id": f"{base_url}/#clinic"},
    }
    return {key: value for key, value in found.items() if value}


def offers_data(*, profile: Profile, base_url: str) -> list[Data]:
    """What that person does, as services of the clinic."""
    return [
        {
            "@context": CONTEXT,
            "@type": "Service",
            "name": offer.name,
            "url": f"{base_url}{offer.href}",
            "provider": {"@id": f"{base_url}/#clinic"},
        }
        for offer in profile.offers
        if offer.href
    ]
