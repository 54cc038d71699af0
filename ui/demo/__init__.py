"""The demo: photographs that ship inside packages, one question in eleven languages, and the contact sheet."""
