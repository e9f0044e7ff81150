# Queries [B, H, n, h] of hidden states [B, n, D], rotated and then normed.
def query(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], s: int) -> Tensor:
  y = self.split(self.project(x, self.wq(w), self.bq(w)), self.head_count())
  return self.norm(self.rotate(y, cos, sin), self.query_norm(w), self.query_norm_bias(w))

# Keys, rotated and then normed, and values [B, G, n, h].
def keys_values(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  y = self.split(self.project(x, self.wk(w), self.bk(w)), self.group_count())
  k = self.norm(self.rotate(y, cos, sin), self.key_norm(w), self.key_norm_bias(w))
  v = self.split(self.project(x, self.wv(w), self.bv(w)), self.group_count())
  return (k, v)
