-- What every source of every base last said of some pupils; noughts stand for no hash.
SELECT
    pupil_id,
    base_id,
    source,
    decode(replace(array_to_string(hashes, '', repeat('0', 32)), '-', ''), 'hex'),
    outcomes,
    coalesce(read_at, '{}')
FROM block_hash
WHERE pupil_id = ANY(%(pupil_ids)s)
