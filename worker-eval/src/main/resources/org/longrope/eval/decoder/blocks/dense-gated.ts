# Feed-forward down(activation(gate(x)) * up(x)).
def dense(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  gated = self.activate(self.project(x, self.gate(w), self.gate_bias(w)), w)
  return self.project(self.times(gated, self.project(x, self.up(w), self.up_bias(w))), self.down(w), self.down_bias(w))
