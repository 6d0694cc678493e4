"""Forgets the pages remembered so far: what they carried was kept under keys that nobody reads any more.

They are a cache over the cache of hashes. The next run of a base takes its pages apart once more, finds their
blocks by their hashes, and remembers the pages as they are kept now; no block is lost or sent by it. Proposed
before landed, as everybody who forgets takes them.
"""

from __future__ import annotations

from django.db import migrations

FORGET = ("DELETE FROM page_proposed", "DELETE FROM page_hash")


class Migration(migrations.Migration):
    dependencies = [("blocks", "0002_read_times")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
