-- Pupils of the register who may be meant: by a UPN (present or former), or by a birthday, sex and names; with
-- the other external ids that the base's source uses for each, their roll states, and whether the pupil may attend
-- another base that is in use, as the MIS of that says, if it lists the pupil. The names are looked for within what
-- is held folded, which may find too many and never too few.
WITH holder AS (
    SELECT wanted.external_id, identifiers.pupil_id
    FROM unnest(%(upn_ids)s::text[], %(upns)s::text[]) AS wanted (external_id, upn)
    JOIN pupil_identifiers identifiers ON identifiers.upn = wanted.upn
    UNION
    SELECT wanted.external_id, identifiers.pupil_id
    FROM unnest(%(upn_ids)s::text[], %(upns)s::text[]) AS wanted (external_id, upn)
    JOIN pupil_identifiers identifiers ON identifiers.former_upn = wanted.upn
    UNION
    SELECT wanted.external_id, details.pupil_id
    FROM unnest(%(birth_ids)s::text[], %(births)s::date[], %(sexes)s::text[], %(families)s::text[], %(givens)s::text[])
        AS wanted (external_id, born_on, sex, family, given)
    JOIN pupil_basic_details details ON details.date_of_birth = wanted.born_on AND details.sex = wanted.sex
    WHERE details.names_folded IS NULL
        OR (
            position(wanted.family IN details.names_folded) > 0
            AND position(wanted.given IN details.names_folded) > 0
        )
)
SELECT
    holder.external_id,
    holder.pupil_id,
    coalesce(identifiers.upn, ''),
    coalesce(identifiers.former_upn, ''),
    coalesce(details.family_name, ''),
    coalesce(details.given_name, ''),
    coalesce(to_char(details.date_of_birth, 'YYYY-MM-DD'), ''),
    coalesce(details.sex, ''),
    pupil.is_active,
    EXISTS (
        SELECT FROM pupil_external_id link
        JOIN base ON base.id = link.base_id AND base.is_active
        WHERE link.pupil_id = holder.pupil_id
            AND link.base_id <> %(base_id)s
            AND link.ended_at IS NULL
            AND link.roll_state = ANY(%(may_attend)s::text[])
            AND NOT EXISTS (
                SELECT FROM pupil_external_id AS mis
                WHERE mis.pupil_id = link.pupil_id
                    AND mis.base_id = link.base_id
                    AND mis.source = %(own_sources)s::jsonb ->> base.mis
                    AND mis.source <> link.source
                    AND mis.ended_at IS NULL
            )
    ),
    ARRAY(
        SELECT ARRAY[link.external_id, link.roll_state]
        FROM pupil_external_id link
        WHERE link.pupil_id = holder.pupil_id
            AND link.base_id = %(base_id)s
            AND link.source = %(source)s
            AND link.ended_at IS NULL
            AND link.external_id <> holder.external_id
    )
FROM holder
JOIN pupil ON pupil.id = holder.pupil_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = holder.pupil_id
LEFT JOIN pupil_basic_details details ON details.pupil_id = holder.pupil_id
