-- What a base's runs have changed or removed of a data group since an instant, but for what a person released.
SELECT change.pupil_id, change.kind, change.before, change.after
FROM run
JOIN record_change AS change ON change.run_id = run.id
WHERE run.base_id = %(base_id)s
    AND run.origin <> 'release'
    AND (run.finished_at IS NULL OR run.finished_at > %(since)s)
    AND change.at > %(since)s
    AND change."group" = %(group)s
    AND change.kind IN ('changed', 'removed')
