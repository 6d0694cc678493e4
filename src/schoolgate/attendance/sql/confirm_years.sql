-- Notes which half days a reading found as they are held, in rows of which nothing changed: neither what they
-- hold nor where it came from. No index is touched.
UPDATE attendance_year AS held SET
    read_at = greatest(held.read_at, %(read_at)s),
    confirmed = sent.confirmed::jsonb
FROM unnest(
    %(ids)s::bigint[],
    string_to_array(%(confirmed)s, E'\n')
) AS sent (id, confirmed)
WHERE held.id = sent.id
