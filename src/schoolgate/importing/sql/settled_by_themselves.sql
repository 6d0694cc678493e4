-- Pupils who wait and need nobody's decision any more: one of the two schools no longer has the child (whom a roll
-- merely doesn't name may be there still), or both send one permanent UPN (the last character of a temporary one is
-- a letter), or more of the child has landed since. Where it is asked of an id that is linked already whose it is,
-- the record may hold the UPN from that very school: then the other school's own is compared, and a school of
-- which the same is asked doesn't count. What came with an id that was doubted may be another child's, even once
-- the id is right again: that is never released by itself.
SELECT DISTINCT item.base_id, item.entry_id, item.external_id, reason.said
FROM held_item AS item
JOIN held_entry AS entry ON entry.id = item.entry_id AND entry.code = 'match.two_schools'
LEFT JOIN held_item AS asked
    ON asked.base_id = item.base_id
    AND asked.source = item.source
    AND asked.external_id = item.external_id
    AND asked.kind = 'who'
    AND asked.state IN ('waiting', 'refused')
LEFT JOIN run ON run.id = item.release_run_id AND run.stage = ANY(%(unfinished)s)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT EXISTS (
            SELECT FROM pupil_external_id AS link
            JOIN base AS other ON other.id = link.base_id AND other.is_active
            WHERE link.pupil_id = item.pupil_id
                AND link.base_id <> item.base_id
                AND link.ended_at IS NULL
                AND link.roll_state = ANY(%(may_attend)s::text[])
                AND (asked.id IS NULL OR NOT EXISTS (
                    SELECT FROM held_item AS too
                    WHERE too.base_id = link.base_id
                        AND too.source = link.source
                        AND too.external_id = link.external_id
                        AND too.kind = 'who'
                        AND too.state IN ('waiting', 'refused')
                ))
                AND NOT EXISTS (
                    SELECT FROM pupil_external_id AS mis
                    WHERE mis.pupil_id = link.pupil_id
                        AND mis.base_id = link.base_id
                        AND mis.source = %(own_sources)s::jsonb ->> other.mis
                        AND mis.source <> link.source
                        AND mis.ended_at IS NULL
                )
        ) THEN 'The other school no longer lists the child as Current.'
        WHEN asked.id IS NOT NULL AND EXISTS (
            SELECT FROM pupil_external_id AS link
            WHERE link.base_id = item.base_id
                AND link.source = item.source
                AND link.external_id = item.external_id
                AND link.ended_at IS NULL
                AND link.roll_state <> ALL(%(may_attend)s::text[])
        ) THEN 'This school no longer lists the child as Current.'
        WHEN asked.id IS NOT NULL AND item.keys ->> 'upn' ~ '[0-9]$' AND NOT EXISTS (
            SELECT FROM pupil_external_id AS link
            JOIN base AS other ON other.id = link.base_id AND other.is_active
            WHERE link.pupil_id = item.pupil_id
                AND link.base_id <> item.base_id
                AND link.ended_at IS NULL
                AND link.roll_state = ANY(%(may_attend)s::text[])
                AND link.upn <> item.keys ->> 'upn'
        ) AND NOT EXISTS (
            SELECT FROM held_item AS newer
            WHERE newer.base_id = item.base_id
                AND newer.source = item.source
                AND newer.external_id = item.external_id
                AND newer.state = 'waiting'
                AND newer.read_at > item.read_at
                AND newer.keys ->> 'upn' IS DISTINCT FROM item.keys ->> 'upn'
        ) THEN 'Both schools send the same UPN.'
        WHEN asked.id IS NULL AND EXISTS (
            SELECT FROM pupil_identifiers AS identifiers
            WHERE identifiers.pupil_id = item.pupil_id
                AND identifiers.upn = item.keys ->> 'upn'
                AND identifiers.upn ~ '[0-9]$'
        ) THEN 'Both schools send the same UPN.'
        WHEN asked.id IS NULL AND EXISTS (
            SELECT FROM pupil_external_id AS link
            WHERE link.base_id = item.base_id
                AND link.source = item.source
                AND link.external_id = item.external_id
                AND link.pupil_id = item.pupil_id
                AND link.ended_at IS NULL
        ) THEN 'The child has been recognised meanwhile.'
    END AS said
) AS reason
WHERE item.state = 'waiting' AND run.id IS NULL AND item.pupil_id IS NOT NULL AND reason.said IS NOT NULL
ORDER BY item.base_id, item.entry_id, reason.said, item.external_id
