-- The year strings under the two names by which authorities' own SQL knows them.
CREATE VIEW dx_xml_attend AS
SELECT pupil_id AS stud_id, base_id, start_date, marks FROM attendance_year;
COMMENT ON VIEW dx_xml_attend IS
    'Marks of a pupil at a base in an academic year: two characters a calendar day from start_date, AM then PM; - is no mark.';
COMMENT ON COLUMN dx_xml_attend.stud_id IS 'The pupil: pupil.id.';
COMMENT ON COLUMN dx_xml_attend.base_id IS 'The school: base.id.';
COMMENT ON COLUMN dx_xml_attend.start_date IS 'The day of the first two characters.';
COMMENT ON COLUMN dx_xml_attend.marks IS 'Main characters of the attendance codes; whole codes are in attendance_year.whole_codes.';
CREATE VIEW dx_xml_attendance AS
SELECT stud_id, base_id, start_date, marks FROM dx_xml_attend;
COMMENT ON VIEW dx_xml_attendance IS 'The same as dx_xml_attend, under its other name.';
-- A nightly update keeps a new version of the row on its own page, and leaves the index alone.
ALTER TABLE attendance_year SET (fillfactor = 80);
