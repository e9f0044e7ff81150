# Logits in float32 of a product with the output head, scaled and capped.
def finish_logits(self: __torch__.Decoder, y: Tensor) -> Tensor:
  return torch.tanh(y.float() * (self.logit_scale() / self.logit_cap())) * self.logit_cap()
