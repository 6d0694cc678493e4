-- How every active base stands: its newest run of each data type that is over or late, and the newest that came through.
WITH newest AS (
    SELECT DISTINCT ON (run.base_id, run.data_type)
           run.base_id, run.id AS run_id, run.data_type, run.stage, run.planned_at, run.finished_at,
           run.exception_code, run.exception_sentence, run.exception_remedy
    FROM run
    WHERE run.planned_at >= %(since)s AND run.planned_at <= %(now)s
      AND (run.stage IN ('done', 'failed') OR (run.stage IN ('due', 'waiting') AND run.planned_at < %(late)s))
    ORDER BY run.base_id, run.data_type, run.id DESC
)
SELECT base.id AS base_id,
       base.name,
       newest.data_type,
       newest.run_id,
       newest.stage,
       newest.planned_at,
       newest.finished_at,
       newest.exception_code,
       newest.exception_sentence,
       newest.exception_remedy,
       landed.finished_at AS landed_at
FROM base
LEFT JOIN newest ON newest.base_id = base.id
LEFT JOIN LATERAL (
    SELECT run.finished_at FROM run
    WHERE run.base_id = base.id AND run.stage = 'done'
    ORDER BY run.id DESC LIMIT 1
) AS landed ON TRUE
WHERE base.is_active
ORDER BY base.name, base.id, newest.data_type
