# Gradient by scores that are not capped: x is the gradient by the scores z, in place.
def scores_back(self: __torch__.Decoder, x: Tensor, z: Tensor) -> Tensor:
  return x
