-- What decides whether a run may begin, and from where: its base's other runs, and its task's last success.
-- Asked once the run is locked, so that it sees what others have just committed.
SELECT
    EXISTS (
        SELECT FROM run AS other
        WHERE other.base_id = run.base_id AND other.id <> run.id AND other.stage IN ('collecting', 'landing')
    ) OR EXISTS (
        SELECT FROM run AS other
        WHERE other.base_id = run.base_id
            AND other.id <> run.id
            AND other.stage = 'waiting'
            AND other.progress ? 'sifted'
            AND (other.id < run.id OR NOT run.progress ? 'sifted')
    ) AS is_base_busy,
    run.read_started_at IS NOT NULL AND EXISTS (
        SELECT FROM run AS other
        WHERE other.base_id = run.base_id
            AND other.id <> run.id
            AND other.read_started_at > run.read_started_at
    ) AS was_read_since,
    last.since_at,
    coalesce(last.is_historic_send_left_out, false)
FROM run
LEFT JOIN run_since AS last
    ON last.base_id = run.base_id
    AND last.task_id IS NOT DISTINCT FROM run.task_id
    AND last.data_type = run.data_type
WHERE run.id = %(run_id)s
