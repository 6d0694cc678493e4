-- The bases whose newest run that measured it found the source's clock further from ours than is usual, among
-- the bases listed (null: every one), the greatest difference first. Only a few of the newest are looked at: a
-- base that has measured nothing lately tells nothing.
SELECT base.id, base.name, newest.clock_offset
FROM base
CROSS JOIN LATERAL (
    SELECT clock_offset
    FROM (SELECT id, clock_offset FROM run WHERE run.base_id = base.id ORDER BY id DESC LIMIT 5) AS late
    WHERE clock_offset IS NOT NULL
    ORDER BY id DESC LIMIT 1
) AS newest
WHERE (%(base_ids)s::bigint[] IS NULL OR base.id = ANY(%(base_ids)s::bigint[]))
    AND abs(newest.clock_offset) >= %(told_from)s
ORDER BY abs(newest.clock_offset) DESC, base.name
