-- Adds to what is shown of a run while it works, for the attempt that owns it; tells whether it should stop.
UPDATE run SET progress = progress || %(progress)s::jsonb
WHERE id = %(run_id)s AND attempt = %(attempt)s AND stage IN ('collecting', 'landing')
RETURNING is_cancel_wanted
