# Backward pass of finish_logits: the gradient p by logits z, in place, becomes that by the product.
def logits_back(self: __torch__.Decoder, p: Tensor, z: Tensor) -> Tensor:
  y = p
  if torch.ne(self.logit_scale(), 1.):
    y = torch.mul_(p, self.logit_scale())
  return y
