# Layer norm over the last dimension with weights 1 + w.
def norm(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  return torch.layer_norm(x, [torch.size(x, -1)], w + 1., b, self.norm_epsilon())
