-- Begins a stage of a run, or resumes it: the attempt counts up, so that an older one is turned away. Does
-- nothing while another run of the base is active, or has taken something in and waits to land: what was
-- taken in first must land first, or older values would be written over newer ones. The caller has locked the
-- run.
UPDATE run SET
    stage = %(stage)s,
    attempt = attempt + 1,
    worker = %(worker)s,
    waits_for = '',
    waits_until = NULL,
    started_at = %(started_at)s,
    since_at = %(since_at)s,
    read_started_at = %(read_started_at)s,
    lost_from_at = %(lost_from_at)s,
    met = %(met)s::jsonb,
    progress = %(progress)s::jsonb
WHERE id = %(run_id)s
    AND stage = any(%(stages_before)s)
    AND NOT EXISTS (
        SELECT
        FROM run AS other
        WHERE other.base_id = run.base_id
            AND other.id <> run.id
            AND other.stage IN ('waiting', 'collecting', 'landing')
            AND (
                other.stage <> 'waiting'
                OR (other.intake IS NOT NULL AND (other.id < run.id OR run.intake IS NULL))
            )
    )
