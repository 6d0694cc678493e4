"""The changes of pupils' records are kept in pieces of an academic year each; none is ever dropped by age.

Years and not months: a change is kept as long as the pupil's record, for which a pupil's timeline asks every
piece there is. See docs/adr/0010.
"""

from __future__ import annotations

from schoolgate.lib.partitions import Partitioned

RECORD_CHANGES = Partitioned(table="record_change", column="at", months=12, first_month=9)
