-- Turns a run's proposed pages into landed ones, but for pages with a pupil of whom something did not land.
-- What the base remembered of those pages goes either way; proposals of runs that never landed go as well.
-- Where everybody landed, as nearly always, no page's pupils are looked at: to unpack them takes longer than
-- all else.
WITH proposed AS (
    DELETE FROM page_proposed
    WHERE base_id = %(base_id)s AND run_id <= %(run_id)s
    RETURNING *
), outdated AS (
    DELETE FROM page_hash held
    USING proposed
    WHERE held.base_id = proposed.base_id
        AND held.signature = proposed.signature
        AND held.page = proposed.page
        AND proposed.run_id = %(run_id)s
        AND CASE WHEN cardinality(%(failed)s::varchar[]) = 0 THEN false
            ELSE proposed.pupils && %(failed)s::varchar[] END
)
INSERT INTO page_hash (base_id, signature, page, digest, groups, counts, pupils)
SELECT base_id, signature, page, digest, groups, counts, pupils
FROM proposed
WHERE run_id = %(run_id)s AND CASE WHEN cardinality(%(failed)s::varchar[]) = 0 THEN true
    ELSE NOT pupils && %(failed)s::varchar[] END
ON CONFLICT (base_id, signature, page) DO UPDATE SET
    digest = excluded.digest, groups = excluded.groups, counts = excluded.counts, pupils = excluded.pupils
