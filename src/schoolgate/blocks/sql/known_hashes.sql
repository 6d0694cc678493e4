-- The cache of one source of a base by pupil, the hashes of a row packed one behind the other; noughts stand for
-- none. What the source was not heard about while another spoke is none.
SELECT pupil_id, decode(
    replace(
        array_to_string(
            CASE
                WHEN %(other)s = ANY(outcomes) THEN ARRAY(
                    SELECT CASE WHEN outcome = %(other)s THEN NULL ELSE one END
                    FROM unnest(hashes, outcomes) WITH ORDINALITY AS each (one, outcome, place) ORDER BY place
                )
                ELSE hashes
            END,
            '', repeat('0', 32)
        ),
        '-', ''
    ),
    'hex'
)
FROM block_hash
WHERE base_id = %(base_id)s AND source = %(source)s
ORDER BY pupil_id
