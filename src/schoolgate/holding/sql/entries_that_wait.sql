-- Every open entry, of how many pupils something waits in it for a person, and of how many it is being landed.
SELECT
    entry.id,
    entry.base_id,
    base.name,
    base.dfe_number,
    entry.code,
    coalesce(min(item.since_at), entry.opened_at),
    entry.last_run_id,
    count(DISTINCT item.external_id) FILTER (WHERE run.id IS NULL),
    count(DISTINCT item.external_id) FILTER (WHERE run.id IS NOT NULL)
FROM held_entry AS entry
JOIN base ON base.id = entry.base_id
JOIN held_item AS item ON item.entry_id = entry.id AND item.state = 'waiting'
LEFT JOIN run ON run.id = item.release_run_id AND run.stage = ANY(%(unfinished)s)
WHERE entry.state = 'open'
    AND (%(base_ids)s::bigint[] IS NULL OR entry.base_id = ANY(%(base_ids)s::bigint[]))
GROUP BY entry.id, base.id
ORDER BY base.sort_name, entry.id
