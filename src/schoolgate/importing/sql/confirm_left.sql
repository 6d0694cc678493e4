-- Pupils whom an officer says have left a base count as leavers there; answers how each stood before.
WITH standing AS (
    SELECT id, pupil_id, roll_state
    FROM pupil_external_id
    WHERE base_id = %(base_id)s AND external_id = ANY(%(external_ids)s::text[]) AND roll_state <> 'Leaver'
    FOR UPDATE
)
UPDATE pupil_external_id AS link
SET roll_state = 'Leaver'
FROM standing
WHERE link.id = standing.id
RETURNING standing.pupil_id, standing.roll_state
