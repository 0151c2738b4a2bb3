"""Prices are gradients: price the goods of a production network by backpropagation."""
