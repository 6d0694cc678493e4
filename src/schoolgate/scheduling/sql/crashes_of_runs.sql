-- How often the jobs of these runs ended in a way nobody foresaw.
SELECT (job.args ->> 'run_id')::bigint AS run_id, count(*) AS crashes
FROM procrastinate_jobs AS job
WHERE job.status = 'failed'
    AND job.args ? 'run_id'
    AND (job.args ->> 'run_id')::bigint = any(%(run_ids)s)
GROUP BY 1
