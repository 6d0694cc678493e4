-- Absences, waiting or refused, whose cause has gone: the pupil is back, has a leaving date, or is elsewhere
-- (not where it is asked of either school whether it has the same child).
SELECT item.base_id, item.source, item.external_id, reason.said
FROM held_item AS item
JOIN held_entry AS entry ON entry.id = item.entry_id AND entry.code = 'roll.absent'
JOIN base ON base.id = item.base_id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM pupil_external_id AS link
            WHERE link.base_id = item.base_id
                AND link.source = item.source
                AND link.external_id = item.external_id
                AND link.ended_at IS NULL
                AND link.roll_state = ANY(%(on_roll)s::text[])
        ) THEN 'The pupil is back on the roll.'
        WHEN EXISTS (
            SELECT FROM pupil_external_id AS link
            WHERE link.base_id = item.base_id
                AND link.source = item.source
                AND link.external_id = item.external_id
                AND link.ended_at IS NULL
                AND link.roll_state = 'Leaver'
        ) OR (
            SELECT bool_and(enrolled.leaving_on IS NOT NULL)
            FROM pupil_enrolments AS enrolled
            WHERE enrolled.pupil_id = item.pupil_id
                AND enrolled.base_id = item.base_id
                AND enrolled.school_dfe_number = base.dfe_number
        ) THEN 'The school has sent the leaving date.'
        WHEN EXISTS (
            SELECT FROM pupil_external_id AS link
            JOIN base AS other ON other.id = link.base_id AND other.is_active
            WHERE link.pupil_id = item.pupil_id
                AND link.base_id <> item.base_id
                AND link.ended_at IS NULL
                AND link.roll_state = ANY(%(attending)s::text[])
                AND NOT EXISTS (
                    SELECT FROM held_item AS asked
                    WHERE asked.kind = 'who'
                        AND (asked.base_id, asked.source, asked.external_id) IN (
                            (link.base_id, link.source, link.external_id),
                            (item.base_id, item.source, item.external_id)
                        )
                        AND asked.state IN ('waiting', 'refused')
                )
                AND NOT EXISTS (
                    SELECT FROM pupil_external_id AS mis
                    WHERE mis.pupil_id = link.pupil_id
                        AND mis.base_id = link.base_id
                        AND mis.source = %(own_sources)s::jsonb ->> other.mis
                        AND mis.source <> link.source
                        AND mis.ended_at IS NULL
                )
        ) THEN 'Another school lists the pupil as Current.'
    END AS said
) AS reason
WHERE item.state IN ('waiting', 'refused') AND reason.said IS NOT NULL
ORDER BY item.base_id, item.source, item.external_id
