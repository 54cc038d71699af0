"""Audits: what an attacker or an independent eye still finds after anonymisation."""
