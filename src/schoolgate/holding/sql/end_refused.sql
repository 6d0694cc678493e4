-- Ends refusals whose source has changed its value since: it waits anew.
UPDATE held_item AS held
SET state = 'ended'
FROM json_to_recordset(%(waiting)s::json)
    AS sent (source text, external_id text, "group" text, digest uuid, read_at timestamptz)
WHERE held.base_id = %(base_id)s
    AND held.source = sent.source
    AND held.external_id = sent.external_id
    AND held."group" = sent."group"
    AND held.state = 'refused'
    AND held.digest <> sent.digest
    AND held.read_at <= sent.read_at
