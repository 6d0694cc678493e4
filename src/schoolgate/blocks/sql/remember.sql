-- Remembers many pupils' blocks of a source of a base; places that this landing did not touch keep what they held, as read
-- under the row's lock (another base may just have forgotten one of them). A read time never goes back.
INSERT INTO block_hash AS held (base_id, source, pupil_id, hashes, outcomes, read_at, changed_at)
SELECT %(base_id)s, %(source)s, landed.pupil_id, landed.hashes::uuid[], landed.outcomes::varchar[],
    landed.read_at::timestamptz[], %(now)s
FROM json_to_recordset(%(landed)s::json) AS landed (pupil_id bigint, hashes text, outcomes text, read_at text)
ORDER BY landed.pupil_id
ON CONFLICT (base_id, pupil_id, source) DO UPDATE SET
    hashes = ARRAY(
        SELECT coalesce(fresh, old)
        FROM unnest(excluded.hashes, held.hashes) WITH ORDINALITY AS each (fresh, old, place) ORDER BY place
    ),
    outcomes = ARRAY(
        SELECT coalesce(fresh, old)
        FROM unnest(excluded.outcomes, held.outcomes) WITH ORDINALITY AS each (fresh, old, place) ORDER BY place
    ),
    read_at = ARRAY(
        SELECT greatest(fresh, old)
        FROM unnest(excluded.read_at, held.read_at) WITH ORDINALITY AS each (fresh, old, place) ORDER BY place
    ),
    changed_at = excluded.changed_at
