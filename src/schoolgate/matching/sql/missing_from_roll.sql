-- Pupils last seen on a base's roll whom this run has not seen, by their source's ids; with a cohort, only those
-- enrolled in it.
SELECT link.external_id, link.pupil_id
FROM pupil_external_id link
WHERE link.base_id = %(base_id)s
    AND link.source = %(source)s
    AND link.ended_at IS NULL
    AND link.roll_state = ANY(%(on_roll)s::text[])
    AND link.seen_run_id IS DISTINCT FROM %(run_id)s
    AND (
        cardinality(%(cohort)s::text[]) = 0
        OR EXISTS (
            SELECT 1
            FROM pupil_enrolments held
            JOIN base ON base.id = held.base_id AND base.dfe_number = held.school_dfe_number
            WHERE held.pupil_id = link.pupil_id
                AND held.base_id = link.base_id
                AND held.leaving_on IS NULL
                AND held.nc_year = ANY(%(cohort)s::text[])
        )
    )
ORDER BY link.id
