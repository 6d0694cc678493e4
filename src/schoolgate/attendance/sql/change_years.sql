-- Writes the held years that changed, by the id of their row. What is null did not change and stays as it is;
-- corrections are added to those held.
UPDATE attendance_year AS held SET
    start_date = coalesce(sent.start_date::date, held.start_date),
    marks = sent.marks,
    whole_codes = coalesce(sent.whole_codes::jsonb, held.whole_codes),
    corrected = CASE
        WHEN sent.corrected IS NULL THEN held.corrected
        ELSE held.corrected || sent.corrected::jsonb
    END,
    run_id = %(run_id)s,
    written_at = %(now)s,
    read_at = greatest(held.read_at, %(read_at)s),
    confirmed = coalesce(sent.confirmed::jsonb, held.confirmed),
    source = coalesce(sent.source, held.source),
    beside = CASE WHEN sent.source IS NULL THEN held.beside ELSE sent.beside::jsonb END
FROM unnest(
    %(ids)s::bigint[],
    string_to_array(%(starts)s, ',', ''),
    string_to_array(%(marks)s, ','),
    string_to_array(%(whole_codes)s, E'\n', ''),
    string_to_array(%(corrected)s, E'\n', ''),
    string_to_array(%(confirmed)s, E'\n', ''),
    string_to_array(%(sources)s, ',', ''),
    string_to_array(%(beside)s, E'\n', '')
) AS sent (id, start_date, marks, whole_codes, corrected, confirmed, source, beside)
WHERE held.id = sent.id
