"""What scenes are drawn with: strokes, houses, trees, furniture, neighbours, and the scenes themselves."""
