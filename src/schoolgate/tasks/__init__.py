"""What is scheduled: transfers of pupil data for one base or a group of bases."""
