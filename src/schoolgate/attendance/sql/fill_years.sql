-- Puts pieces into the held years where these are blank as far as a piece reaches; answers whose were put in.
-- A row that holds newer content is left alone: it may be blank because a mark was taken back since; so is one of
-- another source, where it must be noted whose marks these are.
-- Strings are cut as bytes: as text each of their characters would be looked at, which takes ten times as long.
UPDATE attendance_year AS held SET
    marks = convert_from(
        overlay(convert_to(held.marks, 'UTF8') PLACING sent.piece FROM sent.place + 1), 'UTF8'
    ),
    whole_codes = CASE
        WHEN sent.whole_codes IS NULL THEN held.whole_codes
        ELSE held.whole_codes || sent.whole_codes::jsonb
    END,
    run_id = %(run_id)s,
    written_at = %(now)s,
    read_at = %(read_at)s
FROM (
    SELECT pupil_id, academic_year, start_date, place, convert_to(piece, 'UTF8') AS piece,
        convert_to(repeat('-', octet_length(piece)), 'UTF8') AS blank, whole_codes
    FROM unnest(
        %(pupil_ids)s::bigint[],
        %(academic_years)s::smallint[],
        %(starts)s::date[],
        %(places)s::integer[],
        string_to_array(%(pieces)s, ','),
        string_to_array(%(whole_codes)s, E'\n', '')
    ) AS piece (pupil_id, academic_year, start_date, place, piece, whole_codes)
) AS sent
WHERE held.pupil_id = sent.pupil_id
    AND held.base_id = %(base_id)s
    AND held.academic_year = sent.academic_year
    AND held.start_date = sent.start_date
    AND held.source = %(source)s
    AND (held.read_at IS NULL OR held.read_at <= %(read_at)s::timestamptz)
    AND substring(convert_to(held.marks, 'UTF8') FROM sent.place + 1 FOR octet_length(sent.piece)) = sent.blank
RETURNING held.pupil_id
