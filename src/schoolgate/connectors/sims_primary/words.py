"""The sentences in which only SIMS Primary is meant."""

from __future__ import annotations

from schoolgate.connectors.declarations import Told, Words

LABEL = "SIMS Primary"

WORDS = Words(
    settings="SIMS Primary API Settings",
    where_settings_stand="Enter all values of the credentials report from SIMS ID.",
    settings_missing=Told(
        "The base has no SIMS Primary settings.",
        "Add Client ID, Secret, Subscription Key and Organisation ID on the base's page.",
    ),
    not_supported=Told(
        "SIMS Primary does not support this data type.",
        "Use Snapshot Data, Changed Data or Attendance Changed Data (SIMS Primary).",
    ),
    changes_kept="SIMS Primary keeps its changes for three months.",
)
