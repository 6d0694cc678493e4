-- Brings an installation up to a size: bases, tasks, runs, task log and pupils, all invented.
-- Bases: DfE numbers from 8201000, all on SIMS Primary since a year ago.
INSERT INTO base (id, dfe_number, urn, name, phase, contact_name, contact_email, telephone, address, mis,
    moved_to_sims_primary_at, is_active, is_locked)
SELECT n, (8201000 + n)::text, (100000 + n)::text, 'Bench School ' || n, 'Primary', '', '', '', '',
    'sims_primary', now() - interval '1 year', true, false
FROM generate_series(1, %(bases)s) AS n
ON CONFLICT DO NOTHING;
-- Tasks: three over every base, the rest over one base each.
INSERT INTO scheduled_task (id, name, transfer_type, data_type, kind, nc_years, is_active, owner, is_locked,
    frequency, starts_on, start_time, weekdays, months, created_at)
SELECT n, 'Task ' || n, 'export', (ARRAY['snapshot', 'changed_data', 'attendance_changed_data'])[1 + n %% 3],
    'sims_primary', '{}', true, 'la', false, 'weekly', date '2025-09-01', time '02:10', '{0,1,2,3,4}', '{}', now()
FROM generate_series(1, %(tasks)s) AS n
ON CONFLICT DO NOTHING;
INSERT INTO task_membership (task_id, base_id, next_due_at, pending_reason)
SELECT t, b, now() + interval '6 hours', ''
FROM generate_series(1, 3) AS t, generate_series(1, %(bases)s) AS b
UNION ALL
SELECT t, 1 + t %% %(bases)s, now() + interval '6 hours', '' FROM generate_series(4, %(tasks)s) AS t
ON CONFLICT DO NOTHING;
-- Runs: spread over two years, the newest an hour ago, one in fifty failed.
INSERT INTO run (id, base_id, task_id, task_name, origin, data_type, nc_years, stage, priority, waits_for,
    planned_at, started_at, finished_at, attempt, retries, is_cancel_wanted, worker, progress, status,
    is_balanced, exception_code, exception_sentence, exception_remedy, exception_detail, pupils_read,
    is_complete_read, cohort, noted_files)
SELECT n, 1 + n %% %(bases)s, 1 + n %% 3, 'Task ' || 1 + n %% 3, 'task',
    (ARRAY['snapshot', 'changed_data', 'attendance_changed_data'])[1 + n %% 3], '{}',
    CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'done' END, 0, '', at, at, at + interval '9 seconds', 1, 0, false,
    'bench:1', '{}',
    CASE WHEN n %% 50 = 0 THEN 'failed' WHEN n %% 3 = 0 THEN 'exported' ELSE 'nothing_changed' END, true,
    CASE WHEN n %% 50 = 0 THEN 'source.token_rejected' ELSE '' END,
    CASE WHEN n %% 50 = 0 THEN 'SIMS ID rejects the secret of this base.' ELSE '' END, '', '', 240, true, '{}',
    '[]'
FROM generate_series(1, %(runs)s) AS n,
    LATERAL (SELECT now() - interval '1 hour' - (%(runs)s - n) * (interval '730 days' / %(runs)s) AS at) AS w
ON CONFLICT DO NOTHING;
-- Task log: one row in two hundred has words about an exception.
INSERT INTO task_log (base_id, run_id, file_name, task_id, task_name, data_type, cohort, logged_at, status,
    exception_details)
SELECT 1 + n %% %(bases)s, 1 + n %% %(runs)s, (8201000 + 1 + n %% %(bases)s)::text || '_CES_820LLLL_'
        || lpad((1 + n %% 999)::text, 3, '0') || '.xml',
    1 + n %% %(tasks)s, 'Task ' || 1 + n %% %(tasks)s,
    (ARRAY['snapshot', 'changed_data', 'attendance_changed_data'])[1 + n %% 3], 'All',
    now() - (%(log)s - n) * (interval '730 days' / %(log)s),
    CASE WHEN n %% 200 = 0 THEN 'failed' WHEN n %% 3 = 0 THEN 'exported' ELSE 'nothing_changed' END,
    CASE WHEN n %% 200 = 0 THEN 'Enter the new secret. SIMS ID rejects the secret of this base.' ELSE '' END
FROM generate_series((SELECT count(*) + 1 FROM task_log), %(log)s) AS n;
-- Pupils: names of which one in a thousand is Zoë, one in seventy O'Neill.
INSERT INTO pupil (id, created_at, created_by_run, is_active)
SELECT n, now(), 1, true FROM generate_series(1, %(pupils)s) AS n
ON CONFLICT DO NOTHING;
INSERT INTO pupil_basic_details (pupil_id, base_id, run_id, written_at, given_name, family_name, date_of_birth,
    sex, names_folded, sort_name)
SELECT n, 1 + n %% %(bases)s, 1, now(), given.name, family.name, date '2012-01-01' + n %% 4000, 'F',
    lower(translate(given.name, 'ë', 'e')) || ' ' || lower(replace(family.name, '''', '')),
    lower(replace(family.name, '''', '')) || '  ' || lower(translate(given.name, 'ë', 'e'))
FROM generate_series(1, %(pupils)s) AS n,
    LATERAL (SELECT CASE WHEN n %% 1000 = 7 THEN 'Zoë' ELSE initcap(left(md5(n::text), 7)) END AS name) AS given,
    LATERAL (SELECT CASE WHEN n %% 70 = 7 THEN 'O''Neill' WHEN n %% 90 = 1 THEN 'Ashby'
        ELSE initcap(substr(md5(n::text), 8, 9)) END AS name) AS family
ON CONFLICT DO NOTHING;
