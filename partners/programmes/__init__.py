"""Room of the calls: programmes, their questions, the pre-screen."""
