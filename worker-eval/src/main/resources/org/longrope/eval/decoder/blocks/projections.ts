# Rotated queries [B, H, n, h] of normed hidden states [B, n, D], whose first position is s.
def query(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], s: int) -> Tensor:
  y = self.heads(self.project(x, self.wq(w), self.bq(w)), self.head_count(), self.query_norm(w), self.query_norm_bias(w))
  return self.scale_query(self.rotate(y, cos, sin), s)

# Rotated keys and values [B, G, n, h].
def keys_values(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  y = self.heads(self.project(x, self.wk(w), self.bk(w)), self.group_count(), self.key_norm(w), self.key_norm_bias(w))
  k = self.rotate(y, cos, sin)
  v = self.split(self.clip(self.project(x, self.wv(w), self.bv(w))), self.group_count())
  return (k, v)
