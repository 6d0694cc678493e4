-- Runs that somebody should be carrying out, and that no job of the engine is about.
-- A run waiting for another run of its base has no job on purpose; one that backs off has.
SELECT run.id, run.priority
FROM run
WHERE (
        run.stage IN ('due', 'collecting', 'landing')
        OR (run.stage = 'waiting' AND run.waits_until < %(now)s)
    )
    AND NOT EXISTS (
        SELECT
        FROM procrastinate_jobs AS job
        WHERE job.status IN ('todo', 'doing')
            AND job.args ? 'run_id'
            AND (job.args ->> 'run_id')::bigint = run.id
    )
ORDER BY run.priority DESC, run.planned_at, run.id
LIMIT 500
