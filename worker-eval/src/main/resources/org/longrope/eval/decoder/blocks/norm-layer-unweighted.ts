# Layer norm over the last dimension without weights.
def norm(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  return torch.layer_norm(x, [torch.size(x, -1)], None, None, self.norm_epsilon())
