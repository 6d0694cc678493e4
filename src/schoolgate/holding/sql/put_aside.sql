-- Puts aside what waits, in place of what waited for the same pupil and group unless that was read later.
-- What a run is to land stays with it if the content is the same, unless that run itself puts it aside again.
-- Refusals stay as they are.
INSERT INTO held_item AS held (
    entry_id, base_id, source, external_id, "group", kind, content, digest, keys, read_at, since_at, run_id,
    pupil_id, state, decision, reason
)
SELECT
    (%(entries)s::jsonb ->> sent.code)::bigint,
    %(base_id)s, sent.source, sent.external_id, sent."group", sent.kind, sent.content, sent.digest, sent.keys,
    sent.read_at, %(now)s, %(run_id)s, sent.pupil_id, 'waiting', '', ''
FROM json_to_recordset(%(waiting)s::json) AS sent (
    source text, external_id text, "group" text, code text, kind text, content text, digest uuid, keys jsonb,
    read_at timestamptz, pupil_id bigint
)
ORDER BY sent.source, sent.external_id, sent."group"
ON CONFLICT (base_id, source, external_id, "group") WHERE state IN ('waiting', 'refused')
DO UPDATE SET
    entry_id = excluded.entry_id,
    kind = excluded.kind,
    content = excluded.content,
    digest = excluded.digest,
    keys = excluded.keys,
    read_at = excluded.read_at,
    run_id = excluded.run_id,
    pupil_id = excluded.pupil_id,
    release_run_id = CASE
        WHEN held.digest = excluded.digest AND held.release_run_id IS DISTINCT FROM excluded.run_id
            THEN held.release_run_id
    END
WHERE held.state = 'waiting' AND held.read_at <= excluded.read_at
