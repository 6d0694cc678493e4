-- Notes the state of every pupil that a roll names and that this run has seen it; answers those whose state was
-- another.
WITH seen AS (
    UPDATE pupil_external_id link
    SET roll_state = sent.state, seen_run_id = %(run_id)s
    FROM json_each_text(%(states)s::json) AS sent (external_id, state)
    JOIN pupil_external_id before
        ON before.base_id = %(base_id)s
        AND before.source = %(source)s
        AND before.external_id = sent.external_id
        AND before.ended_at IS NULL
    WHERE link.id = before.id
    RETURNING link.id, link.pupil_id, link.external_id, before.roll_state AS was, sent.state
)
SELECT pupil_id, external_id, was, state FROM seen WHERE was <> state ORDER BY id
