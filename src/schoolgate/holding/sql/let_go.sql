-- Ends what waits or was refused for these pupils and groups. What the run that is landing was to release
-- is released, by whoever decided so; of the rest nobody need decide any more. A refusal keeps its reason. What
-- was read later than what has landed goes on waiting.
WITH going AS (
    SELECT
        held.id,
        held.state = 'refused' AS is_refused,
        EXISTS (SELECT FROM run WHERE run.id = held.release_run_id AND run.stage = 'landing') AS is_released
    FROM unnest(%(external_ids)s::text[], %(groups)s::text[]) AS gone (external_id, "group")
    JOIN held_item AS held
        ON held.base_id = %(base_id)s
        AND held.source = %(source)s
        AND held.external_id = gone.external_id
        AND held."group" = gone."group"
        AND held.state IN ('waiting', 'refused')
)
UPDATE held_item AS held
SET
    state = CASE WHEN going.is_released THEN 'released' ELSE 'ended' END,
    content = '',
    keys = '{}',
    decided_by = CASE WHEN going.is_released OR going.is_refused THEN held.decided_by END,
    decided_at = CASE WHEN going.is_released OR going.is_refused THEN held.decided_at ELSE %(now)s END,
    reason = CASE WHEN going.is_released OR going.is_refused THEN held.reason ELSE %(why)s END
FROM going
WHERE held.id = going.id
    AND (%(read_at)s::timestamptz IS NULL OR held.read_at <= %(read_at)s OR going.is_released)
