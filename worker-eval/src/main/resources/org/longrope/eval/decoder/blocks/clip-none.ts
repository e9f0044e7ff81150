# Projections that are not clipped.
def clip(self: __torch__.Decoder, y: Tensor) -> Tensor:
  return y
