-- Adds the years that were not held when the marks were read; one that has come meanwhile is replaced.
INSERT INTO attendance_year
    (pupil_id, base_id, academic_year, start_date, marks, whole_codes, corrected, run_id, written_at,
    read_at, confirmed, source)
SELECT pupil_id, %(base_id)s, academic_year, start_date, marks,
    whole_codes::jsonb, corrected::jsonb, %(run_id)s, %(now)s,
    %(read_at)s, confirmed::jsonb, %(source)s
FROM unnest(
    %(pupil_ids)s::bigint[],
    %(academic_years)s::smallint[],
    %(starts)s::date[],
    string_to_array(%(marks)s, ','),
    string_to_array(%(whole_codes)s, E'\n'),
    string_to_array(%(corrected)s, E'\n'),
    string_to_array(%(confirmed)s, E'\n', '')
) AS sent (pupil_id, academic_year, start_date, marks, whole_codes, corrected, confirmed)
ORDER BY pupil_id, academic_year
ON CONFLICT (pupil_id, base_id, academic_year) DO UPDATE SET
    start_date = excluded.start_date,
    marks = excluded.marks,
    whole_codes = excluded.whole_codes,
    corrected = excluded.corrected,
    run_id = excluded.run_id,
    written_at = excluded.written_at,
    read_at = excluded.read_at,
    confirmed = excluded.confirmed,
    source = excluded.source,
    beside = NULL
