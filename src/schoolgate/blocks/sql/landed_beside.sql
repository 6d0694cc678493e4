-- What of a base's pupils landed from its other sources, packed as the cache of the source itself is.
SELECT pupil_id, source, decode(
    replace(
        array_to_string(
            ARRAY(
                SELECT CASE WHEN outcome = ANY(%(landed)s) THEN one END
                FROM unnest(hashes, outcomes) WITH ORDINALITY AS each (one, outcome, place) ORDER BY place
            ),
            '', repeat('0', 32)
        ),
        '-', ''
    ),
    'hex'
)
FROM block_hash
WHERE base_id = %(base_id)s AND source <> %(source)s
ORDER BY pupil_id, source
