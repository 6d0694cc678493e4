-- Counts marks by class from the strings, a pupil at a time, between two days (the second not counted).
-- translate() takes out the characters of a class; by how much the string shrinks is their number. A whole code
-- that counts otherwise than its main character is moved from the one class to the other.
WITH part AS (
    SELECT
        pupil_id,
        whole_codes,
        substr(
            marks,
            greatest(%(from_on)s::date - start_date, 0) * 2 + 1,
            greatest(%(until_on)s::date - greatest(%(from_on)s::date, start_date), 0) * 2
        ) AS marks
    FROM attendance_year
    WHERE base_id = %(base_id)s
        AND (%(pupil_ids)s::bigint[] IS NULL OR pupil_id = ANY(%(pupil_ids)s::bigint[]))
        AND start_date < %(until_on)s
        AND start_date + length(marks) / 2 > %(from_on)s
), moved AS (
    SELECT part.pupil_id, whole.value AS code, count(*) AS times
    FROM part CROSS JOIN LATERAL jsonb_each_text(part.whole_codes) AS whole
    WHERE part.whole_codes <> '{}'
        AND whole.value = ANY(%(moved_codes)s)
        AND whole.key >= %(from_on)s::text AND whole.key < %(until_on)s::text
    GROUP BY part.pupil_id, whole.value
), shifted AS (
    SELECT moved.pupil_id, rule.class, sum(rule.sign * moved.times) AS shift
    FROM moved
    JOIN unnest(%(rule_codes)s::text[], %(rule_classes)s::text[], %(rule_signs)s::int[])
        AS rule (code, class, sign) USING (code)
    GROUP BY moved.pupil_id, rule.class
), counted AS (
    SELECT
        part.pupil_id,
        class.name,
        sum(length(part.marks) - length(translate(part.marks, class.characters, ''))) AS times
    FROM part
    CROSS JOIN unnest(%(class_names)s::text[], %(class_characters)s::text[]) AS class (name, characters)
    GROUP BY part.pupil_id, class.name
)
SELECT counted.pupil_id, counted.name, (counted.times + coalesce(shifted.shift, 0))::int
FROM counted
LEFT JOIN shifted ON shifted.pupil_id = counted.pupil_id AND shifted.class = counted.name
