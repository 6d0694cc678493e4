"""Dated code sets as data, and the rules of identifiers: the words of the trade, free of any framework."""
