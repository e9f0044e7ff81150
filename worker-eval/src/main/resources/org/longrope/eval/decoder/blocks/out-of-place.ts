# Operations of training, out of place, so that autograd can go back through them.

# x + y times the model's residual factor.
def add(self: __torch__.Decoder, x: Tensor, y: Tensor) -> Tensor:
  return torch.add(x, y, alpha=self.residual_scale())

def times(self: __torch__.Decoder, x: Tensor, y: Tensor) -> Tensor:
  return x * y

def silu(self: __torch__.Decoder, x: Tensor) -> Tensor:
  return torch.silu(x)
