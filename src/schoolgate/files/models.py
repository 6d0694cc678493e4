"""Transfer files: every B2B message received or made, kept compressed, with its place in the queue."""

from __future__ import annotations

from django.db import models


class TransferFile(models.Model):
    """One message. ``number`` rises per base; its name wraps from 999 to 001, its id never."""

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="files")
    run = models.ForeignKey("runs.Run", on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    part = models.PositiveIntegerField(default=1)  # of the message, as its header says
    received_at = models.DateTimeField()
    landed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=20)  # an ImportJobStatus value
    pupils = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField()  # bytes of XML
    stored_size = models.PositiveBigIntegerField()  # bytes as kept
    digest = models.CharField(max_length=64)  # blake2b-256 of the XML, hexadecimal
    maker = models.CharField(max_length=60, blank=True, default="", db_default="")  # as the header says
    message_id = models.CharField(max_length=60, blank=True, default="", db_default="")  # the maker's own
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal_sentence = models.CharField(max_length=500, blank=True)
    refusal_line = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "transfer_file"
        constraints = [models.UniqueConstraint(fields=["base", "number"], name="transfer_file_number")]
        indexes = [
            # What came before is asked for at the door, among all that ever came of a base.
            models.Index(fields=["base", "digest"], name="transfer_file_digest"),
            models.Index(
                fields=["base", "maker", "message_id"],
                condition=~models.Q(message_id=""),
                name="transfer_file_message",
            ),
        ]

    class Privacy:
        level = "internal"
        kept = "as the System defaults say"


class FileContent(models.Model):
    """The bytes of a transfer file, gzip; a table of its own so that lists stay light."""

    file = models.OneToOneField(
        TransferFile, on_delete=models.CASCADE, primary_key=True, related_name="content"
    )
    body = models.BinaryField()

    class Meta:
        db_table = "transfer_file_content"

    class Privacy:
        level = "special"
        kept = "as the System defaults say"


class FileCounter(models.Model):
    """The last number given to a file of a base; it outlives the files, so no number comes twice."""

    base = models.OneToOneField(
        "bases.Base", on_delete=models.CASCADE, primary_key=True, related_name="file_counter"
    )
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "transfer_file_counter"

    class Privacy:
        level = "internal"
        kept = "as long as the base"
