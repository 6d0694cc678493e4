"""Which of a base's external ids speaks for a pupil: the one on the roll, else the one known first."""

from __future__ import annotations

from collections.abc import Mapping

from schoolgate_message.roll_states import CURRENT, FUTURE, LEAVER

_BY_WEIGHT = (CURRENT, FUTURE, LEAVER)


class Voices:
    """The speaking id of every pupil whom a base sends."""

    def __init__(self, known: Mapping[str, int], states: Mapping[str, str]) -> None:
        """``known`` are pupils by external id; ``states`` are looked up whenever an id is added."""
        self._states = states
        self._speaking: dict[int, str] = {}
        for external_id, pupil_id in known.items():
            self.add(pupil_id, external_id)

    def speaker(self, pupil_id: int) -> str:
        """The external id that speaks for the pupil."""
        return self._speaking[pupil_id]

    def add(self, pupil_id: int, external_id: str) -> None:
        """Let another id speak, if it has more to say."""
        speaking = self._speaking.get(pupil_id)
        if speaking is None or self._rank(external_id) < self._rank(speaking):
            self._speaking[pupil_id] = external_id

    def _rank(self, external_id: str) -> int:
        state = self._states.get(external_id, CURRENT)
        return _BY_WEIGHT.index(state) if state in _BY_WEIGHT else len(_BY_WEIGHT)
