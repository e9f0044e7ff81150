# Operations of evaluation, in place.

# x + y times the model's residual factor.
def add(self: __torch__.Decoder, x: Tensor, y: Tensor) -> Tensor:
  return torch.add_(x, y, alpha=self.residual_scale())

def times(self: __torch__.Decoder, x: Tensor, y: Tensor) -> Tensor:
  return torch.mul_(x, y)

def silu(self: __torch__.Decoder, x: Tensor) -> Tensor:
  return torch.silu_(x)
