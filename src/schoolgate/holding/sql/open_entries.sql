-- Opens an entry for each cause, or joins the one that is open; answers the ids by cause.
INSERT INTO held_entry AS held (base_id, code, state, opened_at, last_run_id, reason)
SELECT %(base_id)s, code, 'open', %(now)s, %(run_id)s, ''
FROM unnest(%(codes)s::text[]) AS code
ORDER BY code
ON CONFLICT (base_id, code) WHERE state = 'open'
DO UPDATE SET last_run_id = coalesce(excluded.last_run_id, held.last_run_id)
RETURNING code, id
