-- Forgets the pages of some bases that feed some groups, or all of them.
DELETE FROM page_table
WHERE base_id = ANY(%(base_ids)s)
    AND (%(groups)s::varchar[] IS NULL OR groups && %(groups)s::varchar[])
