"""People who sign in, and what they may do."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Role(models.TextChoices):
    """What a person is to the authority; rights hang on it (``accounts.rights``)."""

    ADMINISTRATOR = "administrator", "LA administrator"
    OFFICER = "officer", "LA data officer"
    READER = "reader", "Register reader"
    NOBODY = "nobody", "No rights"


class User(AbstractUser):
    """A person with a sign-in of their own.

    ``limited_to`` are the ids of the only bases the person may see: null is every base, none of them none.
    The bases stand on a floor above, and the row is read with every request: so ids, and no table between.
    """

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.NOBODY)
    limited_to = ArrayField(models.BigIntegerField(), null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        db_table = "account"

    class Privacy:
        level = "personal"
        kept = "until two years after the person left"
        fields = {"password": "secret"}


class SharedCount(models.Model):
    """What all web processes count together: how often somebody tried to sign in. Kept by Django's cache.

    A model of its own rather than `createcachetable`, so that it is migrated, emptied and looked after like
    every other table.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)  # what is counted, and of which address
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "shared_count"

    class Privacy:
        level = "personal"
        kept = "until it expires, at the latest the day after"
