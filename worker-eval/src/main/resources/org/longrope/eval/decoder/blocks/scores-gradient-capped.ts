# Gradient by scores before the cap: x is the gradient by the capped scores z, in place.
def scores_back(self: __torch__.Decoder, x: Tensor, z: Tensor) -> Tensor:
  return torch.mul_(x, torch.rsub(torch.square(z / self.score_cap()), 1.))
