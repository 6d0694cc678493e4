-- Ends a run that landed, or found nothing to land, with all that goes with it: its accounts, what the next
-- run of its task counts from, its rows of the task log. Answers nothing, and does nothing, where the attempt
-- is no longer the newest. A task that was deleted meanwhile has taken what its runs counted from with it.
WITH ended AS (
    UPDATE run SET
        stage = 'done',
        status = %(status)s,
        finished_at = %(now)s,
        waits_for = '',
        waits_until = NULL,
        is_balanced = true,
        intake = NULL,
        cohort = '{}',
        rows = %(rows)s::jsonb,
        clock_offset = %(clock_offset)s,
        pupils_read = %(pupils_read)s,
        pupils_declared = %(pupils_declared)s,
        is_complete_read = %(is_complete_read)s
    WHERE id = %(run_id)s AND attempt = %(attempt)s AND stage = any(%(stages_before)s)
    RETURNING id, base_id, task_id, task_name, data_type, is_of_task
), booked AS (
    INSERT INTO run_account (
        run_id, "group", received, left_out, unchanged, written, in_conflict, unmatched, ignored, refused
    )
    SELECT
        ended.id, "group", received, left_out, unchanged, written, in_conflict, unmatched, ignored, refused
    FROM ended, json_to_recordset(%(accounts)s::json) AS account (
        "group" varchar, received int, left_out int, unchanged int, written int, in_conflict int,
        unmatched int, ignored int, refused int
    )
), counted_from AS (
    INSERT INTO run_since AS held (
        base_id, task_id, data_type, since_at, run_id, cohort, is_historic_send_left_out
    )
    SELECT base_id, task_id, data_type, %(since_at)s, id, %(cohort)s::varchar[], %(is_historic_send_left_out)s
    FROM ended
    WHERE %(since_at)s::timestamptz IS NOT NULL AND is_of_task = (task_id IS NOT NULL)
    ON CONFLICT ON CONSTRAINT run_since_once DO UPDATE SET
        since_at = excluded.since_at,
        run_id = excluded.run_id,
        cohort = excluded.cohort,
        is_historic_send_left_out = excluded.is_historic_send_left_out
)
INSERT INTO task_log (
    base_id, run_id, file_id, file_name, task_id, task_name, data_type, cohort, logged_at, status,
    exception_details
)
SELECT
    ended.base_id, ended.id, file.id, file.name, ended.task_id, ended.task_name, ended.data_type,
    %(cohort_words)s, %(now)s, %(status)s, %(details)s
FROM ended, json_to_recordset(%(files)s::json) AS file (id bigint, name varchar)
RETURNING id
