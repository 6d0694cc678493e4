"""What a run makes of everything that can go wrong at a source: told clearly, nothing removed, made good next time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, done, landed, planned

from schoolgate.bases.models import Base
from schoolgate.collecting.models import StagedPage
from schoolgate.collecting.officers import set_source_setting
from schoolgate.files.models import TransferFile
from schoolgate.lib import clock
from schoolgate.pupils.models import TABLES
from schoolgate.runs.models import Run, TaskLogEntry
from schoolgate.runs.states import LogStatus, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=30) as found:
        yield found


@pytest.fixture
def base(sandbox: Sandbox) -> Iterator[Base]:
    made = base_of(sandbox, sandbox.schools()[0])
    set_source_setting("sims_primary", name="read_seconds", value="1", by=None, now=clock.now())
    yield made
    sandbox.heal()


def held() -> dict[str, int]:
    return {name: table.objects.count() for name, table in TABLES.items()}


WAITED_OUT = {
    "server_error": "failed with an error",
    "truncated": "ended in the middle",
    "content_type": "something other than data",
    "hang": "did not answer in time",
    "repeat_rows": "the same row on two pages",
    "skip_rows": "fewer or more rows",
    "unauthorised": "rejected a token",
    "throttle": "asked to slow down",
}


@pytest.mark.parametrize("kind", WAITED_OUT)
def test_overcomes_what_passes_and_says_so(sandbox: Sandbox, base: Base, kind: str) -> None:
    seconds = {"hang": 3, "throttle": 1}.get(kind)
    sandbox.fault(kind, domain="LearnerContacts", times=1, **({"seconds": seconds} if seconds else {}))
    run = planned(base, "snapshot")
    for _ in range(3):
        after = collected(run)
        if after.stage != Stage.WAITING.value:
            break
        assert after.waits_until is not None
    finished = landed(after)
    assert finished.status == LogStatus.SUCCESSFULLY_EXPORTED.value
    assert WAITED_OUT[kind] in TaskLogEntry.objects.get(run=run).exception_details
    assert TABLES["contacts"].objects.exists()
    sandbox.heal()
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value


@pytest.mark.parametrize(
    ("kind", "code"), [("empty_roll", "source.empty_roll"), ("foreign_link", "source.foreign_link")]
)
def test_fails_clearly_where_waiting_does_not_help(
    sandbox: Sandbox, base: Base, kind: str, code: str
) -> None:
    done(base, "snapshot")
    before = held()
    if kind == "foreign_link":
        sandbox.control("/settings", {"page_size": 10})
    sandbox.fault(kind, times=1)
    run = collected(planned(base, "snapshot"))
    sandbox.control("/settings", {"page_size": 1000})
    assert (run.stage, run.exception_code) == (Stage.FAILED.value, code)
    assert run.exception_remedy in TaskLogEntry.objects.get(run=run).exception_details
    assert held() == before
    assert not StagedPage.objects.exists()
    sandbox.heal()
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value


def test_gives_up_in_the_end(sandbox: Sandbox, base: Base) -> None:
    sandbox.fault("server_error", domain="LearnerAddresses", times=100)
    run = planned(base, "snapshot")
    Run.objects.filter(pk=run.pk).update(retries=11)
    failed = collected(run)
    assert failed.stage == Stage.FAILED.value
    assert "LearnerAddresses" in failed.exception_sentence
    assert not TransferFile.objects.exists()


def test_names_the_domain_a_school_has_not_granted(sandbox: Sandbox, base: Base) -> None:
    school = sandbox.schools()[0]
    grant = {"dfe_number": school["dfe_number"], "domain": "LearnerSenNeeds"}
    sandbox.control("/grant", {**grant, "granted": False})
    failed = collected(planned(base, "snapshot"))
    sandbox.control("/grant", {**grant, "granted": True})
    assert failed.exception_code == "source.domain_not_granted"
    assert "LearnerSenNeeds" in failed.exception_sentence


def test_collects_across_pages_whatever_their_size(sandbox: Sandbox, base: Base) -> None:
    sandbox.control("/settings", {"page_size": 7})
    first = done(base, "snapshot")
    assert first.status == LogStatus.SUCCESSFULLY_EXPORTED.value
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value
    sandbox.control("/settings", {"page_size": 1000})
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value
