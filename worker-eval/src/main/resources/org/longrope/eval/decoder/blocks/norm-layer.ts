# Layer norm over the last dimension; b is empty where the model has no bias.
def norm(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  if torch.eq(torch.numel(b), 0):
    y = torch.layer_norm(x, [torch.size(x, -1)], w, None, self.norm_epsilon())
  else:
    y = torch.layer_norm(x, [torch.size(x, -1)], w, b, self.norm_epsilon())
  return y
