-- Bases where a run waits for another run, none is active any more, and no job will come back to it.
SELECT DISTINCT waiting.base_id
FROM run AS waiting
WHERE waiting.stage = 'waiting'
    AND waiting.waits_until IS NULL
    AND NOT EXISTS (
        SELECT
        FROM run AS active
        WHERE active.base_id = waiting.base_id AND active.stage IN ('collecting', 'landing')
    )
    AND NOT EXISTS (
        SELECT
        FROM run AS sibling
        INNER JOIN procrastinate_jobs AS job ON (job.args ->> 'run_id')::bigint = sibling.id
        WHERE sibling.base_id = waiting.base_id
            AND sibling.stage = 'waiting'
            AND sibling.waits_until IS NULL
            AND job.status IN ('todo', 'doing')
            AND job.args ? 'run_id'
    )
LIMIT 500
