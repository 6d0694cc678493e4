-- Notes the state of every pupil that a roll names and that this run has seen it; answers those whose state was
-- another. A roll that was read before the one that told a pupil's state tells nothing of that pupil.
WITH seen AS (
    UPDATE pupil_external_id link
    SET roll_state = sent.state, seen_run_id = %(run_id)s, roll_read_at = %(read_at)s
    FROM json_each_text(%(states)s::json) AS sent (external_id, state)
    JOIN pupil_external_id before
        ON before.base_id = %(base_id)s
        AND before.source = %(source)s
        AND before.external_id = sent.external_id
        AND before.ended_at IS NULL
    WHERE link.id = before.id
        AND (before.roll_read_at IS NULL OR %(read_at)s::timestamptz >= before.roll_read_at)
    RETURNING link.id, link.pupil_id, link.external_id, before.roll_state AS was, sent.state
)
SELECT pupil_id, external_id, was, state FROM seen WHERE was <> state ORDER BY id
