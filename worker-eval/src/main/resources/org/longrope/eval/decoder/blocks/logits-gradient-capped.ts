# Backward pass of finish_logits, with z the capped logits: the gradient p by them, in place, becomes that by the
# product.
def logits_back(self: __torch__.Decoder, p: Tensor, z: Tensor) -> Tensor:
  slope = torch.mul_(torch.rsub(torch.square(z / self.logit_cap()), 1.), self.logit_scale())
  return torch.mul_(p, slope)
