"""A source that speaks another dialect than the sandbox: all lands, or what doesn't is counted and told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from tests.bent import BentSource, bent
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, done, landed, planned

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.bases.models import Base
from schoolgate.lib import clock
from schoolgate.pupils.models import TABLES
from schoolgate.runs.clocks import clock_differences
from schoolgate.runs.intake import rows_from
from schoolgate.runs.models import Run, RunException, Since
from schoolgate.runs.rules import RowTerms
from schoolgate.runs.states import LogStatus, Stage

pytestmark = pytest.mark.django_db(transaction=True)

EXPORTED, EXCEPTIONS, NOTHING = (
    LogStatus.SUCCESSFULLY_EXPORTED.value,
    LogStatus.EXPORTED_WITH_EXCEPTIONS.value,
    LogStatus.NOTHING_CHANGED.value,
)
Change = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=40) as found:
        yield found


@pytest.fixture
def source(sandbox: Sandbox) -> Iterator[BentSource]:
    sandbox.heal()
    sandbox.control("/settings", {"page_size": 1000})
    with bent(sandbox.url) as found:
        yield found


@pytest.fixture
def base(sandbox: Sandbox, source: BentSource) -> Base:
    beside = Sandbox(url=source.url, process=sandbox.process)
    return base_of(beside, sandbox.schools()[0])


def put(find: str, by: str, *, times: int = 0) -> Change:
    return lambda body: re.sub(find.encode("latin-1"), by.encode("latin-1"), body, count=times)


def codes_of(run: Run) -> set[str]:
    return set(RunException.objects.filter(run=run).exclude(kind="left out").values_list("code", flat=True))


def rows_of(run: Run, domain: str) -> RowTerms:
    terms = rows_from(run.rows)
    assert all(each.balances() for each in terms.values())
    return terms[domain]


NEXT = '"@odata.nextLink"'
READ_AS_EVER = {
    "the continuation of version 4.01": ("/Learner/", put(NEXT, '"@nextLink"')),
    "the continuation of version 3": ("/Learner/", put(NEXT, '"odata.nextLink"')),
    "a continuation from the root": ("/Learner/", put(NEXT + r':"http://[^/]+/', NEXT + ':"/')),
    "a continuation beside the page": (
        "/Learner/",
        put(NEXT + r':"http://[^"?]+/([A-Za-z]+)\?', NEXT + r':"\1?'),
    ),
    "a continuation that is empty": ("LearnerAddresses", put(r"\}$", ',"@odata.nextLink":""}')),
    "a byte-order mark": ("/Learner/", lambda body: b"\xef\xbb\xbf" + body),
    "a token's life as text": ("connect/token", put(r'"expires_in":\s*(\d+)', r'"expires_in":"\1"')),
    "a token's life as null": ("connect/token", put(r'"expires_in":\s*(\d+)', '"expires_in":null')),
    "a count as text": ("/Learner/", put(r'"@odata.count":(\d+)', r'"@odata.count":"\1"')),
    "ids in capitals": (
        "LearnerAddresses",
        lambda body: re.sub(
            rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda found: found[0].upper(), body
        ),
    ),
    "no removal": ("LearnerAddresses", put(r'\{"ExternalID":"', '{"@removed":null,"ExternalID":"')),
}


@pytest.mark.parametrize("dialect", READ_AS_EVER)
def test_lands_everything_whatever_ordinary_form_the_source_has(
    sandbox: Sandbox, source: BentSource, base: Base, dialect: str
) -> None:
    if "empty" not in dialect:
        sandbox.control("/settings", {"page_size": 10})
    source.bend(*READ_AS_EVER[dialect])
    assert done(base, "snapshot").status == EXPORTED
    source.straighten()
    run = done(base, "snapshot")
    assert run.status == NOTHING
    assert rows_of(run, "LearnerAddresses").received >= 40


def test_lands_everything_from_a_source_that_refuses_to_count(
    sandbox: Sandbox, source: BentSource, base: Base
) -> None:
    sandbox.control("/settings", {"page_size": 10})
    for _ in range(3):
        source.answer_once("count=true", status=400, headers={"content-type": "application/json"}, body=b"{}")
    run = done(base, "snapshot")
    assert run.status == EXPORTED
    assert not run.is_complete_read
    source.straighten()
    assert done(base, "snapshot").status == NOTHING


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, b'{"message":"Out of call volume quota."}', "source.quota_used_up"),
        (429, b"{}", "source.throttled"),
        (503, b"", "source.server_error"),
    ],
)
def test_waits_as_it_is_told_and_calls_the_run_a_success(
    source: BentSource, base: Base, status: int, body: bytes, code: str
) -> None:
    headers = {"retry-after": "1", "content-type": "application/json"}
    source.answer_once("LearnerContacts", status=status, headers=headers, body=body)
    run = done(base, "snapshot")
    assert (run.status, codes_of(run)) == (EXPORTED, {code})


@pytest.mark.parametrize("more", ['"hasMore":true', '"paging":{"next":"/x"}', '"error":{"code":"x"}'])
def test_calls_no_list_a_success_for_which_nobody_vouches(source: BentSource, base: Base, more: str) -> None:
    """Without a count, and with something that could continue it, a list may go on."""
    source.bend("LearnerAddresses", put(r'"@odata.count":\d+,', ""))
    source.bend("LearnerAddresses", put(r"\}$", f",{more}}}"))
    for data_type in ("snapshot", "changed_data"):
        run = done(base, data_type)
        assert (run.status, codes_of(run)) == (EXCEPTIONS, {"source.not_vouched"})
    assert not Since.objects.exists()
    source.straighten()
    assert done(base, "changed_data").status in {NOTHING, EXPORTED}
    assert Since.objects.count() == 1


def test_reads_anew_after_a_link_that_led_back(sandbox: Sandbox, source: BentSource, base: Base) -> None:
    """The pages of a list that loops are no pages to go on from: the next try reads them again."""
    sandbox.control("/settings", {"page_size": 10})
    source.bend("LearnerAddresses", put(NEXT + r':"([^"?]+)\?[^"]*"', NEXT + r':"\1?$skip=10"'))
    waiting = collected(planned(base, "snapshot"))
    assert waiting.stage == Stage.WAITING.value
    source.straighten()
    calls = sandbox.control("/calls")["by_domain"]["LearnerAddresses"]
    assert landed(collected(waiting)).status == EXPORTED
    assert sandbox.control("/calls")["by_domain"]["LearnerAddresses"] > calls


def test_loses_one_row_to_a_row_that_cant_be_read(source: BentSource, base: Base) -> None:
    whole = put(r'("value":\[)\{"ExternalID":"[^"]+","Learner":\{[^{}]*\}', r'\1{"ExternalID":"x"', times=1)
    source.bend("LearnerAddresses", whole)
    run = done(base, "snapshot")
    assert (run.status, codes_of(run)) == (EXCEPTIONS, {"rows.unreadable"})
    terms = rows_of(run, "LearnerAddresses")
    assert (terms.unreadable, terms.became) == (1, terms.received - terms.left_out - 1)
    again = done(base, "snapshot")
    assert codes_of(again) == {"rows.unreadable"}, "a row that can't be read is told as long as it is there"
    source.straighten()
    assert done(base, "snapshot").status == EXPORTED


def test_takes_brothers_and_sisters_who_share_a_contact(source: BentSource, base: Base) -> None:
    shared = "00000000-0000-4000-8000-0000000000cc"
    source.bend(
        "LearnerContacts",
        put(r'"ExternalID":"[0-9a-f-]{36}","Learner"', f'"ExternalID":"{shared}","Learner"', times=2),
    )
    assert done(base, "snapshot").status == EXPORTED
    source.straighten()
    assert done(base, "snapshot").status == NOTHING


SECOND = r'(\{"ExternalID":")([0-9a-f-]{36})(","Learner":\{[^{}]*\}[^{}]*?"PAON":")([^"]*)("[^{}]*\})'
OTHER = r"\g<1>00000000-0000-4000-8000-0000000000aa\g<3>99 Second\g<5>"


@pytest.mark.parametrize(
    "orders", [(r"\g<0>," + OTHER, OTHER + r",\g<0>"), (OTHER + r",\g<0>", r"\g<0>," + OTHER)]
)
def test_keeps_one_of_two_addresses_whatever_their_order(
    source: BentSource, base: Base, orders: tuple[str, str]
) -> None:
    statuses = []
    for order in orders:
        source.straighten()
        source.bend("LearnerAddresses", put(r'"@odata.count":\d+,', ""))
        source.bend("LearnerAddresses", put(SECOND, order, times=1))
        run = done(base, "snapshot")
        statuses.append(run.status)
        assert rows_of(run, "LearnerAddresses").beside == 1
        told = RunException.objects.get(run=run, code="rows.beside")
        assert len(told.details["pupils"]) == 1
    assert statuses == [EXPORTED, NOTHING]


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ('"EndDate":"2020-01-01"', '"EndDate":null'),
        ('"EndDate":"2020-01-01"', '"EndDate":"9999-12-31T00:00:00"'),
        ('"EndDate":"2020-01-01"', '"EndDate":"2021-01-01"'),
        ('"IsMain":false', '"IsMain":true'),
        ('"StartDate":"2020-01-01"', '"StartDate":"2021-01-01"'),
        ('"IsMain":true,"EndDate":"2020-01-01"', '"IsMain":false'),
    ],
)
def test_lets_the_current_the_main_the_newest_address_speak(
    source: BentSource, base: Base, mine: str, other: str
) -> None:
    source.bend("LearnerAddresses", put(r'"@odata.count":\d+,', ""))
    both = put(
        r'\{("ExternalID":")([0-9a-f-]{36})(","Learner":\{[^{}]*\}[^{}]*?"PAON":")([^"]*)("[^{}]*\})',
        "{" + mine + r",\1\2\3\4\5,{" + other + r",\1aaaaaaaa-0000-4000-8000-0000000000aa\g<3>1 Second\5",
        times=1,
    )
    source.bend("LearnerAddresses", both)
    done(base, "snapshot")
    assert TABLES["address"].objects.filter(paon="1 Second").count() == 1


@pytest.mark.parametrize("minutes", [-10, 10])
def test_loses_no_change_to_a_clock_that_is_wrong(
    sandbox: Sandbox, source: BentSource, base: Base, minutes: int
) -> None:
    """Changes are asked for by the source's own clock, and what differs is told."""
    source.shift_clock(timedelta(minutes=minutes))
    first = done(base, "changed_data")
    assert first.clock_offset == pytest.approx(minutes * 60, abs=5)
    assert codes_of(first) == {"source.clocks_differ"}
    read_at = first.read_started_at
    assert read_at is not None
    counted_from = Since.objects.get().since_at
    assert counted_from == pytest.approx(
        read_at + timedelta(minutes=min(minutes, 0)), abs=timedelta(seconds=5)
    )
    source.asked.clear()
    done(base, "changed_data")
    starts = {
        datetime.fromisoformat(found[1])
        for path in source.asked
        if (found := re.search(r"startDate=([0-9T:Z-]+)", path)) is not None
    }
    assert starts
    assert max(starts) <= read_at + timedelta(minutes=minutes) - timedelta(minutes=4)
    differing = clock_differences(EVERYTHING)
    assert [(each.base_id, each.words) for each in differing] == [
        (base.pk, f"10 minutes {'behind' if minutes < 0 else 'ahead'}")
    ]


def test_asks_for_no_more_than_the_source_reaches_back(source: BentSource, base: Base) -> None:
    done(base, "changed_data")
    Since.objects.update(since_at=clock.now() - timedelta(days=200))
    source.asked.clear()
    run = done(base, "changed_data")
    assert run.read_started_at is not None
    starts = [found[1] for path in source.asked if (found := re.search(r"startDate=([0-9T:Z-]+)", path))]
    assert min(map(datetime.fromisoformat, starts)) >= run.read_started_at - timedelta(days=92, seconds=5)
    assert "since.gap" in codes_of(run)
