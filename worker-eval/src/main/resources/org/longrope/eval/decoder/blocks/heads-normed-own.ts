# Divides queries or keys [B, n, heads * h] into heads [B, heads, n, h] and norms each by its row of w [heads, h].
def heads(self: __torch__.Decoder, y: Tensor, count: int, w: Tensor, b: Tensor) -> Tensor:
  split = self.split(self.clip(y), count)
  normed = torch.layer_norm(split, [torch.size(split, -1)], None, None, self.norm_epsilon())
  return normed * torch.unsqueeze(w, 1)
