"""Who changed what, when, why and from where: plain ids, no foreign keys."""
