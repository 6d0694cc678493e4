"""Every data group and data item Schoolgate exchanges, each declared here and nowhere else.

Names and types follow the Common Transfer File and the Common Basic Data Set where those have the
item.  Attendance marks travel beside the groups (see ``marks``), since they are compared with the
year string and not with a hash.
"""

from __future__ import annotations

from types import MappingProxyType

from schoolgate_message.items import DataGroup, DataItem, ItemType, Scope, Sensitivity

LONGEST_UPN = 40
"""A UPN has 13 characters; what schools write there, with spaces in it or in words, may be longer."""


def _text(name: str, label: str, element: str, length: int = 100, cbds: str = "") -> DataItem:
    return DataItem(name=name, label=label, element=element, max_length=length, cbds=cbds)


def _number_text(name: str, label: str, element: str, length: int, cbds: str = "") -> DataItem:
    """A number with letters in it."""
    return DataItem(name=name, label=label, element=element, max_length=length, cbds=cbds, is_number=True)


def _code(name: str, label: str, element: str, code_set: str, cbds: str = "") -> DataItem:
    return DataItem(
        name=name,
        label=label,
        element=element,
        type=ItemType.CODE,
        code_set=code_set,
        max_length=10,
        cbds=cbds,
    )


def _typed(name: str, label: str, element: str, kind: ItemType, cbds: str = "") -> DataItem:
    return DataItem(name=name, label=label, element=element, type=kind, max_length=20, cbds=cbds)


def _date(name: str, label: str, element: str, cbds: str = "") -> DataItem:
    return _typed(name, label, element, ItemType.DATE, cbds)


def _yes_no(name: str, label: str, element: str, cbds: str = "") -> DataItem:
    return _typed(name, label, element, ItemType.YES_NO, cbds)


def _number(name: str, label: str, element: str, cbds: str = "") -> DataItem:
    return _typed(name, label, element, ItemType.NUMBER, cbds)


_POSTAL = (
    _text("saon", "Flat or part of building", "SAON"),
    _text("paon", "House number or name", "PAON"),
    _text("street", "Street", "Street"),
    _text("locality", "Locality", "Locality", 35),
    _text("town", "Town", "Town", 30),
)

IDENTIFIERS = DataGroup(
    number=1,
    name="identifiers",
    label="Identifiers",
    element="Identifiers",
    items=(
        _number_text("upn", "UPN", "UPN", LONGEST_UPN, "N00001"),
        _number_text("former_upn", "Former UPN", "FormerUPN", LONGEST_UPN, "N00002"),
        _code("upn_unknown_reason", "Reason UPN unknown", "UPNunknown", "upn_unknown", "N00135"),
        _text("uln", "Unique learner number", "UniqueLearnerNumber", 10, "100016"),
        _text("uci", "Unique candidate identifier", "UCI", 13),
    ),
)

BASIC_DETAILS = DataGroup(
    number=2,
    name="basic_details",
    label="Basic details",
    element="BasicDetails",
    items=(
        _text("family_name", "Family name", "Surname", 35),
        _text("given_name", "Given name", "Forename", 35),
        _text("middle_names", "Middle names", "MiddleNames", 35),
        _text("preferred_family_name", "Preferred family name", "PreferredSurname", 35),
        _text("preferred_given_name", "Preferred given name", "PreferredForename", 35),
        _text("former_family_name", "Former family name", "FormerSurname", 35),
        _date("date_of_birth", "Date of birth", "DOB", "N00066"),
        _code("sex", "Sex", "Sex", "sex", "N00783"),
    ),
)

ADDRESS = DataGroup(
    number=3,
    name="address",
    label="Address",
    element="Address",
    items=(
        *_POSTAL,
        _text("administrative_area", "Administrative area", "AdministrativeArea", 30),
        _text("post_town", "Post town", "PostTown", 30),
        _text("county", "County", "County", 40),
        _text("postcode", "Postcode", "PostCode", 8),
        _text("country", "Country", "Country", 45),
        _text("uprn", "UPRN", "UniquePropertyReferenceNumber", 12),
    ),
)

COMMUNICATIONS = DataGroup(
    number=4,
    name="communications",
    label="Telephones and e-mails",
    element="Communications",
    row_element="Communication",
    order=("kind", "location", "value"),
    identity=("kind", "location"),
    tells="value",
    items=(
        _code("kind", "Kind", "Kind", "communication_kind"),
        _code("location", "Telephone type", "TelephoneType", "phone_type"),
        _text("value", "Number or address", "Value", 254),
        _yes_no("is_main", "Main", "IsMain"),
    ),
)

CONTACTS = DataGroup(
    number=5,
    name="contacts",
    label="Contacts",
    element="Contacts",
    row_element="Contact",
    order=("priority", "family_name"),
    identity=("family_name", "given_name"),
    items=(
        _number("priority", "Priority", "Order"),
        _text("title", "Title", "Title", 35),
        _text("family_name", "Family name", "Surname", 35),
        _text("given_name", "Given name", "Forename", 35),
        _text("middle_names", "Middle names", "MiddleNames", 35),
        _code("sex", "Sex", "Sex", "sex"),
        _code("relationship", "Relationship", "Relationship", "relationship"),
        _yes_no("has_responsibility", "Parental responsibility", "Responsibility"),
        _yes_no("lives_with_pupil", "Address as pupil", "AddressAsPupil"),
        *_POSTAL,
        _text("postcode", "Postcode", "PostCode", 8),
        _text("home_telephone", "Home telephone", "HomeTelephone", 35),
        _text("mobile_telephone", "Mobile telephone", "MobileTelephone", 35),
        _text("work_telephone", "Work telephone", "WorkTelephone", 35),
        _text("email", "E-mail", "Email", 254),
    ),
)

ENROLMENTS = DataGroup(
    number=6,
    name="enrolments",
    label="Enrolment and school history",
    element="SchoolHistory",
    row_element="School",
    scope=Scope.BASE,
    order=("entry_on", "school_dfe_number"),
    identity=("school_dfe_number", "entry_on"),
    items=(
        _text("school_dfe_number", "School (DfE number)", "LAEstab", 7),
        _text("school_name", "School name", "SchoolName"),
        _date("entry_on", "Entry date", "EntryDate"),
        _date("leaving_on", "Leaving date", "LeavingDate"),
        _code("leaving_reason", "Leaving reason", "LeavingReason", "leaving_reasons"),
        _code("enrolment_status", "Enrolment status", "EnrolStatus", "enrolment_status"),
        _code("nc_year", "National Curriculum Year", "NCyearActual", "nc_year"),
        _text("registration_group", "Registration group", "RegistrationGroup", 40),
        _code("boarder", "Boarder", "Boarder", "boarder"),
    ),
)

SEN_PROVISIONS = DataGroup(
    number=7,
    name="sen_provisions",
    label="SEN provision",
    element="SENhistory",
    row_element="SEN",
    order=("start_on", "provision"),
    identity=("provision", "start_on"),
    sensitivity=Sensitivity.SPECIAL,
    items=(
        _code("provision", "SEN provision", "SENprovision", "sen_provision"),
        _date("start_on", "Start date", "StartDate"),
        _date("end_on", "End date", "EndDate"),
    ),
)

SEN_NEEDS = DataGroup(
    number=8,
    name="sen_needs",
    label="SEN needs",
    element="SENneeds",
    row_element="SENneed",
    order=("rank", "need_type"),
    identity=("need_type",),
    sensitivity=Sensitivity.SPECIAL,
    items=(
        _number("rank", "Rank", "SENtypeRank"),
        _code("need_type", "Type of need", "SENtype", "sen_type"),
        _date("start_on", "Start date", "StartDate"),
        _date("end_on", "End date", "EndDate"),
    ),
)

FREE_SCHOOL_MEALS = DataGroup(
    number=9,
    name="free_school_meals",
    label="Free school meals",
    element="FSMhistory",
    row_element="FSMinstance",
    order=("start_on",),
    identity=("start_on",),
    items=(
        _date("start_on", "Start date", "FSMstartDate"),
        _date("end_on", "End date", "FSMendDate"),
        _code("country", "Country", "UKcountry", "uk_country"),
    ),
)

ETHNICITY_LANGUAGE = DataGroup(
    number=10,
    name="ethnicity_language",
    label="Ethnicity and language",
    element="EthnicityLanguage",
    sensitivity=Sensitivity.SPECIAL,
    items=(
        _code("ethnicity", "Ethnicity", "Ethnicity", "ethnicity", "N00177"),
        _code("ethnicity_source", "Source of ethnicity", "EthnicitySource", "ethnicity_source"),
        _code("first_language", "First language", "FirstLanguage", "language"),
        _code("home_language", "Home language", "HomeLanguage", "language"),
        _code("english_proficiency", "Proficiency in English", "EnglishProficiency", "english_proficiency"),
        _code("religion", "Religion", "Religion", "religion"),
    ),
)

SERVICE_CHILD = DataGroup(
    number=11,
    name="service_child",
    label="Service child",
    element="ServiceChildDetails",
    items=(_code("service_child", "Service child", "ServiceChild", "service_child", "100330"),),
)

YOUNG_CARER = DataGroup(
    number=12,
    name="young_carer",
    label="Young carer",
    element="YoungCarerDetails",
    items=(_code("young_carer", "Young carer", "YoungCarer", "young_carer"),),
)

LOOKED_AFTER = DataGroup(
    number=13,
    name="looked_after",
    label="Looked after",
    element="LookedAfter",
    sensitivity=Sensitivity.SPECIAL,
    items=(
        _yes_no("in_care", "Looked after", "InCare"),
        _text("care_authority", "Authority responsible", "CareAuthority", 3),
        _code("post_looked_after", "Arrangement after care", "PostLookedAfter", "post_looked_after"),
    ),
)

SUSPENSIONS = DataGroup(
    number=14,
    name="suspensions",
    label="Suspensions and exclusions",
    element="Exclusions",
    row_element="Exclusion",
    scope=Scope.BASE,
    order=("start_on", "start_session"),
    identity=("start_on", "start_session"),
    sensitivity=Sensitivity.SPECIAL,
    items=(
        _code("category", "Category", "Category", "suspension_type", "N00026"),
        _code("reason_1", "First reason", "Reason1", "suspension_reason", "N00685"),
        _code("reason_2", "Second reason", "Reason2", "suspension_reason", "N00686"),
        _code("reason_3", "Third reason", "Reason3", "suspension_reason", "N00687"),
        _date("start_on", "Start date", "StartDate"),
        _date("end_on", "End date", "EndDate"),
        _code("start_session", "Starts in session", "StartTime", "school_session"),
        _typed("school_days", "School days", "SchoolDays", ItemType.DECIMAL),
    ),
)

ATTAINMENT = DataGroup(
    number=15,
    name="attainment",
    label="Attainment",
    element="StageAssessments",
    row_element="StageAssessment",
    order=("year", "stage", "subject", "component"),
    identity=("year", "stage", "subject", "component"),
    items=(
        _code("stage", "Key stage", "Stage", "assessment_stage"),
        _number("year", "Year", "Year"),
        _text("locale", "Locale", "Locale", 3),
        _text("subject", "Subject", "Subject", 3),
        _text("method", "Method", "Method", 3),
        _text("component", "Component", "Component", 3),
        _code("result_status", "Result status", "ResultStatus", "result_status"),
        _code("result_qualifier", "Result qualifier", "ResultQualifier", "result_qualifier"),
        _text("result", "Result", "Result", 9),
        _date("result_on", "Result date", "ResultDate"),
    ),
)

GROUPS: tuple[DataGroup, ...] = (
    IDENTIFIERS,
    BASIC_DETAILS,
    ADDRESS,
    COMMUNICATIONS,
    CONTACTS,
    ENROLMENTS,
    SEN_PROVISIONS,
    SEN_NEEDS,
    FREE_SCHOOL_MEALS,
    ETHNICITY_LANGUAGE,
    SERVICE_CHILD,
    YOUNG_CARER,
    LOOKED_AFTER,
    SUSPENSIONS,
    ATTAINMENT,
)
"""Every group that travels as blocks, in writing order."""

BY_NAME = MappingProxyType({group.name: group for group in GROUPS})
BY_ELEMENT = MappingProxyType({group.element: group for group in GROUPS})

ATTENDANCE = "attendance"
"""The name under which marks are counted in accounts; they are not a block."""
