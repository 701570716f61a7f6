"""References: asked for by a link that serves once, answered without an account, never shown to the partner."""
