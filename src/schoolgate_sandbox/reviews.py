"""Changes an office makes to children's records: reviews, addresses, contacts, numbers."""

from __future__ import annotations

from datetime import timedelta

from schoolgate_sandbox import codes, names, upn
from schoolgate_sandbox.codes import MARK_BYTE
from schoolgate_sandbox.days import Day
from schoolgate_sandbox.groups import need, needs, pick, provision
from schoolgate_sandbox.people import CURRENT, Pupil, landline, make_address, make_contact, mobile
from schoolgate_sandbox.plans import excluded_places
from schoolgate_sandbox.pupils import exclusion


def start_provision(day: Day) -> None:
    """A child without an open provision gets support, with needs."""
    pupil = day.pupil()
    if pupil and all(row.values["EndDate"] for row in pupil.rows("LearnerSenProvisions")):
        day.world.add_row(pupil, "LearnerSenProvisions", provision("K", day.today))
        for row in list(pupil.rows("LearnerSenNeeds")):
            day.world.drop_row(pupil, "LearnerSenNeeds", row)
        for row in needs(day.rng, day.today):
            day.world.add_row(pupil, "LearnerSenNeeds", row.values)


def review_provision(day: Day) -> None:
    """A review ends a provision, or turns support into a plan."""
    found = day.row("LearnerSenProvisions", is_open=True)
    if found is None or found[1].values["StartDate"] >= day.today.isoformat():
        return
    pupil, row = found
    yesterday = (day.today - timedelta(days=1)).isoformat()
    follows = "E" if row.values["Provision"] == "K" and day.rng.random() < 0.4 else "N"
    day.world.amend(pupil, "LearnerSenProvisions", row, {"EndDate": yesterday})
    if follows == "E" or day.rng.random() < 0.5:
        day.world.add_row(pupil, "LearnerSenProvisions", provision(follows, day.today))
    if follows == "N":
        for other in list(pupil.rows("LearnerSenNeeds")):
            day.world.amend(pupil, "LearnerSenNeeds", other, {"EndDate": yesterday})


def rank_needs(day: Day) -> None:
    """A child's needs change places, or one is added where there was one only."""
    found = day.row("LearnerSenNeeds", is_open=True)
    if found is None:
        return
    rows = [row for row in found[0].rows("LearnerSenNeeds") if not row.values["EndDate"]]
    if len(rows) > 1:
        for row, rank in zip(rows, reversed([row.values["Rank"] for row in rows]), strict=True):
            day.world.amend(found[0], "LearnerSenNeeds", row, {"Rank": rank})
        return
    taken = rows[0].values["NeedType"]
    code = "SLCN" if taken != "SLCN" else "SEMH"
    day.world.add_row(found[0], "LearnerSenNeeds", need(code, rank=2, start=day.today))


def remove_need(day: Day) -> None:
    """A need entered in error is deleted and the others move up."""
    found = day.row("LearnerSenNeeds")
    if found is None or len(found[0].rows("LearnerSenNeeds")) == 1:
        return
    pupil, row = found
    day.world.drop_row(pupil, "LearnerSenNeeds", row)
    for other in pupil.rows("LearnerSenNeeds"):
        if other.values["Rank"] > row.values["Rank"]:
            day.world.amend(pupil, "LearnerSenNeeds", other, {"Rank": other.values["Rank"] - 1})


def move_house(day: Day) -> None:
    """A family moves: every child of it, at every school."""
    pupil = day.pupil()
    if pupil is None:
        return
    address = make_address(day.rng)
    pupil.person.family.address = address
    for member in pupil.person.family.members:
        for place in member.pupils:
            if place.state == CURRENT and (rows := member.groups.get("LearnerAddresses")):
                day.world.amend(place, "LearnerAddresses", rows[0], address)
                break


def change_contact(day: Day) -> None:
    """A parent has a new telephone or e-mail."""
    if found := day.row("LearnerContacts"):
        items = {"MobileTelephone": mobile(day.rng)}
        if day.rng.random() < 0.4:
            items = {"Email": f"parent{day.rng.randrange(10_000_000):07d}@example.net"}
        day.world.amend(found[0], "LearnerContacts", found[1], items)


def add_contact(day: Day) -> None:
    """A relative is added to a child's contacts."""
    pupil = day.pupil()
    if pupil and (rows := pupil.rows("LearnerContacts")) and len(rows) < 5:
        values = make_contact(day.rng, pupil.person.family, "REL")
        last = max(row.values["Priority"] for row in rows)
        day.world.add_row(pupil, "LearnerContacts", {"Priority": last + 1, **values})


def remove_contact(day: Day) -> None:
    """A child's last contact is deleted."""
    pupil = day.pupil()
    if pupil and len(rows := pupil.rows("LearnerContacts")) > 1:
        day.world.drop_row(pupil, "LearnerContacts", max(rows, key=lambda row: int(row.values["Priority"])))


def change_telephone(day: Day) -> None:
    """A child's own telephone changes, or a first one is entered."""
    pupil = day.pupil()
    if pupil is None:
        return
    if rows := [row for row in pupil.rows("LearnerCommunications") if row.values["Kind"] == "Telephone"]:
        day.world.amend(pupil, "LearnerCommunications", rows[0], {"Value": landline(day.rng)})
        return
    values = {"Kind": "Telephone", "Location": "H", "Value": landline(day.rng), "IsMain": True}
    day.world.add_row(pupil, "LearnerCommunications", values)


def change_meals(day: Day) -> None:
    """Free school meals start, or the open period ends."""
    pupil = day.pupil()
    if pupil is None:
        return
    for row in pupil.rows("LearnerFreeSchoolMeals"):
        if not row.values["EndDate"]:
            day.world.amend(pupil, "LearnerFreeSchoolMeals", row, {"EndDate": day.today.isoformat()})
            return
    values = {"StartDate": day.today.isoformat(), "EndDate": None, "Country": "ENG"}
    day.world.add_row(pupil, "LearnerFreeSchoolMeals", values)


def change_surname(day: Day) -> None:
    """A child takes another surname; the old one is kept as the former."""
    if pupil := day.pupil():
        row = pupil.person.personals
        old = row.values["LegalSurname"]
        new = next(name for name in day.rng.sample(names.CULTURES[0].surnames, 2) if name != old)
        items = {"LegalSurname": new, "PreferredSurname": new, "FormerSurname": old}
        day.world.amend(pupil, "LearnerPersonals", row, items)


def replace_upn(day: Day) -> None:
    """A temporary UPN, or none at all, is replaced by a permanent one."""
    waiting = [pupil for pupil in day.roll.current() if not _has_permanent(pupil)]
    if not waiting:
        return
    pupil = day.rng.choice(waiting)
    row = pupil.person.personals
    day.world.newcomers += 1
    number = upn.permanent(
        la=day.world.la,
        # Numbers of this range are nobody's, so the count alone keeps them apart.
        establishment=5200 + day.world.newcomers // 1000,
        year=day.today.year,
        serial=day.world.newcomers % 1000,
    )
    former = row.values["UPN"] or row.values["FormerUPN"]
    day.world.amend(
        pupil, "LearnerPersonals", row, {"UPN": number, "FormerUPN": former, "UPNUnknownReason": None}
    )


def _has_permanent(pupil: Pupil) -> bool:
    number = pupil.person.personals.values["UPN"]
    return number is not None and number[-1].isdigit()


def assess_english(day: Day) -> None:
    """A child's English is assessed anew."""
    pupil = day.pupil()
    if pupil and (rows := pupil.rows("LearnerCulturals")) and rows[0].values["FirstLanguage"] != "ENG":
        items = {"EnglishProficiency": pick(day.rng, codes.PROFICIENCY)}
        day.world.amend(pupil, "LearnerCulturals", rows[0], items)


def find_carer(day: Day) -> None:
    """A child is found to be a young carer, or no longer."""
    pupil = day.pupil()
    if pupil and (rows := pupil.rows("LearnerYoungCarers")):
        new = "N" if rows[0].values["YoungCarer"] != "N" else day.rng.choice(("P", "S"))
        day.world.amend(pupil, "LearnerYoungCarers", rows[0], {"YoungCarer": new})


def serve(day: Day) -> None:
    """A parent joins or leaves the forces."""
    pupil = day.pupil()
    if pupil and (rows := pupil.rows("LearnerServiceChildren")):
        new = "N" if rows[0].values["ServiceChild"] == "Y" else "Y"
        day.world.amend(pupil, "LearnerServiceChildren", rows[0], {"ServiceChild": new})


def take_into_care(day: Day) -> None:
    """A child comes into care, or leaves it."""
    pupil = day.pupil()
    if pupil is None:
        return
    rows = pupil.rows("LearnerLookedAfters")
    if not rows:
        values = {"InCare": True, "CareAuthority": str(day.world.la), "PostLookedAfter": None}
        day.world.add_row(pupil, "LearnerLookedAfters", values)
    elif rows[0].values["InCare"]:
        items = {
            "InCare": False,
            "CareAuthority": None,
            "PostLookedAfter": pick(day.rng, codes.POST_LOOKED_AFTER),
        }
        day.world.amend(pupil, "LearnerLookedAfters", rows[0], items)


def suspend(day: Day) -> None:
    """A child is suspended from the next school day on."""
    pupil = day.pupil()
    if pupil is None or pupil.year.startswith("N") or pupil.status != "C":
        return
    days = day.world.coming_days(day.roll.school, day.today, count=6)
    values = exclusion(day.rng, day.roll.school, days[0])
    day.world.add_row(pupil, "LearnerExclusions", values)
    for place in excluded_places(values, days):
        day.roll.book.plan(pupil, place, MARK_BYTE["E"])
