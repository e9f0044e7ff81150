# Clips projections.
def clip(self: __torch__.Decoder, y: Tensor) -> Tensor:
  return torch.clamp(y, -self.clip_bound(), self.clip_bound())
