-- Notes which half days a reading found as they are held, and whose they are by it, in rows of which nothing
-- changed: neither what they hold nor where it came from. No index is touched.
UPDATE attendance_year AS held SET
    read_at = greatest(held.read_at, %(read_at)s),
    confirmed = coalesce(sent.confirmed::jsonb, held.confirmed),
    source = coalesce(sent.source, held.source),
    beside = CASE WHEN sent.source IS NULL THEN held.beside ELSE sent.beside::jsonb END
FROM unnest(
    %(ids)s::bigint[],
    string_to_array(%(confirmed)s, E'\n', ''),
    string_to_array(%(sources)s, ',', ''),
    string_to_array(%(beside)s, E'\n', '')
) AS sent (id, confirmed, source, beside)
WHERE held.id = sent.id
