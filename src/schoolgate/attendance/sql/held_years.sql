-- The years held of some pupils at a base, locked until the landing ends, in the order of the pupils.
SELECT id, pupil_id, academic_year, start_date, marks, whole_codes::text
FROM attendance_year
WHERE base_id = %(base_id)s AND pupil_id = ANY(%(pupil_ids)s::bigint[])
    AND academic_year = ANY(%(years)s::smallint[])
ORDER BY pupil_id, academic_year
FOR NO KEY UPDATE
