-- Begins a stage of a run, or resumes it: the attempt counts up, so that an older one is turned away.
UPDATE run SET
    stage = %(stage)s,
    attempt = attempt + 1,
    worker = %(worker)s,
    waits_for = '',
    waits_until = NULL,
    started_at = %(started_at)s,
    since_at = %(since_at)s,
    read_started_at = %(read_started_at)s,
    progress = %(progress)s::jsonb
WHERE id = %(run_id)s
