-- Forgets the hashes of some groups of some pupils, at one base, of one source, or of all but one, and says at which
-- bases.
WITH held AS (
    SELECT id
    FROM block_hash
    WHERE pupil_id = ANY(%(pupil_ids)s)
        AND (%(base_id)s::bigint IS NULL OR base_id = %(base_id)s)
        AND (%(source)s::text IS NULL OR source = %(source)s)
        AND (
            %(but_base_id)s::bigint IS NULL OR base_id <> %(but_base_id)s OR source <> %(but_source)s::text
        )
    ORDER BY pupil_id, base_id, source
    FOR UPDATE
)
UPDATE block_hash cached SET
    hashes = ARRAY(
        SELECT CASE WHEN place = ANY(%(numbers)s) THEN NULL ELSE one END
        FROM unnest(cached.hashes) WITH ORDINALITY AS each (one, place) ORDER BY place
    ),
    outcomes = ARRAY(
        SELECT CASE WHEN place = ANY(%(numbers)s) THEN NULL ELSE one END
        FROM unnest(cached.outcomes) WITH ORDINALITY AS each (one, place) ORDER BY place
    ),
    changed_at = %(now)s
FROM held
WHERE cached.id = held.id
    AND EXISTS (
        SELECT 1 FROM unnest(cached.hashes) WITH ORDINALITY AS each (one, place)
        WHERE one IS NOT NULL AND place = ANY(%(numbers)s)
    )
RETURNING cached.base_id
