# Expert e: down(activation(gate(x)) * up(x)).
def expert(self: __torch__.Decoder, x: Tensor, w: List[Tensor], e: int) -> Tensor:
  gated = self.activate(self.product(x, self.expert_gate(w, e), None), w)
  return self.product(self.times(gated, self.product(x, self.expert_up(w, e), None)), self.expert_down(w, e), None)
