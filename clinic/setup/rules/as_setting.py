"""A clinic file as the setting that the scheduling rules read, without a database.

It answers questions of opening hours only: its resource numbers are all 0.
"""

from clinic.scheduling.rules import setting as rules
from clinic.setup.rules.clinic_file import ClinicFile


def as_setting(*, file: ClinicFile) -> rules.Setting:
    """The setting that a file describes."""
    return rules.Setting(
        version=0,
        name=file.name,
        zone=file.time_zone,
        phone=file.phone,
        policy=file.policy,
        locations={
            one.slug: rules.Location(
                one.slug,
                one.name,
                one.address,
                one.time_zone or file.time_zone,
                one.directions,
            )
            for one in file.locations
        },
        rooms={
            one.slug: rules.Room(one.slug, one.name, one.kind, one.location, resource=0)
            for one in file.resources
        },
        services={one.slug: one for one in file.services},
        practitioners={
            one.slug: rules.Practitioner(
                slug=one.slug,
                name=one.name,
                resource=0,
                services=frozenset(one.services),
                licences=one.licences,
                hours=one.hours,
                exceptions=one.exceptions,
            )
            for one in file.practitioners
        },
        closures=file.closures,
    )
