-- Holds a base's open entries where nobody else holds any of them; answers whether it did.
WITH mine AS (
    SELECT id FROM held_entry
    WHERE base_id = %(base_id)s AND state = 'open'
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT count(*) = (SELECT count(*) FROM held_entry WHERE base_id = %(base_id)s AND state = 'open') FROM mine
