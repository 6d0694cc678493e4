-- How the bases inside a scope stand: the newest run of each data type that is over or late, if that did not come through, and the
-- newest landing. The runs of late are read once; of the newest run only its number and whether it came through
-- are carried through the sum (twice the number, odd for trouble), so that troubles alone are read whole.
WITH recent AS MATERIALIZED (
    SELECT run.base_id,
           run.data_type,
           max(run.id * 2 + (run.stage <> 'done')::int) FILTER (
               WHERE run.stage IN ('done', 'failed') OR (run.stage IN ('due', 'waiting') AND run.planned_at < %(late)s)
           ) AS newest,
           max(run.finished_at) FILTER (WHERE run.stage = 'done') AS landed_at
    FROM run
    WHERE run.planned_at >= %(since)s AND run.planned_at <= %(now)s
      AND (%(base_ids)s::bigint[] IS NULL OR run.base_id = ANY(%(base_ids)s))
      AND (%(scope)s::bigint[] IS NULL OR run.base_id = ANY(%(scope)s))
    GROUP BY run.base_id, run.data_type
), landed AS (
    SELECT base_id, max(landed_at) AS landed_at FROM recent GROUP BY base_id
), trouble AS (
    SELECT run.base_id, run.data_type, run.id AS run_id, run.stage, run.planned_at, run.finished_at,
           run.exception_code, run.exception_sentence, run.exception_remedy
    FROM recent
    JOIN run ON run.id = recent.newest / 2
    WHERE recent.newest %% 2 = 1
)
SELECT base.id AS base_id,
       base.name,
       trouble.run_id,
       trouble.stage,
       trouble.planned_at,
       trouble.finished_at,
       trouble.exception_code,
       trouble.exception_sentence,
       trouble.exception_remedy,
       coalesce(landed.landed_at, earlier.finished_at) AS landed_at
FROM base
LEFT JOIN landed ON landed.base_id = base.id
LEFT JOIN trouble ON trouble.base_id = base.id
LEFT JOIN LATERAL (
    SELECT run.finished_at FROM run
    -- Of a base in trouble the whole picture needs no landing, and one that never landed has many runs to read.
    WHERE landed.landed_at IS NULL AND (trouble.run_id IS NULL OR %(base_ids)s::bigint[] IS NOT NULL)
      AND run.base_id = base.id AND run.stage = 'done'
    ORDER BY run.id DESC LIMIT 1
) AS earlier ON TRUE
WHERE (%(scope)s::bigint[] IS NULL OR base.id = ANY(%(scope)s))
  AND CASE WHEN %(base_ids)s::bigint[] IS NULL THEN base.is_active ELSE base.id = ANY(%(base_ids)s) END
ORDER BY base.sort_name, base.name, base.id, trouble.data_type
