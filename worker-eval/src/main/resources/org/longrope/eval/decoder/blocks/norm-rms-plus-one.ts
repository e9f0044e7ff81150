# RMS norm over the last dimension with weights 1 + w, in float32.
def norm(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  f = x.float()
  mean_square = torch.mean(f * f, [-1], True)
  return torch.to(f * torch.rsqrt(mean_square + self.norm_epsilon()) * (w.float() + 1.), x.dtype)
