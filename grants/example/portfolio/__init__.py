"""A funder in the middle of its work: 26 applications in every state, made by the real actions over months."""
