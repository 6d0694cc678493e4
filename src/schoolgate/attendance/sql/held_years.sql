-- The years held of some pupils at a base, locked until the landing ends, in the order of the pupils; of the
-- years beside those asked for only strings that reach into their time.
SELECT id, pupil_id, academic_year, start_date, marks, whole_codes::text,
    coalesce(read_at > coalesce(%(read_at)s::timestamptz, '-infinity'), false), confirmed::text,
    source, beside::text
FROM attendance_year
WHERE base_id = %(base_id)s AND pupil_id = ANY(%(pupil_ids)s::bigint[])
    AND (
        academic_year = ANY(%(years)s::smallint[])
        OR (
            academic_year = ANY(%(beside)s::smallint[])
            AND start_date < %(until_on)s
            AND start_date + octet_length(marks) / 2 > %(from_on)s
        )
    )
ORDER BY pupil_id, academic_year
FOR NO KEY UPDATE
