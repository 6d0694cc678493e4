-- The cache of one base by pupil, the hashes of a row packed one behind the other; noughts stand for none.
SELECT pupil_id, decode(replace(array_to_string(hashes, '', repeat('0', 32)), '-', ''), 'hex')
FROM block_hash
WHERE base_id = %(base_id)s
ORDER BY pupil_id
