# Norms queries or keys [B, n, heads * h] by w [heads * h] and divides them into heads [B, heads, n, h].
def heads(self: __torch__.Decoder, y: Tensor, count: int, w: Tensor, b: Tensor) -> Tensor:
  return self.split(self.clip(self.norm(y, w, b)), count)
