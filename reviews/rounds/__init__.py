"""How reviewers agree over a round: the reviews of one programme, cut by dates."""
