# Output o [B, n, t, v] of attention without sinks.
def drop_sinks(self: __torch__.Decoder, o: Tensor, lse: Tensor, sinks: Tensor) -> Tensor:
  return o
