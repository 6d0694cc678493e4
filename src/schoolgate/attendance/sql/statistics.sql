-- The strings of a base that reach into the time between two days (the second not counted). They are cut and
-- counted by the reader: here every character would be looked at as text, which takes ten times as long.
SELECT pupil_id, start_date, marks, whole_codes::text
FROM attendance_year
WHERE base_id = %(base_id)s
    AND (%(pupil_ids)s::bigint[] IS NULL OR pupil_id = ANY(%(pupil_ids)s::bigint[]))
    AND start_date < %(until_on)s
    AND start_date + octet_length(marks) / 2 > %(from_on)s
