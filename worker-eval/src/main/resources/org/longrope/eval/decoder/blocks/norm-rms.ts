# RMS norm over the last dimension.
def norm(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  return self.rms(x, w, self.norm_epsilon())
