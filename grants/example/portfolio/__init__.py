"""A funder in the middle of its work: 25 applications in every state, made by the real actions over months."""
