# Activation of a feed-forward: max(x, 0).
def activate(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return torch.relu(x)
