"""The sandbox's own truth in the register's words, to hold the register against, item by item.

This mapping is written a second time on purpose: it shares nothing with the connector's, so that a
wrong field there cannot be right here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Row = dict[str, Any]
Difference = tuple[str, str, str, object, object]
"""Base, external id, place, what the school holds, what the register holds."""

_SEX = {"Male": "M", "Female": "F", None: None, "": None}


def _items(*pairs: str) -> Callable[[Mapping[str, Any]], Row]:
    names = dict(pair.split("=") for pair in pairs)
    return lambda row: {ours: row.get(theirs) for ours, theirs in names.items()}


def _basic_details(row: Mapping[str, Any]) -> Row:
    plain = _items(
        "family_name=LegalSurname",
        "given_name=LegalForename",
        "middle_names=MiddleNames",
        "preferred_family_name=PreferredSurname",
        "preferred_given_name=PreferredForename",
        "former_family_name=FormerSurname",
        "date_of_birth=DateOfBirth",
    )(row)
    return {**plain, "sex": _SEX[row.get("GenderCategory")]}


def _contact(row: Mapping[str, Any]) -> Row:
    plain = _items(
        "priority=Priority",
        "title=Title",
        "family_name=Surname",
        "given_name=Forename",
        "middle_names=MiddleNames",
        "relationship=Relationship",
        "has_responsibility=HasParentalResponsibility",
        "lives_with_pupil=LivesWithLearner",
        "home_telephone=HomeTelephone",
        "mobile_telephone=MobileTelephone",
        "work_telephone=WorkTelephone",
        "email=Email",
    )(row)
    address = row.get("Address") or {}
    postal = _items("saon=SAON", "paon=PAON", "street=Street", "town=Town", "postcode=PostCode")(address)
    return {**plain, **postal, "sex": _SEX[row.get("GenderCategory")]}


def _suspension(row: Mapping[str, Any]) -> Row:
    reasons = [*(row.get("Reasons") or []), None, None, None]
    plain = _items("category=Category", "start_on=StartDate", "end_on=EndDate", "start_session=StartSession")(
        row
    )
    days = row.get("SchoolDays")
    return {
        **plain,
        "reason_1": reasons[0],
        "reason_2": reasons[1],
        "reason_3": reasons[2],
        "school_days": None if days is None else f"{float(days):g}",
    }


_GROUPS: tuple[tuple[str, str, bool, Callable[[Mapping[str, Any]], Row]], ...] = (
    (
        "identifiers",
        "LearnerPersonals",
        False,
        _items(
            "upn=UPN",
            "former_upn=FormerUPN",
            "upn_unknown_reason=UPNUnknownReason",
            "uln=UniqueLearnerNumber",
            "uci=UCI",
        ),
    ),
    ("basic_details", "LearnerPersonals", False, _basic_details),
    (
        "address",
        "LearnerAddresses",
        False,
        _items(
            "saon=SAON",
            "paon=PAON",
            "street=Street",
            "locality=Locality",
            "town=Town",
            "administrative_area=AdministrativeArea",
            "post_town=PostTown",
            "county=County",
            "postcode=PostCode",
            "country=Country",
            "uprn=UPRN",
        ),
    ),
    (
        "communications",
        "LearnerCommunications",
        True,
        _items("kind=Kind", "location=Location", "value=Value", "is_main=IsMain"),
    ),
    ("contacts", "LearnerContacts", True, _contact),
    (
        "enrolments",
        "LearnerEnrolments",
        True,
        _items(
            "school_dfe_number=SchoolDfENumber",
            "school_name=SchoolName",
            "entry_on=EntryDate",
            "leaving_on=LeavingDate",
            "leaving_reason=LeavingReason",
            "enrolment_status=EnrolmentStatus",
            "nc_year=NCYear",
            "registration_group=RegistrationGroup",
            "boarder=Boarder",
        ),
    ),
    (
        "sen_provisions",
        "LearnerSenProvisions",
        True,
        _items("provision=Provision", "start_on=StartDate", "end_on=EndDate"),
    ),
    (
        "sen_needs",
        "LearnerSenNeeds",
        True,
        _items("need_type=NeedType", "rank=Rank", "start_on=StartDate", "end_on=EndDate"),
    ),
    (
        "free_school_meals",
        "LearnerFreeSchoolMeals",
        True,
        _items("start_on=StartDate", "end_on=EndDate", "country=Country"),
    ),
    (
        "ethnicity_language",
        "LearnerCulturals",
        False,
        _items(
            "ethnicity=Ethnicity",
            "ethnicity_source=EthnicitySource",
            "first_language=FirstLanguage",
            "home_language=HomeLanguage",
            "english_proficiency=EnglishProficiency",
            "religion=Religion",
        ),
    ),
    ("service_child", "LearnerServiceChildren", False, _items("service_child=ServiceChild")),
    ("young_carer", "LearnerYoungCarers", False, _items("young_carer=YoungCarer")),
    (
        "looked_after",
        "LearnerLookedAfters",
        False,
        _items("in_care=InCare", "care_authority=CareAuthority", "post_looked_after=PostLookedAfter"),
    ),
    ("suspensions", "LearnerExclusions", True, _suspension),
)

LEAVERS_SEND = frozenset({"enrolments"})


def _plain(row: Row) -> tuple[tuple[str, str], ...]:
    """A row as comparable pairs: what says nothing left out, everything else as text."""
    said = ((key, value) for key, value in row.items() if value is not None and value != "")
    return tuple(sorted((key, str(value).strip()) for key, value in said))


def expected_blocks(pupil: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[tuple[str, str], ...]]]]:
    """What the register should hold for one pupil of the truth, group by group, rows sorted."""
    for group, domain, _is_list, mapped in _GROUPS:
        if pupil["on_roll"] != "Current" and group not in LEAVERS_SEND:
            continue
        rows = [_plain(mapped(row)) for row in pupil.get(domain, [])]
        yield group, sorted(row for row in rows if row)


def raw_blocks(pupil: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All that the school holds of a pupil of the truth, leaver or not, group by group, in our words."""
    for group, domain, is_list, mapped in _GROUPS:
        rows = [mapped(row) for row in pupil.get(domain, [])]
        if rows:
            yield group, rows if is_list else rows[0]


def comparable(rows: list[Row]) -> list[tuple[tuple[str, str], ...]]:
    """The register's rows of one group in the same form."""
    return sorted(row for row in (_plain(each) for each in rows) if row)
