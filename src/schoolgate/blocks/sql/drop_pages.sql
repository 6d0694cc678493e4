-- Forgets a base's landed pages of some groups that hold one of these pupils. The ids on a page are looked up
-- one by one in a hashed list: two long arrays held against each other by && took a second a thousand pupils,
-- for every base's pages, wherever the planner scanned the table.
DELETE FROM page_hash
WHERE id IN (
    SELECT page.id
    FROM page_hash AS page CROSS JOIN LATERAL unnest(page.pupils) AS on_it (external_id)
    WHERE page.base_id = %(base_id)s
        AND page.groups && %(groups)s::varchar[]
        AND on_it.external_id = ANY(%(external_ids)s::varchar[])
)
