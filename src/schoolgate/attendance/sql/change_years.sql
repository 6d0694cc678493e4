-- Writes the held years that changed, by the id of their row. What is null did not change and stays as it is;
-- corrections are added to those held.
UPDATE attendance_year AS held SET
    start_date = coalesce(sent.start_date, held.start_date),
    marks = sent.marks,
    whole_codes = coalesce(sent.whole_codes, held.whole_codes),
    corrected = CASE WHEN sent.corrected IS NULL THEN held.corrected ELSE held.corrected || sent.corrected END,
    run_id = %(run_id)s,
    written_at = %(now)s
FROM unnest(
    %(ids)s::bigint[],
    %(starts)s::date[],
    string_to_array(%(marks)s, ','),
    %(whole_codes)s::jsonb[],
    %(corrected)s::jsonb[]
) AS sent (id, start_date, marks, whole_codes, corrected)
WHERE held.id = sent.id
