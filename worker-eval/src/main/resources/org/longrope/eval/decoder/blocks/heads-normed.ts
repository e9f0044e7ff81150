# Divides queries or keys [B, n, heads * h] into heads [B, heads, n, h] and norms each by w [h].
def heads(self: __torch__.Decoder, y: Tensor, count: int, w: Tensor, b: Tensor) -> Tensor:
  return self.norm(self.split(self.clip(y), count), w, b)
