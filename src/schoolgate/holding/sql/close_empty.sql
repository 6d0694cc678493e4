-- Closes open entries in which nothing waits any more, each as the last of it was decided, and removes those
-- in which nothing ever waited.
WITH emptied AS (
    SELECT entry.id
    FROM held_entry AS entry
    WHERE entry.id = ANY(%(entry_ids)s)
        AND entry.state = 'open'
        AND NOT EXISTS (SELECT FROM held_item AS item WHERE item.entry_id = entry.id AND item.state = 'waiting')
),
last AS (
    SELECT DISTINCT ON (item.entry_id) item.entry_id, item.decided_by, item.reason
    FROM held_item AS item
    JOIN emptied ON emptied.id = item.entry_id
    ORDER BY item.entry_id, (item.state <> 'ended') DESC, item.decided_at DESC NULLS LAST, item.id DESC
),
never AS (
    DELETE FROM held_entry AS entry
    USING emptied
    WHERE entry.id = emptied.id AND NOT EXISTS (SELECT FROM last WHERE last.entry_id = entry.id)
)
UPDATE held_entry AS entry
SET
    state = CASE
        WHEN EXISTS (SELECT FROM held_item AS item WHERE item.entry_id = entry.id AND item.state = 'released')
            THEN 'released'
        WHEN EXISTS (SELECT FROM held_item AS item WHERE item.entry_id = entry.id AND item.state = 'refused')
            THEN 'refused'
        ELSE 'closed'
    END,
    closed_at = %(now)s,
    decided_by = last.decided_by,
    reason = last.reason
FROM last
WHERE last.entry_id = entry.id
