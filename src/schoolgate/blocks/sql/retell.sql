-- Which of these hashes stand as landed from another source of the base; their rows are held until the end, so
-- that whoever forgets them next finds what is remembered of it.
SELECT told.pupil_id, told.number, told.digest
FROM unnest(%(pupil_ids)s::bigint[], %(numbers)s::int[], %(digests)s::uuid[]) AS told (pupil_id, number, digest)
JOIN block_hash AS held ON held.pupil_id = told.pupil_id
WHERE held.base_id = %(base_id)s
    AND held.source <> %(source)s
    AND held.hashes[told.number] = told.digest
    AND held.outcomes[told.number] = ANY(%(landed)s)
FOR SHARE OF held
