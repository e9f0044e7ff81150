# Divides queries or keys [B, n, heads * h] into heads [B, heads, n, h].
def heads(self: __torch__.Decoder, y: Tensor, count: int, w: Tensor, b: Tensor) -> Tensor:
  return self.split(self.clip(y), count)
