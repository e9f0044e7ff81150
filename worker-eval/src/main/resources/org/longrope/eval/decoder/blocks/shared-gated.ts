# Output of the expert that every token takes, times a share of its own.
def shared(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  gated = self.activate(self.product(x, self.shared_gate(w), None), w)
  y = self.product(self.times(gated, self.product(x, self.shared_up(w), None)), self.shared_down(w), None)
  return torch.sigmoid(self.product(x, self.shared_share(w), None)) * y
