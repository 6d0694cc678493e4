-- The register for an analyst: one flat row a pupil, and one view for every group that is a list.
-- Days are dates, codes are the codes of the named sets; labels are in docs/reference.

CREATE VIEW register_pupil AS
SELECT
    pupil.id AS pupil_id,
    pupil.is_active,
    identifiers.upn,
    identifiers.former_upn,
    identifiers.upn_unknown_reason,
    identifiers.uln,
    identifiers.uci,
    basic_details.family_name,
    basic_details.given_name,
    basic_details.middle_names,
    basic_details.preferred_family_name,
    basic_details.preferred_given_name,
    basic_details.former_family_name,
    basic_details.date_of_birth,
    basic_details.sex,
    address.saon,
    address.paon,
    address.street,
    address.locality,
    address.town,
    address.administrative_area,
    address.post_town,
    address.county,
    address.postcode,
    address.country,
    address.uprn,
    ethnicity_language.ethnicity,
    ethnicity_language.ethnicity_source,
    ethnicity_language.first_language,
    ethnicity_language.home_language,
    ethnicity_language.english_proficiency,
    ethnicity_language.religion,
    service_child.service_child,
    young_carer.young_carer,
    looked_after.in_care,
    looked_after.care_authority,
    looked_after.post_looked_after,
    here.school_dfe_number,
    here.school_name,
    here.entry_on,
    here.leaving_on,
    here.enrolment_status,
    here.nc_year,
    here.registration_group,
    (SELECT count(DISTINCT each.base_id) FROM pupil_enrolments each JOIN base ON base.id = each.base_id AND base.dfe_number = each.school_dfe_number
        WHERE each.pupil_id = pupil.id AND (each.entry_on IS NULL OR each.entry_on <= current_date) AND (each.leaving_on IS NULL OR each.leaving_on >= current_date)) AS schools_today,
    (SELECT each.provision FROM pupil_sen_provisions each WHERE each.pupil_id = pupil.id AND each.start_on <= current_date
        AND (each.end_on IS NULL OR each.end_on >= current_date) ORDER BY each.start_on DESC, each.position DESC LIMIT 1) AS sen_provision_today,
    EXISTS (SELECT 1 FROM pupil_free_school_meals each WHERE each.pupil_id = pupil.id AND each.start_on <= current_date
        AND (each.end_on IS NULL OR each.end_on >= current_date)) AS has_free_school_meals_today
FROM pupil
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = pupil.id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = pupil.id
LEFT JOIN pupil_address address ON address.pupil_id = pupil.id
LEFT JOIN pupil_ethnicity_language ethnicity_language ON ethnicity_language.pupil_id = pupil.id
LEFT JOIN pupil_service_child service_child ON service_child.pupil_id = pupil.id
LEFT JOIN pupil_young_carer young_carer ON young_carer.pupil_id = pupil.id
LEFT JOIN pupil_looked_after looked_after ON looked_after.pupil_id = pupil.id
LEFT JOIN LATERAL (
    SELECT each.*
    FROM pupil_enrolments each
    JOIN base ON base.id = each.base_id AND base.dfe_number = each.school_dfe_number
    WHERE each.pupil_id = pupil.id
        AND (each.entry_on IS NULL OR each.entry_on <= current_date)
        AND (each.leaving_on IS NULL OR each.leaving_on >= current_date)
    ORDER BY each.enrolment_status IN ('C', 'M') DESC, each.entry_on DESC NULLS LAST, each.base_id
    LIMIT 1
) here ON true;

COMMENT ON VIEW register_pupil IS 'One row a pupil: identifiers, details, address and the other single groups, with the enrolment of today.';
COMMENT ON COLUMN register_pupil.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_pupil.is_active IS 'Whether the record is in use';
COMMENT ON COLUMN register_pupil.upn IS 'Identifiers: UPN (CBDS N00001)';
COMMENT ON COLUMN register_pupil.former_upn IS 'Identifiers: Former UPN (CBDS N00002)';
COMMENT ON COLUMN register_pupil.upn_unknown_reason IS 'Identifiers: Reason UPN unknown (code set upn_unknown, CBDS N00135)';
COMMENT ON COLUMN register_pupil.uln IS 'Identifiers: Unique learner number (CBDS 100016)';
COMMENT ON COLUMN register_pupil.uci IS 'Identifiers: Unique candidate identifier';
COMMENT ON COLUMN register_pupil.family_name IS 'Basic details: Family name';
COMMENT ON COLUMN register_pupil.given_name IS 'Basic details: Given name';
COMMENT ON COLUMN register_pupil.middle_names IS 'Basic details: Middle names';
COMMENT ON COLUMN register_pupil.preferred_family_name IS 'Basic details: Preferred family name';
COMMENT ON COLUMN register_pupil.preferred_given_name IS 'Basic details: Preferred given name';
COMMENT ON COLUMN register_pupil.former_family_name IS 'Basic details: Former family name';
COMMENT ON COLUMN register_pupil.date_of_birth IS 'Basic details: Date of birth (CBDS N00066)';
COMMENT ON COLUMN register_pupil.sex IS 'Basic details: Sex (code set sex, CBDS N00783)';
COMMENT ON COLUMN register_pupil.saon IS 'Address: Flat or part of building';
COMMENT ON COLUMN register_pupil.paon IS 'Address: House number or name';
COMMENT ON COLUMN register_pupil.street IS 'Address: Street';
COMMENT ON COLUMN register_pupil.locality IS 'Address: Locality';
COMMENT ON COLUMN register_pupil.town IS 'Address: Town';
COMMENT ON COLUMN register_pupil.administrative_area IS 'Address: Administrative area';
COMMENT ON COLUMN register_pupil.post_town IS 'Address: Post town';
COMMENT ON COLUMN register_pupil.county IS 'Address: County';
COMMENT ON COLUMN register_pupil.postcode IS 'Address: Postcode';
COMMENT ON COLUMN register_pupil.country IS 'Address: Country';
COMMENT ON COLUMN register_pupil.uprn IS 'Address: UPRN';
COMMENT ON COLUMN register_pupil.ethnicity IS 'Ethnicity and language: Ethnicity (code set ethnicity, CBDS N00177)';
COMMENT ON COLUMN register_pupil.ethnicity_source IS 'Ethnicity and language: Source of ethnicity (code set ethnicity_source)';
COMMENT ON COLUMN register_pupil.first_language IS 'Ethnicity and language: First language (code set language)';
COMMENT ON COLUMN register_pupil.home_language IS 'Ethnicity and language: Home language (code set language)';
COMMENT ON COLUMN register_pupil.english_proficiency IS 'Ethnicity and language: Proficiency in English (code set english_proficiency)';
COMMENT ON COLUMN register_pupil.religion IS 'Ethnicity and language: Religion (code set religion)';
COMMENT ON COLUMN register_pupil.service_child IS 'Service child: Service child (code set service_child, CBDS 100330)';
COMMENT ON COLUMN register_pupil.young_carer IS 'Young carer: Young carer (code set young_carer)';
COMMENT ON COLUMN register_pupil.in_care IS 'Looked after: Looked after';
COMMENT ON COLUMN register_pupil.care_authority IS 'Looked after: Authority responsible';
COMMENT ON COLUMN register_pupil.post_looked_after IS 'Looked after: Arrangement after care (code set post_looked_after)';
COMMENT ON COLUMN register_pupil.school_dfe_number IS 'School the pupil is on the roll of today (DfE number); the main one where there are two';
COMMENT ON COLUMN register_pupil.school_name IS 'Name of that school';
COMMENT ON COLUMN register_pupil.entry_on IS 'Entry date at that school';
COMMENT ON COLUMN register_pupil.leaving_on IS 'Leaving date at that school, where one is known already';
COMMENT ON COLUMN register_pupil.enrolment_status IS 'Enrolment status at that school (code set enrolment_status)';
COMMENT ON COLUMN register_pupil.nc_year IS 'National Curriculum Year (code set nc_year)';
COMMENT ON COLUMN register_pupil.registration_group IS 'Registration group at that school';
COMMENT ON COLUMN register_pupil.schools_today IS 'How many schools of the authority have the pupil on their roll today';
COMMENT ON COLUMN register_pupil.sen_provision_today IS 'SEN provision today (code set sen_provision)';
COMMENT ON COLUMN register_pupil.has_free_school_meals_today IS 'Whether the pupil is eligible for free school meals today';

CREATE VIEW register_communications AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.kind,
    held.location,
    held.value,
    held.is_main,
    held.run_id,
    held.written_at
FROM pupil_communications held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_communications IS 'Telephones and e-mails: a row for each entry; one record a pupil, whichever school sent it.';
COMMENT ON COLUMN register_communications.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_communications.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_communications.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_communications.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_communications.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_communications.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_communications.kind IS 'Kind (code set communication_kind)';
COMMENT ON COLUMN register_communications.location IS 'Telephone type (code set phone_type)';
COMMENT ON COLUMN register_communications.value IS 'Number or address';
COMMENT ON COLUMN register_communications.is_main IS 'Main';
COMMENT ON COLUMN register_communications.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_communications.written_at IS 'When the row was written';

CREATE VIEW register_contacts AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.priority,
    held.title,
    held.family_name,
    held.given_name,
    held.middle_names,
    held.sex,
    held.relationship,
    held.has_responsibility,
    held.lives_with_pupil,
    held.saon,
    held.paon,
    held.street,
    held.locality,
    held.town,
    held.postcode,
    held.home_telephone,
    held.mobile_telephone,
    held.work_telephone,
    held.email,
    held.run_id,
    held.written_at
FROM pupil_contacts held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_contacts IS 'Contacts: a row for each entry; one record a pupil, whichever school sent it.';
COMMENT ON COLUMN register_contacts.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_contacts.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_contacts.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_contacts.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_contacts.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_contacts.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_contacts.priority IS 'Priority';
COMMENT ON COLUMN register_contacts.title IS 'Title';
COMMENT ON COLUMN register_contacts.family_name IS 'Family name';
COMMENT ON COLUMN register_contacts.given_name IS 'Given name';
COMMENT ON COLUMN register_contacts.middle_names IS 'Middle names';
COMMENT ON COLUMN register_contacts.sex IS 'Sex (code set sex)';
COMMENT ON COLUMN register_contacts.relationship IS 'Relationship (code set relationship)';
COMMENT ON COLUMN register_contacts.has_responsibility IS 'Parental responsibility';
COMMENT ON COLUMN register_contacts.lives_with_pupil IS 'Address as pupil';
COMMENT ON COLUMN register_contacts.saon IS 'Flat or part of building';
COMMENT ON COLUMN register_contacts.paon IS 'House number or name';
COMMENT ON COLUMN register_contacts.street IS 'Street';
COMMENT ON COLUMN register_contacts.locality IS 'Locality';
COMMENT ON COLUMN register_contacts.town IS 'Town';
COMMENT ON COLUMN register_contacts.postcode IS 'Postcode';
COMMENT ON COLUMN register_contacts.home_telephone IS 'Home telephone';
COMMENT ON COLUMN register_contacts.mobile_telephone IS 'Mobile telephone';
COMMENT ON COLUMN register_contacts.work_telephone IS 'Work telephone';
COMMENT ON COLUMN register_contacts.email IS 'E-mail';
COMMENT ON COLUMN register_contacts.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_contacts.written_at IS 'When the row was written';

CREATE VIEW register_enrolments AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.school_dfe_number,
    held.school_name,
    held.entry_on,
    held.leaving_on,
    held.leaving_reason,
    held.enrolment_status,
    held.nc_year,
    held.registration_group,
    held.boarder,
    held.run_id,
    held.written_at
FROM pupil_enrolments held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_enrolments IS 'Enrolment and school history: a row for each entry; one record a pupil and base.';
COMMENT ON COLUMN register_enrolments.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_enrolments.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_enrolments.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_enrolments.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_enrolments.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_enrolments.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_enrolments.school_dfe_number IS 'School (DfE number)';
COMMENT ON COLUMN register_enrolments.school_name IS 'School name';
COMMENT ON COLUMN register_enrolments.entry_on IS 'Entry date';
COMMENT ON COLUMN register_enrolments.leaving_on IS 'Leaving date';
COMMENT ON COLUMN register_enrolments.leaving_reason IS 'Leaving reason (code set leaving_reasons)';
COMMENT ON COLUMN register_enrolments.enrolment_status IS 'Enrolment status (code set enrolment_status)';
COMMENT ON COLUMN register_enrolments.nc_year IS 'National Curriculum Year (code set nc_year)';
COMMENT ON COLUMN register_enrolments.registration_group IS 'Registration group';
COMMENT ON COLUMN register_enrolments.boarder IS 'Boarder (code set boarder)';
COMMENT ON COLUMN register_enrolments.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_enrolments.written_at IS 'When the row was written';

CREATE VIEW register_sen_provisions AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.provision,
    held.start_on,
    held.end_on,
    held.run_id,
    held.written_at
FROM pupil_sen_provisions held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_sen_provisions IS 'SEN provision: a row for each entry; one record a pupil, whichever school sent it.';
COMMENT ON COLUMN register_sen_provisions.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_sen_provisions.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_sen_provisions.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_sen_provisions.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_sen_provisions.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_sen_provisions.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_sen_provisions.provision IS 'SEN provision (code set sen_provision)';
COMMENT ON COLUMN register_sen_provisions.start_on IS 'Start date';
COMMENT ON COLUMN register_sen_provisions.end_on IS 'End date';
COMMENT ON COLUMN register_sen_provisions.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_sen_provisions.written_at IS 'When the row was written';

CREATE VIEW register_sen_needs AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.rank,
    held.need_type,
    held.start_on,
    held.end_on,
    held.run_id,
    held.written_at
FROM pupil_sen_needs held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_sen_needs IS 'SEN needs: a row for each entry; one record a pupil, whichever school sent it.';
COMMENT ON COLUMN register_sen_needs.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_sen_needs.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_sen_needs.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_sen_needs.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_sen_needs.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_sen_needs.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_sen_needs.rank IS 'Rank';
COMMENT ON COLUMN register_sen_needs.need_type IS 'Type of need (code set sen_type)';
COMMENT ON COLUMN register_sen_needs.start_on IS 'Start date';
COMMENT ON COLUMN register_sen_needs.end_on IS 'End date';
COMMENT ON COLUMN register_sen_needs.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_sen_needs.written_at IS 'When the row was written';

CREATE VIEW register_free_school_meals AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.start_on,
    held.end_on,
    held.country,
    held.run_id,
    held.written_at
FROM pupil_free_school_meals held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_free_school_meals IS 'Free school meals: a row for each entry; one record a pupil, whichever school sent it.';
COMMENT ON COLUMN register_free_school_meals.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_free_school_meals.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_free_school_meals.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_free_school_meals.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_free_school_meals.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_free_school_meals.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_free_school_meals.start_on IS 'Start date';
COMMENT ON COLUMN register_free_school_meals.end_on IS 'End date';
COMMENT ON COLUMN register_free_school_meals.country IS 'Country (code set uk_country)';
COMMENT ON COLUMN register_free_school_meals.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_free_school_meals.written_at IS 'When the row was written';

CREATE VIEW register_suspensions AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.category,
    held.reason_1,
    held.reason_2,
    held.reason_3,
    held.start_on,
    held.end_on,
    held.start_session,
    held.school_days,
    held.run_id,
    held.written_at
FROM pupil_suspensions held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_suspensions IS 'Suspensions and exclusions: a row for each entry; one record a pupil and base.';
COMMENT ON COLUMN register_suspensions.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_suspensions.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_suspensions.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_suspensions.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_suspensions.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_suspensions.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_suspensions.category IS 'Category (code set suspension_type, CBDS N00026)';
COMMENT ON COLUMN register_suspensions.reason_1 IS 'First reason (code set suspension_reason, CBDS N00685)';
COMMENT ON COLUMN register_suspensions.reason_2 IS 'Second reason (code set suspension_reason, CBDS N00686)';
COMMENT ON COLUMN register_suspensions.reason_3 IS 'Third reason (code set suspension_reason, CBDS N00687)';
COMMENT ON COLUMN register_suspensions.start_on IS 'Start date';
COMMENT ON COLUMN register_suspensions.end_on IS 'End date';
COMMENT ON COLUMN register_suspensions.start_session IS 'Starts in session (code set school_session)';
COMMENT ON COLUMN register_suspensions.school_days IS 'School days';
COMMENT ON COLUMN register_suspensions.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_suspensions.written_at IS 'When the row was written';

CREATE VIEW register_attainment AS
SELECT
    held.pupil_id,
    identifiers.upn,
    basic_details.family_name AS pupil_family_name,
    basic_details.given_name AS pupil_given_name,
    base.dfe_number AS sent_by,
    held.position,
    held.stage,
    held.year,
    held.locale,
    held.subject,
    held.method,
    held.component,
    held.result_status,
    held.result_qualifier,
    held.result,
    held.result_on,
    held.run_id,
    held.written_at
FROM pupil_attainment held
JOIN base ON base.id = held.base_id
LEFT JOIN pupil_identifiers identifiers ON identifiers.pupil_id = held.pupil_id
LEFT JOIN pupil_basic_details basic_details ON basic_details.pupil_id = held.pupil_id;

COMMENT ON VIEW register_attainment IS 'Attainment: a row for each entry; one record a pupil, whichever school sent it.';
COMMENT ON COLUMN register_attainment.pupil_id IS 'Our own id of the pupil';
COMMENT ON COLUMN register_attainment.upn IS 'The pupil''s UPN';
COMMENT ON COLUMN register_attainment.pupil_family_name IS 'The pupil''s family name';
COMMENT ON COLUMN register_attainment.pupil_given_name IS 'The pupil''s given name';
COMMENT ON COLUMN register_attainment.sent_by IS 'DfE number of the school whose file wrote the row';
COMMENT ON COLUMN register_attainment.position IS 'Place of the row among the pupil''s, from 1';
COMMENT ON COLUMN register_attainment.stage IS 'Key stage (code set assessment_stage)';
COMMENT ON COLUMN register_attainment.year IS 'Year';
COMMENT ON COLUMN register_attainment.locale IS 'Locale';
COMMENT ON COLUMN register_attainment.subject IS 'Subject';
COMMENT ON COLUMN register_attainment.method IS 'Method';
COMMENT ON COLUMN register_attainment.component IS 'Component';
COMMENT ON COLUMN register_attainment.result_status IS 'Result status (code set result_status)';
COMMENT ON COLUMN register_attainment.result_qualifier IS 'Result qualifier (code set result_qualifier)';
COMMENT ON COLUMN register_attainment.result IS 'Result';
COMMENT ON COLUMN register_attainment.result_on IS 'Result date';
COMMENT ON COLUMN register_attainment.run_id IS 'The run that wrote the row';
COMMENT ON COLUMN register_attainment.written_at IS 'When the row was written';
