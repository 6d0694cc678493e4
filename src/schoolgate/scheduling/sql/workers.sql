-- Every worker the engine knows, how many seconds ago it was last heard of, and how many jobs it has.
SELECT
    worker.id,
    extract(EPOCH FROM now() - worker.last_heartbeat)::float AS silent_seconds,
    count(job.id) AS jobs
FROM procrastinate_workers AS worker
LEFT JOIN procrastinate_jobs AS job ON job.worker_id = worker.id AND job.status = 'doing'
GROUP BY worker.id
ORDER BY worker.id
