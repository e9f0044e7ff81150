# Feed-forward of every layer.
def feed_forward(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return self.dense(x, w)
