"""What a language model does with rows: its layers, in NumPy."""
