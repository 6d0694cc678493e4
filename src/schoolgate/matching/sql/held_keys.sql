-- By what these pupils are known now or were known formerly.
SELECT
    pupil.id,
    ARRAY[identifiers.upn, identifiers.former_upn],
    to_char(details.date_of_birth, 'YYYY-MM-DD'),
    ARRAY[details.family_name, details.preferred_family_name, details.former_family_name],
    ARRAY[details.given_name, details.preferred_given_name],
    details.sex
FROM unnest(%(pupil_ids)s::bigint[]) AS pupil (id)
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = pupil.id
LEFT JOIN pupil_basic_details details ON details.pupil_id = pupil.id
