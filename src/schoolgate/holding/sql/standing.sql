-- What waits or was refused of a source at a base, of some pupils or all.
SELECT item.external_id, item."group", item.state, item.digest, entry.code
FROM held_item AS item
JOIN held_entry AS entry ON entry.id = item.entry_id
WHERE item.base_id = %(base_id)s
    AND item.source = %(source)s
    AND item.state IN ('waiting', 'refused')
    AND (%(external_ids)s::text[] IS NULL OR item.external_id = ANY(%(external_ids)s::text[]))
