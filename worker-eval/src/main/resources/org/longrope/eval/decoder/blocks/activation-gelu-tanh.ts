# Activation of a feed-forward: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).
def activate(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return torch.gelu(x, approximate="tanh")
