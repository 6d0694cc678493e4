-- The last days' runs of some bases, one row a base and day in England, worst outcome first.
SELECT run.base_id,
       (run.planned_at AT TIME ZONE 'Europe/London')::date AS on_day,
       bool_or(run.stage = 'failed') AS is_failed,
       bool_or(run.stage IN ('due', 'waiting') AND run.planned_at < %(late)s) AS is_missed,
       bool_or(run.status IN ('exported', 'exceptions')) AS is_landed,
       bool_or(run.status = 'nothing_changed') AS is_unchanged
FROM run
WHERE run.planned_at >= %(since)s AND run.planned_at <= %(now)s AND run.base_id = ANY(%(base_ids)s)
GROUP BY run.base_id, on_day
