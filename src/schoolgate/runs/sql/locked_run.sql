-- A run, locked until the transaction ends, with what it goes by of its base and of its task's last success.
-- A run whose task was deleted meanwhile has none. Without its key: what only refers to it, as every row of a landing does, goes on meanwhile.
SELECT
    run_columns,
    base.dfe_number,
    base.mis,
    base.moved_to_sims_primary_at,
    last.since_at,
    coalesce(last.is_historic_send_left_out, false)
FROM run
INNER JOIN base ON base.id = run.base_id
LEFT JOIN run_since AS last
    ON last.base_id = run.base_id
    AND last.task_id IS NOT DISTINCT FROM run.task_id
    AND run.is_of_task = (run.task_id IS NOT NULL)
    AND last.data_type = run.data_type
WHERE run.id = %(run_id)s
FOR NO KEY UPDATE OF run
