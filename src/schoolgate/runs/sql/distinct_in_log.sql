-- The values of a column of the task log, found by hopping along its index from each to the next.
WITH RECURSIVE hops AS (
    (SELECT column_name AS value FROM task_log ORDER BY column_name LIMIT 1)
    UNION ALL
    SELECT (
        SELECT column_name FROM task_log WHERE column_name > hops.value ORDER BY column_name LIMIT 1
    )
    FROM hops
    WHERE hops.value IS NOT NULL
)
SELECT value FROM hops WHERE value IS NOT NULL
