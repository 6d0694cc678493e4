-- What clearing the cache touches: bases, pupils, remembered hashes, and the calls of a snapshot that would
-- fill it again (one a page and domain, whatever cohorts it was read for).
WITH touched AS (
    SELECT
        base_id,
        pupil_id,
        CASE
            WHEN %(numbers)s::int[] IS NULL THEN cardinality(array_remove(hashes, NULL))
            ELSE (SELECT count(hashes[place])::int FROM unnest(%(numbers)s::int[]) AS place)
        END AS blocks
    FROM block_hash
    WHERE (%(base_ids)s::bigint[] IS NULL OR base_id = ANY(%(base_ids)s))
        AND (%(before)s::timestamptz IS NULL OR changed_at < %(before)s)
), counted AS (
    SELECT
        count(DISTINCT base_id) AS bases,
        count(DISTINCT (base_id, pupil_id)) AS pupils,
        coalesce(sum(blocks), 0) AS blocks
    FROM touched
    WHERE blocks > 0
), read_again AS (
    SELECT count(DISTINCT (base_id, split_part(signature, ' ', 1), page)) AS calls
    FROM page_hash
    WHERE base_id IN (SELECT base_id FROM touched WHERE blocks > 0)
        AND (groups = '{}' OR %(groups)s::varchar[] IS NULL OR groups && %(groups)s::varchar[])
)
SELECT counted.bases, counted.pupils, counted.blocks, read_again.calls
FROM counted, read_again
