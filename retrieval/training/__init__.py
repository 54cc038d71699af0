"""Training of the text encoder and of the heads. Needs the optional group `torch`; a search never imports it."""
