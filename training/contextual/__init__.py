"""The training of index/contextual_model, which reads questions, and sentences in their passages."""
