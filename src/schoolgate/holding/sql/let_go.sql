-- Ends what waits or was refused for these pupils and groups. What the run that is landing was to release
-- is released; of the rest nobody need decide any more.
UPDATE held_item AS held
SET
    state = CASE
        WHEN held.state = 'waiting' AND EXISTS (
            SELECT FROM run WHERE run.id = held.release_run_id AND run.stage = 'landing'
        ) THEN 'released'
        ELSE 'ended'
    END,
    content = '',
    keys = '{}',
    decided_at = CASE WHEN held.state = 'waiting' THEN coalesce(held.decided_at, %(now)s) ELSE held.decided_at END,
    reason = CASE WHEN held.reason = '' THEN %(why)s ELSE held.reason END
FROM unnest(%(external_ids)s::text[], %(groups)s::text[]) AS gone (external_id, "group")
WHERE held.base_id = %(base_id)s
    AND held.source = %(source)s
    AND held.external_id = gone.external_id
    AND held."group" = gone."group"
    AND held.state IN ('waiting', 'refused')
