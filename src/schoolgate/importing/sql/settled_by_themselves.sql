-- Pupils who wait and need nobody's decision any more: the other school of two no longer lists the child, or
-- both send one permanent UPN (the last character of a temporary one is a letter), or more of the child has landed
-- since; or the school has mended what was doubted, and name and number have landed since.
SELECT DISTINCT item.base_id, item.entry_id, item.external_id, reason.said
FROM held_item AS item
JOIN held_entry AS entry ON entry.id = item.entry_id
LEFT JOIN run ON run.id = item.release_run_id AND run.stage = ANY(%(unfinished)s)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN entry.code = 'match.two_schools' AND NOT EXISTS (
            SELECT FROM pupil_external_id AS link
            WHERE link.pupil_id = item.pupil_id
                AND link.base_id <> item.base_id
                AND link.ended_at IS NULL
                AND link.roll_state = 'Current'
        ) THEN 'The other school no longer lists the child as Current.'
        WHEN entry.code = 'match.two_schools' AND EXISTS (
            SELECT FROM pupil_identifiers AS identifiers
            WHERE identifiers.pupil_id = item.pupil_id
                AND identifiers.upn = item.keys ->> 'upn'
                AND identifiers.upn ~ '[0-9]$'
        ) THEN 'Both schools send the same UPN.'
        WHEN entry.code = 'match.two_schools' AND EXISTS (
            SELECT FROM pupil_external_id AS link
            WHERE link.base_id = item.base_id
                AND link.source = item.source
                AND link.external_id = item.external_id
                AND link.ended_at IS NULL
        ) THEN 'The child has been recognised meanwhile.'
        WHEN entry.code = 'match.doubted' AND EXISTS (
            SELECT FROM held_item AS landed
            WHERE landed.base_id = item.base_id
                AND landed.source = item.source
                AND landed.external_id = item.external_id
                AND landed."group" IN ('identifiers', 'basic_details')
                AND landed.state = 'ended'
                AND landed.decided_by IS NULL
                AND landed.decided_at >= item.since_at
        ) THEN 'The school has mended what it sends, and it agrees again.'
    END AS said
) AS reason
WHERE item.state = 'waiting' AND run.id IS NULL AND item.pupil_id IS NOT NULL AND reason.said IS NOT NULL
ORDER BY item.base_id, item.entry_id, reason.said, item.external_id
