"""Room of the submissions: answers, evidence, versions, and who may look."""
