-- Says how far a run at work has read, for the attempt that owns it; tells whether it should stop.
UPDATE run SET progress = %(progress)s::jsonb
WHERE id = %(run_id)s AND attempt = %(attempt)s AND stage IN ('collecting', 'landing')
RETURNING is_cancel_wanted
