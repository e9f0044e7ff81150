# Feed-forward down(activation(up(x))).
def dense(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return self.project(self.activate(self.project(x, self.up(w), self.up_bias(w)), w), self.down(w), self.down_bias(w))
