# Latent attention: a head has a part of width p that is not rotated, and one of width r that is.

# Queries [B, H, n, p + r] of hidden states [B, n, D], by way of a narrow vector where the model has one.
def query(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], s: int) -> Tensor:
  y = x
  if torch.ne(torch.numel(self.query_down(w)), 0):
    y = self.rms(self.project(x, self.query_down(w), self.query_down_bias(w)), self.query_down_norm(w), 9.9999999999999995e-07)
  q = self.split(self.project(y, self.wq(w), self.bq(w)), self.head_count())
  p = self.plain_width()
  rotated = self.rotate(torch.slice(q, -1, p, torch.size(q, -1), 1), cos, sin)
  return torch.cat([torch.slice(q, -1, 0, p, 1), rotated], -1)

# Keys [B, H, n, p + r] and values [B, H, n, v]. The heads share the rotated part of the keys.
def keys_values(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  both = self.project(x, self.key_value_down(w), self.key_value_down_bias(w))
  rank = torch.numel(self.key_value_down_norm(w))
  narrow = self.rms(torch.slice(both, -1, 0, rank, 1), self.key_value_down_norm(w), 9.9999999999999995e-07)
  kv = self.split(self.product(narrow, self.key_value_up(w), None), self.head_count())
  p = self.plain_width()
  shared = self.rotate(torch.unsqueeze(torch.slice(both, -1, rank, torch.size(both, -1), 1), 1), cos, sin)
  k = torch.cat([torch.slice(kv, -1, 0, p, 1), torch.expand(shared, [-1, self.head_count(), -1, -1])], -1)
  return (k, torch.slice(kv, -1, p, torch.size(kv, -1), 1))
