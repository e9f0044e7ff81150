# Attention for evaluation: of either kernel, whose output sinks take their share of.
def attend_heads(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int, sinks: Tensor) -> Tensor:
  o, lse = self.attend_heads_lse(q, k, v, s, window)
  return self.drop_sinks(o, lse, sinks)
