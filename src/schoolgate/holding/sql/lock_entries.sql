-- Holds a base's open entries until the transaction ends, so that nobody decides what is being replaced.
SELECT id FROM held_entry
WHERE base_id = %(base_id)s AND state = 'open'
ORDER BY id
FOR NO KEY UPDATE
