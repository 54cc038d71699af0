"""Detectors of faces and plates: one file each, one interface (`indexer.stages.Detector`)."""
