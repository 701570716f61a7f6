"""Room of the vetting checklists: criteria, weights, anchors, gates; versioned."""
