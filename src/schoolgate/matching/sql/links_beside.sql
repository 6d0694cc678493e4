-- Who knows some pupils beside one source of a base: other bases and, if a source is named, its other sources; at
-- a base that is no longer in use nobody is on a roll. Of other sources it is told whether they came first.
SELECT
    link.pupil_id,
    link.base_id,
    base.mis,
    link.source,
    CASE WHEN base.is_active OR link.base_id = %(base_id)s THEN link.roll_state ELSE %(absent)s END,
    link.base_id = %(base_id)s AND NOT EXISTS (
        SELECT FROM pupil_external_id AS own
        WHERE own.pupil_id = link.pupil_id
            AND own.base_id = link.base_id
            AND own.source = %(source)s
            AND own.ended_at IS NULL
            AND own.id < link.id
    )
FROM pupil_external_id AS link
JOIN base ON base.id = link.base_id
WHERE link.pupil_id = ANY(%(pupil_ids)s)
    AND (link.base_id <> %(base_id)s OR link.source <> %(source)s)
    AND link.ended_at IS NULL
ORDER BY link.roll_state = ANY(%(attending)s), link.id
