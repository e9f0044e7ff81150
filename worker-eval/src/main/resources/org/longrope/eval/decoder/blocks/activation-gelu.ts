# Activation of a feed-forward: x * Phi(x).
def activate(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return torch.gelu(x, approximate="none")
