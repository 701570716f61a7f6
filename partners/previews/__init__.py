"""Room of the page images: what a paper looks like, drawn in the background; nothing of it runs in a browser."""
