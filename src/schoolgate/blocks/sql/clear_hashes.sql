-- Forgets the hashes of some groups, or of all, of the pupils of some bases who are as old as asked.
WITH held AS (
    SELECT id
    FROM block_hash
    WHERE base_id = ANY(%(base_ids)s)
        AND (%(before)s::timestamptz IS NULL OR changed_at < %(before)s)
    ORDER BY pupil_id, base_id, source
    FOR UPDATE
)
UPDATE block_hash AS cached SET
    hashes = ARRAY(
        SELECT CASE WHEN %(numbers)s::int[] IS NULL OR place = ANY(%(numbers)s) THEN NULL ELSE one END
        FROM unnest(cached.hashes) WITH ORDINALITY AS each (one, place) ORDER BY place
    ),
    outcomes = ARRAY(
        SELECT CASE WHEN %(numbers)s::int[] IS NULL OR place = ANY(%(numbers)s) THEN NULL ELSE one END
        FROM unnest(cached.outcomes) WITH ORDINALITY AS each (one, place) ORDER BY place
    ),
    changed_at = %(now)s
FROM held
WHERE cached.id = held.id
    AND EXISTS (
        SELECT
        FROM unnest(cached.hashes) WITH ORDINALITY AS each (one, place)
        WHERE one IS NOT NULL AND (%(numbers)s::int[] IS NULL OR place = ANY(%(numbers)s))
    )
